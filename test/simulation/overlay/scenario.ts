/** One run of the simulator: a ring forms, something happens to it, keys are looked up meanwhile. */
import type { Id } from '../../../src/core/codec/id.ts';
import { OverlayMachine } from '../../../src/core/overlay/overlay-machine.ts';
import { Churn } from './churn.ts';
import { rounded, summaryOf, type OverlayFigures } from './figures.ts';
import { LookupFigures, Lookups, TIMEOUT_MS, type Ended } from './lookups.ts';
import { Coalition, malices, MaliciousMachine, type Malice } from './malice.ts';
import { bytesInUse, simulatorArrayBytes } from './memory.ts';
import type { SimulatedNode } from './node.ts';
import { shuffle } from './numbers.ts';
import { buildByOracle } from './oracle.ts';
import { addMembers, joinAll, wrongLeafSets, type Ring } from './ring.ts';
import type { TraceWriter } from './trace.ts';
import { SecureLookups, type SecureSummary } from './secure-lookups.ts';
import { World } from './world.ts';

export interface ScenarioOptions {
  readonly nodes: number;
  readonly seed: number | string;
  /** How long keys are looked up. */
  readonly minutes: number;
  /** Median of sessions; undefined: nobody comes or goes. */
  readonly sessionMinutes: number | undefined;
  readonly loss: number;
  /** Share of tabs that lie, from when the ring has formed. */
  readonly malicious: number;
  /** Undefined: a mixture. */
  readonly malice: Malice | undefined;
  /** The network falls into two halves for all the time, and heals. */
  readonly partition: boolean;
  /** Share of tabs that die at once, in the end; 0: none. */
  readonly crashShare: number;
  readonly lookups: number;
  /** Secure look-ups, after the ordinary ones; 0: none. */
  readonly secureLookups: number;
  /** Builds the ring without joins. */
  readonly oracle: boolean;
  readonly encode: boolean;
  readonly trace: TraceWriter | undefined;
}

/** Says how it goes. */
export type Log = (line: string) => void;

const MINUTE_MS = 60_000;
/** A ring that has formed rests for so long before anything is measured. */
const REST_MS = 60_000;
/** Sessions come and go for so long before anything is measured. */
const CHURN_WARM_MS = 2 * MINUTE_MS;
const ASK_EVERY_MS = 100;
const SECURE_EVERY_MS = 50;
/** All have ended then whose askers are still there. */
const SECURE_MS_MAX = MINUTE_MS;
/** Look-ups right after a crash are asked in this time: nobody has found out yet. */
const CRASH_ASK_MS = 2_000;
/** So many look-ups a node at most then. */
const CRASH_LOOKUPS_PER_NODE = 20;
const REPAIR_MS_MAX = 10 * MINUTE_MS;
const HEAL_MS_MAX = 30 * MINUTE_MS;
/** Wrong answers that are told one by one. */
const WRONGS_TOLD_MAX = 10;

export class Scenario {
  readonly #options: ScenarioOptions;
  readonly #log: Log;
  readonly world: World;
  readonly #ring: Ring;
  readonly #away: readonly SimulatedNode[];
  readonly #lookups: Lookups;
  readonly #again = new LookupFigures();
  readonly #coalition: Coalition;
  readonly #secure: SecureLookups;
  readonly #began = performance.now();
  readonly #bytesAtFirst: number;
  readonly #bytesUnstarted: number;
  readonly #arraysUnstarted: number;
  #wrongsTold = 0;

  constructor(options: ScenarioOptions, log: Log) {
    const { nodes, seed, loss, encode, trace, malicious, sessionMinutes } = options;
    this.#options = options;
    this.#log = log;
    this.#bytesAtFirst = bytesInUse();
    this.world = new World({
      ...{ seed, encode, nodes, faults: { loss } },
      ...(trace === undefined ? {} : { trace }),
      ...(malicious > 0
        ? { machineOf: (node, random) => this.#machineOf(node, new OverlayMachine(node.contact, random)) }
        : {}),
      ...(options.secureLookups > 0 ? { layersOf: (node) => this.#secure.layersOf(node) } : {}),
    });
    const { world } = this;
    this.#ring = addMembers(world, nodes);
    this.#away =
      sessionMinutes === undefined ? [] : Array.from({ length: this.#ring.tabs.length }, () => world.add());
    this.#coalition = new Coalition(world.directory, world.random);
    this.#secure = new SecureLookups(world, this.#coalition);
    this.#recruit();
    this.#lookups = new Lookups(world);
    this.#bytesUnstarted = bytesInUse();
    this.#arraysUnstarted = simulatorArrayBytes(world);
  }

  run(): OverlayFigures {
    const { world } = this;
    const readySeconds = this.#form();
    const buildSeconds = (performance.now() - this.#began) / 1_000;
    const memory = this.#memory();
    const churn = this.#startChurn();
    this.#coalition.active = true;
    if (this.#options.partition) this.#part();
    const measured = this.#measure();
    const secure = this.#options.secureLookups > 0 ? this.#measureSecure() : undefined;
    churn?.stop();
    const oneRingSeconds = this.#options.partition ? this.#heal() : undefined;
    const crash = this.#options.crashShare > 0 ? this.#crash(measured.meanHops) : undefined;
    return {
      nodes: this.#options.nodes,
      seed: this.#options.seed,
      ...measured,
      ...secure,
      ...memory,
      linksPerNode: rounded(this.#meanLinks(), 1),
      buildSeconds: rounded(buildSeconds, 1),
      wallSeconds: rounded((performance.now() - this.#began) / 1_000, 1),
      readySeconds,
      forgeriesRefused: world.directory.forgeriesRefused,
      arrivals: churn?.arrivals ?? 0,
      crash,
      oneRingSeconds,
      traceHash: world.hash.text,
    };
  }

  #machineOf(node: SimulatedNode, honest: OverlayMachine): OverlayMachine | MaliciousMachine {
    if (!this.world.driver.malicious.has(node.index)) return honest;
    const malice = this.#options.malice ?? malices[node.index % malices.length]!;
    return new MaliciousMachine(malice, honest, node.contact, this.#coalition);
  }

  /** The liars, and as many certificates of nodes that are not there. */
  #recruit(): void {
    const { world } = this;
    const members = [...this.#ring.tabs, ...this.#away];
    const count = Math.round(this.#options.malicious * members.length);
    for (const { index } of shuffle(world.random, members).slice(0, count)) {
      world.driver.malicious.add(index);
      this.#coalition.add(index, true);
      this.#coalition.add(world.add().index, false);
    }
  }

  #form(): number {
    const { world } = this;
    if (this.#options.oracle) buildByOracle(world, this.#ring, this.#log);
    else joinAll(world, this.#ring);
    const readySeconds = this.#options.oracle ? 0 : rounded(world.now / 1_000, 1);
    world.run(REST_MS);
    this.#log(
      `${this.#options.nodes} nodes ${this.#options.oracle ? 'placed' : `joined in ${readySeconds} s`}, ` +
        `${world.driver.steps} steps, ${wrongLeafSets(world).length} leaf sets wrong`,
    );
    return readySeconds;
  }

  #memory(): Pick<OverlayFigures, 'stateBytesPerNode' | 'machineBytesPerNode' | 'simulatorBytesPerNode'> {
    const { nodes } = this.#options;
    const total = bytesInUse() - this.#bytesAtFirst;
    const grown = simulatorArrayBytes(this.world) - this.#arraysUnstarted;
    const simulator = this.#bytesUnstarted - this.#bytesAtFirst + grown;
    return {
      stateBytesPerNode: Math.round(total / nodes),
      machineBytesPerNode: Math.round((total - simulator) / nodes),
      simulatorBytesPerNode: Math.round(simulator / nodes),
    };
  }

  #startChurn(): Churn | undefined {
    const { sessionMinutes } = this.#options;
    if (sessionMinutes === undefined) return undefined;
    const { relays, tabs } = this.#ring;
    const churn = new Churn(this.world, { medianMs: sessionMinutes * MINUTE_MS, relays, away: this.#away });
    churn.begin(tabs);
    this.world.run(CHURN_WARM_MS);
    return churn;
  }

  #part(): void {
    const half = new Map(
      shuffle(this.world.random, [...this.world.nodes]).map(({ index }, i) => [index, i % 2]),
    );
    this.world.partition((node) => half.get(node)!);
  }

  /** Looks up keys for all the time. */
  #measure() {
    const { world } = this;
    const { minutes, lookups, nodes } = this.#options;
    this.#lookups.figures = new LookupFigures();
    world.traffic.reset();
    const [dials, unintroduced] = [world.transport.dials.begun, world.transport.dials.withoutIntroducer];
    const [steps, began, from] = [world.driver.steps, process.cpuUsage(), world.now];
    this.#ask(lookups, minutes * MINUTE_MS);
    const nodeSeconds = (nodes * (world.now - from)) / 1_000;
    const control = world.traffic.total(true);
    const all = world.traffic.total();
    const { user, system } = process.cpuUsage(began);
    const cpuSeconds = (user + system) / 1_000_000;
    return {
      ...summaryOf(this.#lookups.figures),
      lostAgain: this.#again.lost,
      controlMessagesPerNodeSecond: rounded(control.messages / nodeSeconds, 3),
      controlBytesPerNodeSecond: rounded(control.bytes / nodeSeconds, 1),
      messagesPerNodeSecond: rounded(all.messages / nodeSeconds, 3),
      dialsPerNodeSecond: rounded((world.transport.dials.begun - dials) / nodeSeconds, 4),
      dialsWithoutIntroducer: world.transport.dials.withoutIntroducer - unintroduced,
      eventsPerSecond: Math.round((world.driver.steps - steps) / cpuSeconds),
      wrongLeafSets: wrongLeafSets(world).length,
    };
  }

  #measureSecure(): SecureSummary {
    const { world } = this;
    for (let i = 0; i < this.#options.secureLookups; i++) {
      this.#secure.ask(this.#asker());
      world.run(SECURE_EVERY_MS);
    }
    world.runUntil(() => this.#secure.underWay === 0, SECURE_MS_MAX, 100);
    return this.#secure.summary();
  }

  /** So many look-ups in this time, and all their ends. */
  #ask(count: number, ms: number): void {
    const { world } = this;
    let owed = 0;
    let left = count;
    const end = world.now + ms;
    while (world.now < end) {
      owed += (count * ASK_EVERY_MS) / ms;
      for (; owed >= 1 && left > 0; owed--, left--) this.#askOne();
      world.run(Math.min(ASK_EVERY_MS, end - world.now));
    }
    for (; left > 0; left--) this.#askOne();
    world.runUntil(() => this.#lookups.underWay === 0, 3 * TIMEOUT_MS, 100);
  }

  #askOne(): void {
    const { world } = this;
    const node = this.#asker();
    const key = world.random.bytes(32) as Id;
    this.#lookups.ask(node, key, (ended) => this.#ended(node, key, ended));
  }

  #ended(node: SimulatedNode, key: Id, ended: Ended): void {
    if (ended.kind === 'wrong' && this.#wrongsTold++ < WRONGS_TOLD_MAX)
      this.#log(`wrong root: node ${node.index} was told ${ended.root} at ${this.world.now} ms`);
    if (ended.kind !== 'lost') return;
    this.#lookups.ask(node, key, () => undefined, this.#again);
  }

  /** Any honest node that is ready. */
  #asker(): SimulatedNode {
    const { random, nodes, population, driver } = this.world;
    for (;;) {
      const node = nodes[random.below(nodes.length)]!;
      if (population.ready[node.index] === 1 && !driver.malicious.has(node.index)) return node;
    }
  }

  #heal(): number {
    const { world } = this;
    const wrong = wrongLeafSets(world).length;
    const from = world.now;
    world.heal();
    this.#log(`healing: ${wrong} leaf sets wrong in the halves, ${wrongLeafSets(world).length} in the whole`);
    const healed = world.runUntil(() => this.#isOneRing(), HEAL_MS_MAX, 1_000);
    return healed ? rounded((world.now - from) / 1_000, 0) : Infinity;
  }

  #crash(meanHopsBefore: number): OverlayFigures['crash'] {
    const { world } = this;
    const tabs = shuffle(world.random, [...world.alive]).filter(({ contact }) => contact.role === 'tab');
    for (const tab of tabs.slice(0, Math.round(this.#options.crashShare * tabs.length))) world.crash(tab);
    const from = world.now;
    this.#lookups.figures = new LookupFigures();
    this.#ask(Math.min(this.#options.lookups, CRASH_LOOKUPS_PER_NODE * this.#options.nodes), CRASH_ASK_MS);
    const summary = summaryOf(this.#lookups.figures);
    const repaired = world.runUntil(() => this.#isOneRing(), REPAIR_MS_MAX, 1_000);
    return {
      ...summary,
      hopsRatio: rounded(summary.meanHops / meanHopsBefore, 3),
      repairedSeconds: repaired ? rounded((world.now - from) / 1_000, 0) : Infinity,
    };
  }

  #isOneRing(): boolean {
    const { world } = this;
    return world.truth.ring().size === world.alive.length && wrongLeafSets(world).length === 0;
  }

  #meanLinks(): number {
    const { alive, links } = this.world;
    return alive.reduce((sum, { index }) => sum + links.count(index), 0) / alive.length;
  }
}
