/** The operator's page in the app's colours and sizes: paper, ink and hairlines. */

export const OPERATOR_STYLE = `:root {
  color-scheme: light dark;
  --paper: oklch(98.5% 0.004 85);
  --surface: oklch(100% 0 0);
  --ink: oklch(24% 0.02 260);
  --ink-quiet: oklch(45% 0.018 260);
  --ink-faint: oklch(72% 0.012 260);
  --hairline: oklch(90% 0.006 85);
  --accent: oklch(60% 0.19 33);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: oklch(19% 0.012 260);
    --surface: oklch(22.5% 0.013 260);
    --ink: oklch(93% 0.006 85);
    --ink-quiet: oklch(73% 0.012 260);
    --ink-faint: oklch(46% 0.014 260);
    --hairline: oklch(31% 0.014 260);
    --accent: oklch(68% 0.19 33);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 56rem;
  padding: 48px 24px;
  background: var(--paper);
  color: var(--ink);
  font: 0.875rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
header { margin-bottom: 32px; }
h1 { margin: 0; font-size: 1.625rem; font-weight: 600; letter-spacing: -0.01em; }
h2 { margin: 0 0 12px; font-size: 1rem; font-weight: 600; }
header p, .quiet { margin: 4px 0; color: var(--ink-quiet); }
section {
  margin: 16px 0;
  padding: 24px;
  border: 1px solid var(--hairline);
  border-radius: 14px;
  background: var(--surface);
}
.lead {
  margin: 0 0 8px;
  font: 1.25rem/1.35 ui-serif, 'Iowan Old Style', 'Source Serif 4', Georgia, serif;
}
.beside { display: flex; flex-wrap: wrap; gap: 24px; align-items: center; }
.beside > div { flex: 1 1 20rem; }
.dial { flex: none; width: 240px; height: 240px; }
.ring { fill: none; stroke: var(--hairline); }
.weekday { stroke: var(--ink); stroke-width: 5; stroke-linecap: round; }
.weekend { stroke: var(--ink-faint); stroke-width: 3; stroke-linecap: round; }
.dial text { fill: var(--ink-quiet); font-size: 11px; text-anchor: middle; }
table { width: 100%; margin: 12px 0; border-collapse: collapse; }
th { text-align: left; font-weight: 400; }
thead th { color: var(--ink-quiet); font-size: 0.75rem; }
td, thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
tbody th, tbody td { padding: 6px 0; border-top: 1px solid var(--hairline); overflow-wrap: anywhere; }
td { padding-left: 16px; white-space: nowrap; }
.accounts tbody td { padding-left: 12px; overflow-wrap: normal; white-space: normal; }
.accounts th:not(:first-child) { padding-left: 12px; }
ul { margin: 0; padding-left: 20px; }
li { margin: 4px 0; overflow-wrap: anywhere; }
time { color: var(--ink-quiet); font-variant-numeric: tabular-nums; }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
pre { margin: 8px 0; padding: 12px; border: 1px solid var(--hairline); border-radius: 8px; background: var(--paper); }
summary { width: fit-content; cursor: pointer; color: var(--ink-quiet); }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
