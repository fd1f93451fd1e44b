/**
 * `npm run sim -- storage --nodes N --days D --seed S …`: blocks on tabs that come and go for weeks; a table, and as the last
 * line one JSON object.
 */
import { BadArguments, numberOf, parseArguments, type ArgumentKind } from './overlay/arguments.ts';
import { table } from './overlay/figures.ts';
import { simulateStorage } from './storage/campaign.ts';
import { simulateFill } from './storage/fill.ts';
import { TARGET, withDefaults, type StorageRun } from './storage/options.ts';

const known: Readonly<Record<string, ArgumentKind>> = {
  nodes: { kind: 'whole', help: 'tabs (default 200)' },
  days: { kind: 'number', help: 'simulated time (default 30)' },
  seed: { kind: 'text', help: 'drives everything (default 1)' },
  availability: { kind: 'share', help: 'share of time that a tab is open (default 0.3)' },
  'session-minutes': {
    kind: 'number',
    help: 'median of exponential sessions (default: 8 minutes to 4 hours)',
  },
  relays: { kind: 'whole', help: 'always-on nodes (default 1)' },
  'relay-gone-days': { kind: 'number', help: 'the relays are gone for so many days in the end (default 0)' },
  k: { kind: 'whole', help: `copies on tabs (default: the planner's, for ${TARGET} without relays)` },
  blocks: { kind: 'whole', help: 'stored in the first third of the time (default 10,000)' },
  'block-bytes': { kind: 'whole', help: 'size of each (default 65,536)' },
  troubles: { kind: 'flag', help: 'lost messages, partitions, sleep, torn writes, full disks' },
  leaving: {
    kind: 'share',
    help: 'share of members who leave for good in 30 days, and are replaced (default 0.1)',
  },
  malicious: { kind: 'share', help: 'share of tabs that drop what they sign for, and lie' },
  fill: {
    kind: 'flag',
    help: 'fills a ring of nodes of varied room until an insert fails; --nodes, --seed, --k alone count',
  },
};
/** Copies, and the unit of room, with --fill. */
const FILL_COPIES = 3;
const FILL_SCALE = 4;

function main(args: readonly string[]): void {
  const given = parseArguments(args, known);
  const number = (name: string): number | undefined =>
    given.has(name) ? numberOf(given, name, 0) : undefined;
  const asked: { [K in keyof StorageRun]: StorageRun[K] | undefined } = {
    nodes: number('nodes'),
    days: number('days'),
    seed: given.get('seed'),
    availability: number('availability'),
    sessionMinutes: number('session-minutes'),
    relays: number('relays'),
    relayGoneDays: number('relay-gone-days'),
    k: number('k'),
    blocks: number('blocks'),
    blockBytes: number('block-bytes'),
    leaving: number('leaving'),
    malicious: number('malicious'),
    troubles: given.has('troubles') ? true : undefined,
  };
  const entries = Object.entries(asked).filter(([, value]) => value !== undefined);
  const run = withDefaults(Object.fromEntries(entries) as Partial<StorageRun>);
  if (run.nodes < 20) throw new BadArguments('A ring of leaf sets has at least 20 tabs.');
  if (run.availability <= 0 || run.availability >= 1)
    throw new BadArguments('--availability lies between 0 and 1.');
  if (run.leaving >= 1) throw new BadArguments('--leaving is less than 1.');
  const startedAt = performance.now();
  const figures = given.has('fill')
    ? simulateFill({ nodes: run.nodes, seed: run.seed, k: number('k') ?? FILL_COPIES, scale: FILL_SCALE })
    : simulateStorage(run, (line) => console.log(line));
  const wallSeconds = Math.round((performance.now() - startedAt) / 100) / 10;
  console.log(`\n${table(Object.entries(figures))}\n`);
  console.log(JSON.stringify({ ...figures, wallSeconds }));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadArguments)) throw error;
  process.exitCode = 1;
  console.error(error.message);
}
