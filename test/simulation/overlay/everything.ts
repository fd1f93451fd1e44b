/**
 * Everything that can go wrong, at random and together, in a small ring: loss, repetition and reordering of messages, crashes,
 * restarts, good-byes, sleep, partitions, liars. Invariants are checked all the time; when peace has come the ring must be whole.
 */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import { OverlayMachine } from '../../../src/core/overlay/overlay-machine.ts';
import { InvariantBroken } from './invariants.ts';
import { Lookups, LookupFigures, TIMEOUT_MS } from './lookups.ts';
import { Coalition, malices, MaliciousMachine } from './malice.ts';
import type { SimulatedNode } from './node.ts';
import { addMembers, bootstrapOf, wrongLeafSets, type Ring } from './ring.ts';
import type { TraceWriter } from './trace.ts';
import { World } from './world.ts';

const NODES_MIN = 20;
const NODES_MAX = 150;
/** How long things go wrong. */
const TROUBLE_MS_MIN = 120_000;
const TROUBLE_MS_MAX = 300_000;
const SLEEP_MS_MAX = 120_000;
const AWAY_MS_MAX = 90_000;
const PARTITION_MS_MAX = 90_000;
/** Of a hundred seconds, those in which a partition begins, if there is none. */
const PARTITIONS_PERCENT = 2;
/** When nothing goes wrong any more, the ring is whole within this time. */
export const PEACE_MS_MAX = 10 * 60_000;
/** Without liars, and where the ring never splits, at most this share of look-ups ends at wrong roots. */
const WRONG_SHARE_MAX = 0.005;
const LOOKUPS_A_SECOND = 3;
/** Relays that start together miss each other's first dial: until they have met there are several rings, each with its own roots. */
const FORMING_MS = 15_000;
const LOOKUPS_IN_PEACE = 50;
/** Nodes that one remembers who comes back with memory. */
const REMEMBERED = 3;

/** What one seed has in store. */
export interface Troubles {
  readonly nodes: number;
  readonly relays: number;
  readonly loss: number;
  readonly duplication: number;
  readonly reordering: number;
  readonly silenceMs: number;
  readonly malicious: number;
  readonly encode: boolean;
  /** Whether the network falls into parts now and then. */
  readonly partitions: boolean;
  /** Whether accidents happen to relays too. */
  readonly relaysFail: boolean;
  readonly troubleMs: number;
  /** Of a hundred seconds, those in which somebody crashes, leaves, or falls asleep. */
  readonly accidentsPercent: number;
}

export interface EverythingFigures {
  readonly troubles: Troubles;
  readonly figures: LookupFigures;
  readonly steps: number;
  readonly peaceSeconds: number;
  readonly hash: string;
  /** For the header of a trace. */
  readonly world: World;
}

export function troublesOf(seed: number | string): Troubles {
  const random = new SeededRandom(`${seed}/troubles`);
  const between = (min: number, max: number): number => min + random.below(max - min + 1);
  const sometimes = (percent: number, max: number): number =>
    random.below(100) < percent ? (random.below(1_000) / 1_000) * max : 0;
  return {
    nodes: between(NODES_MIN, NODES_MAX),
    relays: between(1, 3),
    loss: sometimes(60, 0.05),
    duplication: sometimes(50, 0.03),
    reordering: sometimes(50, 0.05),
    silenceMs: random.below(2) === 0 ? Infinity : between(1_000, 20_000),
    malicious: sometimes(40, 0.25),
    encode: random.below(10) === 0,
    partitions: random.below(2) === 0,
    relaysFail: random.below(2) === 0,
    troubleMs: between(TROUBLE_MS_MIN, TROUBLE_MS_MAX),
    accidentsPercent: between(5, 60),
  };
}

/** Throws InvariantBroken. */
export function everything(seed: number | string, trace?: TraceWriter): EverythingFigures {
  return new Everything(seed, trace).run();
}

class Everything {
  readonly #troubles: Troubles;
  readonly #world: World;
  readonly #ring: Ring;
  readonly #lookups: Lookups;
  readonly #coalition: Coalition;
  #parted = false;
  #over = false;

  constructor(seed: number | string, trace: TraceWriter | undefined) {
    this.#troubles = troublesOf(seed);
    const { nodes, relays, loss, duplication, reordering, silenceMs, encode, malicious } = this.#troubles;
    this.#world = new World({
      seed,
      encode,
      faults: { loss, duplication, reordering, silenceMs },
      machineOf: (node, random) => this.#machineOf(node, new OverlayMachine(node.contact, random)),
      ...(trace === undefined ? {} : { trace }),
    });
    this.#ring = addMembers(this.#world, nodes, relays);
    this.#coalition = new Coalition(this.#world.directory, this.#world.random);
    this.#coalition.active = true;
    for (const { index } of this.#ring.tabs.slice(0, Math.floor(malicious * nodes))) {
      this.#world.driver.malicious.add(index);
      this.#coalition.add(index, true);
    }
    this.#lookups = new Lookups(this.#world);
  }

  run(): EverythingFigures {
    const world = this.#world;
    this.#startAll();
    for (const end = world.now + this.#troubles.troubleMs; world.now < end;) {
      this.#second();
      world.run(1_000);
    }
    this.#checkRoots();
    const peaceSeconds = this.#makePeace();
    this.#checkPeace();
    const { figures } = this.#lookups;
    return {
      troubles: this.#troubles,
      figures,
      steps: world.driver.steps,
      peaceSeconds,
      hash: world.hash.text,
      world,
    };
  }

  #machineOf(node: SimulatedNode, honest: OverlayMachine): OverlayMachine | MaliciousMachine {
    if (!this.#world.driver.malicious.has(node.index)) return honest;
    return new MaliciousMachine(malices[node.index % malices.length]!, honest, node.contact, this.#coalition);
  }

  #startAll(): void {
    const { random } = this.#world;
    for (const relay of this.#ring.relays) this.#start(relay, []);
    for (const tab of this.#ring.tabs)
      this.#world.after(1_000 + random.below(30_000), () => this.#start(tab, []));
  }

  #start(node: SimulatedNode, remembered: readonly Contact[]): void {
    if (this.#world.population.alive[node.index] === 1) return;
    this.#world.start(node, [...bootstrapOf(node, this.#ring.relays), ...remembered]);
  }

  #second(): void {
    const { random } = this.#world;
    if (this.#world.now >= FORMING_MS) for (let i = 0; i < LOOKUPS_A_SECOND; i++) this.#ask();
    if (random.below(100) < this.#troubles.accidentsPercent) this.#accident();
    if (this.#troubles.partitions && !this.#parted && random.below(100) < PARTITIONS_PERCENT) this.#part();
  }

  #ask(): void {
    const { readyNodes, driver } = this.#world;
    const askers = readyNodes.filter(({ index }) => !driver.malicious.has(index));
    if (askers.length > 0) this.#lookups.askAnything(askers);
  }

  #accident(): void {
    const world = this.#world;
    const { random } = world;
    const alive = world.alive.filter(({ contact }) => this.#troubles.relaysFail || contact.role !== 'relay');
    const node = alive[random.below(alive.length)];
    if (node === undefined || alive.length <= this.#troubles.nodes / 2) return;
    if (random.below(3) === 0) return world.sleep(node, random.below(SLEEP_MS_MAX));
    const remembered = random.below(2) === 0 ? [] : node.machine!.leafSet().slice(0, REMEMBERED);
    if (random.below(2) === 0) world.crash(node);
    else world.leave(node);
    // Relays come back; of the others some stay away.
    if (node.contact.role === 'relay' || random.below(4) > 0)
      world.after(random.below(AWAY_MS_MAX), () => {
        if (!this.#over) this.#start(node, remembered);
      });
  }

  #part(): void {
    const world = this.#world;
    const parts = 2 + world.random.below(2);
    const groups = world.nodes.map(() => world.random.below(parts));
    world.partition((node) => groups[node]!);
    this.#parted = true;
    world.after(1_000 + world.random.below(PARTITION_MS_MAX), () => {
      if (this.#parted) world.heal();
      this.#parted = false;
    });
  }

  #checkRoots(): void {
    const { asked, wrong } = this.#lookups.figures;
    const { malicious, partitions, relays, relaysFail } = this.#troubles;
    // An only relay that comes back begins a ring of its own, until the tabs of the old one have dialled it.
    const splits = partitions || (relaysFail && relays === 1);
    if (malicious === 0 && !splits && wrong > WRONG_SHARE_MAX * asked)
      this.#broken(`${wrong} of ${asked} look-ups ended at wrong roots`);
  }

  /** Nothing goes wrong any more: seconds until the ring is whole. */
  #makePeace(): number {
    const world = this.#world;
    const from = world.now;
    this.#over = true;
    this.#coalition.active = false;
    Object.assign(world.transport.faults, { loss: 0, duplication: 0, reordering: 0 });
    if (this.#parted) world.heal();
    this.#parted = false;
    for (const relay of this.#ring.relays) this.#start(relay, []);
    const whole = (): boolean =>
      world.truth.ring().size === world.alive.length && wrongLeafSets(world).length === 0;
    // Who sleeps longest wakes before this.
    world.run(SLEEP_MS_MAX);
    if (!world.runUntil(whole, PEACE_MS_MAX, 1_000)) {
      const wrong = wrongLeafSets(world).join(', ');
      this.#broken(
        `${world.alive.length - world.truth.ring().size} nodes not ready, leaf sets wrong: ${wrong}`,
      );
    }
    return (world.now - from) / 1_000;
  }

  #checkPeace(): void {
    const world = this.#world;
    world.runUntil(() => this.#lookups.underWay === 0, 3 * TIMEOUT_MS, 100);
    const figures = new LookupFigures();
    for (let i = 0; i < LOOKUPS_IN_PEACE; i++) this.#lookups.askAnything(world.alive, undefined, figures);
    world.run(2 * TIMEOUT_MS);
    if (figures.right < LOOKUPS_IN_PEACE)
      this.#broken(`in peace ${figures.wrong} look-ups end at wrong roots, ${figures.lost} are lost`);
  }

  #broken(what: string): never {
    throw new InvariantBroken(`after ${this.#world.now} ms: ${what}`);
  }
}
