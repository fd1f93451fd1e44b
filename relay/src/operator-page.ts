/** The operator's page: one sheet of HTML without scripts, which says in plain words how the ring is and what it needs. */
import type { RefusalNote } from '../../src/core/codec/counters.ts';
import { LEASE_GRACE_MS, RELEASE_GRACE_MS } from '../../src/core/storage/lease.ts';
import { MEASURED_MS, type RingPresence } from '../../src/core/storage/presence.ts';
import { TARGET, TARGET_ALONE, type Proposal, type Prospect } from '../../src/core/storage/proposal.ts';
import { dial } from './operator-dial.ts';
import type { OperatorReport } from './operator-report.ts';

export const OPERATOR_STYLE_PATH = '/operator/page.css';
/** The page asks for itself again after so long. */
const REFRESH_SECONDS = 60;
const ACCOUNTS_SHOWN = 50;
const NOTES_SHOWN = 12;
const DAY_MS = 24 * 60 * 60_000;

export function operatorPage(report: OperatorReport): string {
  const { status, at } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>${escaped(status.domain)} – relay</title>
<link rel="stylesheet" href="${OPERATOR_STYLE_PATH}">
</head>
<body>
<header>
<h1>${escaped(status.domain)}</h1>
<p>The relay on ${escaped(dateText(at))}. ${status.status === 'ok' ? 'It has its place in the ring.' : 'It is looking for its place in the ring.'}</p>
</header>
<main>
${presenceSection(report)}
${copiesSection(report)}
${accountsSection(report)}
${garbageSection(report)}
${notesSection(report.notes)}
</main>
</body>
</html>
`;
}

function presenceSection({ presence, status }: OperatorReport): string {
  const { devices, nearlyAlways, often, seldom, meanShare } = presence;
  const night = [...presence.hours].sort((a, b) => a.p - b.p)[0];
  const worst = night
    ? `<p>Least is there ${hourText(night)}: then ${percent(night.p)} of the copies that devices hold are within reach, and the relay stands in for the rest.</p>`
    : '';
  return section(
    'Who is here',
    `<div class="beside">${dial(presence.hours)}
<div>
<p class="lead">${plural(devices, 'device')} in the last 30 days, ${status.peers} linked now.</p>
<p>A device is open ${percent(meanShare)} of the time. ${plural(nearlyAlways, 'is', 'are')} open nearly always, ${often} often, ${seldom} less than three tenths of the time.</p>
${worst}
<p class="quiet">${measuredText(presence)}</p>
</div></div>`,
  );
}

function measuredText({ startedAt, observed, isMeasured }: RingPresence): string {
  const since = `Measured since ${dateText(startedAt)}; this relay was on for ${percent(observed)} of that time.`;
  if (isMeasured) return since;
  return `${since} A proposal needs ${MEASURED_MS / DAY_MS} days, so that nights and a weekend are among them.`;
}

function copiesSection(report: OperatorReport): string {
  const { inForce, proposal } = report;
  const now = `<p class="lead">Each block has ${plural(inForce.k, 'copy', 'copies')} on devices and ${inForce.a} on relays.</p>`;
  if (proposal === undefined)
    return section(
      'How many copies',
      `${now}<p>Whether that fits these devices is not known yet: see above.</p>`,
    );
  return section(
    'How many copies',
    `${now}<p>${adviceText(proposal)}</p>${policyTable(report, proposal)}${relaysText(proposal, report)}${applyText(proposal)}${detailsOf(proposal)}`,
  );
}

function adviceText({ inForce, proposed, p }: Proposal): string {
  const while_ = `A copy is within reach ${percent(p)} of the time in which somebody reads.`;
  if (isSame(inForce, proposed)) return `${while_} That fits: nothing needs to change.`;
  const less = proposed.k < inForce.k ? 'Fewer are enough' : 'More are needed';
  return `${while_} ${less}: <strong>${proposed.k} on devices and ${proposed.a} on relays</strong> are proposed. While the relay is down, ${percent(proposed.succeedsAlone)} of actions would then succeed at once, instead of ${percent(inForce.succeedsAlone)}.`;
}

function policyTable({ costs }: OperatorReport, { inForce, proposed }: Proposal): string {
  const rows: readonly (readonly [string, (prospect: Prospect, which: 'inForce' | 'proposed') => string])[] =
    [
      ['Copies on devices (k)', ({ k }) => String(k)],
      ['Copies on relays (a)', ({ a }) => String(a)],
      ['Actions that succeed at once', ({ succeeds }) => percent(succeeds)],
      ['… while the relay is down', ({ succeedsAlone }) => percent(succeedsAlone)],
      ['… in the worst hour of the week then', ({ worstAlone }) => percent(worstAlone)],
      ['Bytes on all devices', (_, which) => (costs ? sizeText(costs[which].onDevices) : 'not known here')],
      ['Bytes on one device', (_, which) => (costs ? sizeText(costs[which].aDevice) : 'not known here')],
      ['Bytes on relays', (_, which) => (costs ? sizeText(costs[which].onRelays) : 'not known here')],
    ];
  const body = rows
    .map(
      ([name, of]) =>
        `<tr><th scope="row">${name}</th><td>${of(inForce, 'inForce')}</td><td>${of(proposed, 'proposed')}</td></tr>`,
    )
    .join('\n');
  return `<table><thead><tr><td></td><th scope="col">In force</th><th scope="col">Proposed</th></tr></thead><tbody>
${body}</tbody></table>`;
}

function relaysText(
  { relaysNeeded, proposed }: Proposal,
  { deviceQuotaBytes, costs }: OperatorReport,
): string {
  const lines: string[] = [];
  if (relaysNeeded > proposed.a)
    lines.push(
      `For ${percent(TARGET)} of actions to succeed at once the ring would need ${relaysNeeded} relays, or this one to be on more of the time.`,
    );
  if (proposed.succeedsAlone < TARGET_ALONE)
    lines.push(
      `While the relay is down these devices cannot reach ${percent(TARGET_ALONE)} with as many copies as a ring may have: they are open too little.`,
    );
  if (costs && costs.proposed.aDevice > deviceQuotaBytes)
    lines.push(
      `One device would hold more than the ${sizeText(deviceQuotaBytes)} that it offers: disks would fill up.`,
    );
  return lines.map((line) => `<p>${line}</p>`).join('');
}

function applyText({ inForce, proposed }: Proposal): string {
  if (isSame(inForce, proposed)) return '';
  return `<p>It is yours to decide. To apply it, write this into <code>epost.toml</code> and start the relay again:</p>
<pre>replicas = ${proposed.k}
relay_replicas = ${proposed.a}</pre>
<p class="quiet">The relay then signs a new description of the ring. Each device fetches it when its tab opens, and goes by it from the next opening on. New mail gets the new number of copies; what is stored already gets further ones when too few of its devices are open.</p>`;
}

function detailsOf({ p, inForce, proposed }: Proposal): string {
  const row = (name: string, of: (prospect: Prospect) => number): string =>
    `<tr><th scope="row">${name}</th><td>${scientific(of(inForce))}</td><td>${scientific(of(proposed))}</td></tr>`;
  return `<details><summary>The exact terms</summary>
<p>Kangasharju, Ross and Turner (2003): p = ${p.toFixed(3)}; k = log(1 − √p<sub>t</sub>) / log(1 − p), by the hour, with p<sub>t</sub> = ${TARGET_ALONE} without relays and ${TARGET} with them. Probabilities that one object is missed on devices:</p>
<table><thead><tr><td></td><th scope="col">In force</th><th scope="col">Proposed</th></tr></thead><tbody>
${row('p<sub>l1</sub>: all its holders are closed', ({ absence }) => absence)}
${row('p<sub>l2</sub>: closer devices came back', ({ returns }) => returns)}
${row('p<sub>l3</sub>: new devices came closer', ({ newcomers }) => newcomers)}
</tbody></table></details>`;
}

function accountsSection({ accounts, status }: OperatorReport): string {
  const shown = accounts.slice(0, ACCOUNTS_SHOWN);
  const rows = shown
    .map(
      ({ name, blocks, bytes, quotaBytes, graceBytes }) =>
        `<tr><th scope="row">${escaped(name)}</th><td>${sizeText(bytes)} in ${plural(blocks, 'block')}</td><td>${quotaText(bytes, quotaBytes)}</td><td>${graceBytes === 0 ? 'nothing' : sizeText(graceBytes)}</td></tr>`,
    )
    .join('\n');
  const rest = accounts.length - shown.length;
  const table =
    shown.length === 0
      ? '<p>Nobody stores anything here yet. Invite people with <code>npm start -- invite</code>.</p>'
      : `<table class="accounts"><thead><tr><th scope="col">Address</th><th scope="col">Stores</th><th scope="col">Share of the quota</th><th scope="col">In grace</th></tr></thead><tbody>
${rows}</tbody></table>${rest > 0 ? `<p class="quiet">${plural(rest, 'other')} store less.</p>` : ''}${graceText(accounts)}`;
  return section(
    'Who stores how much',
    `<p class="lead">${sizeText(status.bytes)} of ${sizeText(status.quotaBytes)} are used on this disk, by ${plural(status.blocks, 'block')} and what belongs to them.</p>${table}`,
  );
}

function quotaText(bytes: number, quotaBytes: number): string {
  return quotaBytes === 0 ? 'no quota' : `${percent(bytes / quotaBytes)} of ${sizeText(quotaBytes)}`;
}

function graceText(accounts: OperatorReport['accounts']): string {
  const bytes = accounts.reduce((sum, { graceBytes }) => sum + graceBytes, 0);
  const now = bytes === 0 ? 'Nothing is' : `${sizeText(bytes)} are`;
  return `<p class="quiet">${now} in grace: blocks that members gave up, or claim no more because all their devices stayed away, stay ${RELEASE_GRACE_MS / DAY_MS} or ${LEASE_GRACE_MS / DAY_MS} days longer, and go then if nobody else claims them.</p>`;
}

function garbageSection({ counts }: OperatorReport): string {
  const facts = [
    `${plural(counts.collected, 'block was', 'blocks were')} dropped that nobody claimed any more.`,
    `${plural(counts.surplusDropped, 'copy', 'copies')} beyond those that are needed went to make room.`,
    `${plural(counts.copied, 'copy was', 'copies were')} made for other nodes, ${counts.fetched} fetched from them.`,
    `${plural(counts.overQuota, 'time', 'times')} somebody was refused for lack of space of their own.`,
    `${plural(counts.liars, 'node')} said that they hold what they could not prove; ${plural(counts.damaged, 'damaged thing')} on this disk.`,
  ];
  return section('Since the relay started', `<ul>${facts.map((fact) => `<li>${fact}</li>`).join('')}</ul>`);
}

function notesSection(notes: readonly RefusalNote[]): string {
  if (notes.length === 0) return '';
  const items = notes
    .slice(0, NOTES_SHOWN)
    .map(
      ({ at, area, code, reason }) =>
        `<li><time>${escaped(dateText(at))}</time> ${escaped(reason)} <span class="quiet">${escaped(`${area}.${code}`)}</span></li>`,
    )
    .join('\n');
  return section('What was refused last', `<ul>${items}</ul>`);
}

function section(title: string, body: string): string {
  return `<section><h2>${title}</h2>\n${body}\n</section>`;
}

function isSame(a: Prospect, b: Prospect): boolean {
  return a.k === b.k && a.a === b.a;
}

function hourText({ hour, weekend }: { readonly hour: number; readonly weekend: boolean }): string {
  return `at ${String(hour).padStart(2, '0')}:00 UTC ${weekend ? 'at weekends' : 'on working days'}`;
}

/** Never rounded up to all. */
function percent(share: number): string {
  const hundredths = 100 * share;
  if (hundredths >= 99.5 && share < 1) return `${(Math.floor(hundredths * 100) / 100).toFixed(2)} %`;
  return `${hundredths < 9.95 ? hundredths.toFixed(1) : hundredths.toFixed(0)} %`;
}

function scientific(value: number): string {
  if (value === 0 || value >= 0.001) return value.toFixed(3);
  const exponent = Math.floor(Math.log10(value));
  return `${(value / 10 ** exponent).toFixed(1)} × 10<sup>${exponent}</sup>`;
}

function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function dateText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ', ')} UTC`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
