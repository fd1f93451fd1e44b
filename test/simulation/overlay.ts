/** `npm run sim -- overlay --nodes N --seed S …`: one run of a ring; a table, and as the last line one JSON object. */
import {
  BadArguments,
  numberOf,
  parseArguments,
  type ArgumentKind,
  type Given,
} from './overlay/arguments.ts';
import { table, type OverlayFigures } from './overlay/figures.ts';
import { InvariantBroken } from './overlay/invariants.ts';
import { malices, type Malice } from './overlay/malice.ts';
import { Scenario, type ScenarioOptions } from './overlay/scenario.ts';
import { SIZE_EVERY } from './overlay/traffic.ts';
import { TraceWriter } from './overlay/trace.ts';

/** Bigger rings are not formed by joins: that takes too long. */
const JOINED_NODES_MAX = 10_000;

const known: Readonly<Record<string, ArgumentKind>> = {
  nodes: { kind: 'whole', help: 'members, relays among them (default 1000); over 10,000: --oracle' },
  seed: { kind: 'text', help: 'drives everything (default 1)' },
  minutes: { kind: 'number', help: 'how long keys are looked up (default 5; with --partition 30)' },
  'session-minutes': { kind: 'number', help: 'median of sessions; half of them end in a crash' },
  loss: { kind: 'share', help: 'share of messages that are lost' },
  malicious: { kind: 'share', help: 'share of tabs that lie once the ring has formed' },
  malice: { kind: 'text', help: `${malices.join(', ')} (default: a mixture)` },
  partition: { kind: 'flag', help: 'two halves for all the time, then healing' },
  'crash-share': { kind: 'share', help: 'share of tabs that die at once, in the end' },
  lookups: { kind: 'whole', help: 'look-ups of random keys (default 10,000)' },
  'secure-lookups': { kind: 'whole', help: 'secure look-ups (default 2,000 with --malicious, else 0)' },
  oracle: { kind: 'flag', help: 'builds the ring without joins' },
  trace: { kind: 'text', help: 'writes what happens to this file, for the page that plays it' },
  encode: { kind: 'flag', help: 'sends every message through the codec: slower, bytes exact' },
};

function optionsOf(given: Given, trace: TraceWriter | undefined): ScenarioOptions {
  const nodes = numberOf(given, 'nodes', 1_000);
  if (nodes < 2) throw new BadArguments('A ring has at least 2 nodes.');
  const malice = given.get('malice') as Malice | undefined;
  if (malice !== undefined && !malices.includes(malice))
    throw new BadArguments(`--malice takes ${malices.join(', ')}.`);
  return {
    nodes,
    seed: given.get('seed') ?? '1',
    minutes: numberOf(given, 'minutes', given.has('partition') ? 30 : 5),
    sessionMinutes: given.has('session-minutes') ? numberOf(given, 'session-minutes', 0) : undefined,
    loss: numberOf(given, 'loss', 0),
    malicious: numberOf(given, 'malicious', 0),
    malice,
    partition: given.has('partition'),
    crashShare: numberOf(given, 'crash-share', 0),
    lookups: numberOf(given, 'lookups', 10_000),
    secureLookups: numberOf(given, 'secure-lookups', given.has('malicious') ? 2_000 : 0),
    oracle: given.has('oracle') || nodes > JOINED_NODES_MAX,
    encode: given.has('encode'),
    trace,
  };
}

function rowsOf(figures: OverlayFigures): readonly (readonly [string, string | number])[] {
  const { crash, oneRingSeconds } = figures;
  const share = (count: number): string => `${count} of ${figures.lookups}`;
  return [
    ['hops, mean / 99th percentile', `${figures.meanHops} / ${figures.p99Hops}`],
    ['wrong roots', share(figures.wrongRoots)],
    ['lost (no answer in 10 s), and again', `${share(figures.lost)}, ${figures.lostAgain}`],
    ['answered after the first attempt', figures.retried],
    ['stretch (time over direct time)', figures.stretch],
    ['control messages / node / s', figures.controlMessagesPerNodeSecond],
    ['control bytes / node / s', figures.controlBytesPerNodeSecond],
    ['all messages / node / s', figures.messagesPerNodeSecond],
    ['dials / node / s', figures.dialsPerNodeSecond],
    ['links a node', figures.linksPerNode],
    ['state a node, bytes', `${figures.stateBytesPerNode} (machine ${figures.machineBytesPerNode})`],
    ['steps of machines / s', figures.eventsPerSecond],
    ...(figures.secureLookups === undefined ? [] : secureRowsOf(figures)),
    ...(crash === undefined
      ? []
      : ([
          ['after the crash: hops, ratio', `${crash.meanHops}, ${crash.hopsRatio}`],
          ['after the crash: wrong, lost', `${crash.wrongRoots}, ${crash.lost} of ${crash.lookups}`],
          ['all leaf sets right again after', `${crash.repairedSeconds} s`],
        ] as const)),
    ...(oneRingSeconds === undefined ? [] : ([['one ring after healing', `${oneRingSeconds} s`]] as const)),
  ];
}

function secureRowsOf(figures: OverlayFigures): readonly (readonly [string, string | number])[] {
  const { secureRounds, secureLookups } = figures;
  const rounds = Object.entries(secureRounds ?? {}).map(([round, count]) => `${count} ${round}`);
  return [
    ['secure: replica sets reached', `${figures.secureReached} of ${secureLookups}`],
    ['secure: all honest replicas answered', `${figures.secureDelivered}`],
    ['secure: uncertain, wrong', `${figures.secureUncertain}, ${figures.secureWrong}`],
    ['secure: ended in', rounds.join(', ')],
    [
      'secure: questions, ms (99th percentile)',
      `${figures.secureQuestions}, ${figures.secureMs} (${figures.secureMsP99})`,
    ],
  ];
}

function main(args: readonly string[]): void {
  const given = parseArguments(args, known);
  const trace = given.has('trace') ? new TraceWriter() : undefined;
  const scenario = new Scenario(optionsOf(given, trace), (line) => console.log(line));
  try {
    const figures = scenario.run();
    const bytes = given.has('encode') ? 'exact' : `from one message in ${SIZE_EVERY} of each type`;
    console.log(`\n${table(rowsOf(figures))}\n  (bytes: ${bytes})\n`);
    console.log(JSON.stringify(figures));
  } finally {
    const { world } = scenario;
    const nodes = world.nodes.map(({ contact }) => contact);
    trace?.save(given.get('trace')!, world.seed, nodes, world.now);
    if (trace?.full) console.log('The trace is full: it ends early.');
  }
}

const args = process.argv.slice(2);
try {
  main(args);
} catch (error) {
  process.exitCode = 1;
  if (error instanceof BadArguments) console.error(error.message);
  else if (error instanceof InvariantBroken)
    console.error(`An invariant is broken ${error.message}\nAgain: npm run sim -- overlay ${args.join(' ')}`);
  else throw error;
}
