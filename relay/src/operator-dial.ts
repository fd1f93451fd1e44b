/** The week as a postmark: 24 hours around a ring, and on each how much of what devices hold is within reach. */
import type { HourOfPresence } from '../../src/core/storage/presence.ts';

const SIZE = 240;
const CENTRE = SIZE / 2;
const INNER = 44;
const OUTER = 100;
const HOURS = 24;

/** An SVG with a bar for each hour, midnight (UTC) at the top: working days in ink, weekends faint beside them. */
export function dial(hours: readonly HourOfPresence[]): string {
  const bars = hours.map((hour) => bar(hour)).join('');
  const ticks = [0, 6, 12, 18].map(label).join('');
  return `<svg class="dial" viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="${words(hours)}">
<circle class="ring" cx="${CENTRE}" cy="${CENTRE}" r="${OUTER}"/><circle class="ring" cx="${CENTRE}" cy="${CENTRE}" r="${INNER}"/>
${bars}${ticks}</svg>`;
}

function bar({ hour, weekend, p }: HourOfPresence): string {
  const angle = ((hour + (weekend ? 0.72 : 0.34)) / HOURS) * 2 * Math.PI;
  const [from, to] = [INNER + 3, INNER + 3 + Math.min(1, p) * (OUTER - INNER - 6)];
  const at = (radius: number): string =>
    `${(CENTRE + radius * Math.sin(angle)).toFixed(1)} ${(CENTRE - radius * Math.cos(angle)).toFixed(1)}`;
  return `<path class="${weekend ? 'weekend' : 'weekday'}" d="M ${at(from)} L ${at(to)}"/>`;
}

function label(hour: number): string {
  const angle = (hour / HOURS) * 2 * Math.PI;
  const [x, y] = [CENTRE + (OUTER + 11) * Math.sin(angle), CENTRE - (OUTER + 11) * Math.cos(angle)];
  return `<text x="${x.toFixed(1)}" y="${(y + 4).toFixed(1)}">${hour}</text>`;
}

/** For who does not see it. */
function words(hours: readonly HourOfPresence[]): string {
  if (hours.length === 0) return 'Nothing is measured yet.';
  const shares = hours
    .filter(({ weekend }) => !weekend)
    .map(({ hour, p }) => `${hour}:00 ${Math.round(100 * p)} %`)
    .join(', ');
  return `Share of the copies on devices that is within reach on working days, by the hour (UTC): ${shares}.`;
}
