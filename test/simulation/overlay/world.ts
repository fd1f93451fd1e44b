/**
 * A deterministic world of nodes that run the same machines as tabs do: one seed drives ids, places, delays, faults and the
 * order of everything.
 */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Id } from '../../../src/core/codec/id.ts';
import type { Role } from '../../../src/core/identity/certificates.ts';
import type { Contact, Introduction } from '../../../src/core/overlay/contact.ts';
import type { OverlayMessage } from '../../../src/core/overlay/messages.ts';
import { OverlayMachine } from '../../../src/core/overlay/overlay-machine.ts';
import { Calls } from './calls.ts';
import { Directory } from './directory.ts';
import { EventQueue } from './event-queue.ts';
import { InvariantBroken, Invariants } from './invariants.ts';
import { Latency } from './latency.ts';
import { LinkTable } from './link-table.ts';
import { NO_LAYERS, SimulatedNode, type Layer, type RingMachine } from './node.ts';
import { LAYER_TIMER, NodeDriver, TIMER } from './node-driver.ts';
import { NEVER, Population } from './population.ts';
import { RunningHash, type TraceSink } from './trace.ts';
import { Traffic } from './traffic.ts';
import { DIAL_ENDED, LINK_DOWN, MESSAGE, Transport, type Faults } from './transport.ts';
import { Truth } from './truth.ts';

const WAKE = 6;
const ACTION = 7;

const NO_CONTACTS: readonly never[] = [];

/** A suspended tab's transports hold what comes for a short while; after that it is lost. */
const HELD_MS_MAX = 10_000;
/** After waking, timers and messages come in any order for so long. */
const WAKING_MS = 20;
/** How often calls are looked at that should have ended. */
const SWEEP_MS = 1_000;

export interface WorldOptions {
  readonly seed: number | string;
  /** Sends every message through the codec: its schema and bounds are checked, its bytes counted. Default: false. */
  readonly encode?: boolean;
  /** Default: nothing goes wrong, and only probes find out who is dead. */
  readonly faults?: Partial<Faults>;
  /** How many nodes are expected, for the size of the arrays. */
  readonly nodes?: number;
  readonly trace?: TraceSink;
  /** Makes the machine of a node that starts. Default: OverlayMachine. */
  readonly machineOf?: (node: SimulatedNode, random: SeededRandom) => RingMachine;
  /** Makes the layers above it. Default: none. */
  readonly layersOf?: (node: SimulatedNode) => readonly Layer[];
}

export class World {
  readonly seed: number | string;
  readonly directory = new Directory();
  readonly population = new Population();
  readonly queue = new EventQueue();
  readonly links: LinkTable;
  readonly latency: Latency;
  readonly traffic: Traffic;
  readonly transport: Transport;
  readonly truth: Truth;
  readonly calls: Calls;
  readonly invariants: Invariants;
  readonly driver: NodeDriver;
  readonly nodes: SimulatedNode[] = [];
  /** For whoever drives the world: whom to ask for what, who dies. */
  readonly random: SeededRandom;
  readonly hash = new RunningHash();
  readonly trace: TraceSink | undefined;
  readonly #ids: SeededRandom;
  readonly #machineRandom: SeededRandom;
  readonly #machineOf: (node: SimulatedNode, random: SeededRandom) => RingMachine;
  readonly #layersOf: (node: SimulatedNode) => readonly Layer[];

  constructor({ seed, encode = false, faults, nodes, trace, machineOf, layersOf }: WorldOptions) {
    this.seed = seed;
    this.trace = trace;
    this.#machineOf = machineOf ?? ((node, random) => new OverlayMachine(node.contact, random));
    this.#layersOf = layersOf ?? (() => NO_LAYERS);
    const stream = (name: string): SeededRandom => new SeededRandom(`${seed}/${name}`);
    this.#ids = stream('ids');
    this.#machineRandom = stream('machines');
    this.random = stream('workload');
    this.links = new LinkTable(nodes);
    this.latency = new Latency(stream('places'));
    this.traffic = new Traffic(encode);
    const { directory, population, queue, links, latency, traffic } = this;
    this.transport = new Transport(
      { directory, population, queue, links, latency, traffic, random: stream('network'), trace },
      { loss: 0, duplication: 0, reordering: 0, silenceMs: Infinity, ...faults },
    );
    this.truth = new Truth(directory, (node) => population.groups[node]!);
    this.calls = new Calls(population);
    this.invariants = new Invariants(directory, population, links);
    const { transport, truth, calls, invariants } = this;
    const parts = { directory, population, queue, links, transport, truth, calls, invariants, trace, encode };
    this.driver = new NodeDriver(parts);
    this.after(SWEEP_MS, () => this.#sweep());
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.queue.now;
  }

  get alive(): readonly SimulatedNode[] {
    return this.nodes.filter(({ index }) => this.population.alive[index] === 1);
  }

  get readyNodes(): readonly SimulatedNode[] {
    return this.nodes.filter(({ index }) => this.population.ready[index] === 1);
  }

  /** A new member, not started. */
  add(role: Role = 'tab'): SimulatedNode {
    const index = this.directory.add(this.#ids.bytes(32) as Id, role);
    this.population.add(role === 'relay');
    this.latency.add();
    const node = new SimulatedNode(index, this.directory.contact(index));
    this.nodes.push(node);
    return node;
  }

  /** A node comes to life with nothing but its id and whom it remembers. */
  start(node: SimulatedNode, bootstrap: readonly Contact[]): void {
    const { index } = node;
    assert(this.population.alive[index] !== 1, 'only a dead node is started');
    this.install(node);
    this.population.alive[index] = 1;
    this.population.aliveCount++;
    this.population.wokeAt[index] = this.now;
    this.trace?.node(this.now, 'up', index);
    this.driver.dispatch(node, { type: 'start', bootstrap });
  }

  /** Gives a node a fresh machine, not started. */
  install(node: SimulatedNode): void {
    node.machine = this.#machineOf(node, this.#machineRandom);
    node.layers = this.#layersOf(node);
  }

  /** Ends a node without a word. */
  crash(node: SimulatedNode): void {
    this.trace?.node(this.now, 'crash', node.index);
    this.#end(node, false);
  }

  /** The node says good-bye and ends. */
  leave(node: SimulatedNode): void {
    this.driver.dispatch(node, { type: 'leave' });
    this.trace?.node(this.now, 'leave', node.index);
    this.#end(node, true);
  }

  /** The node stands still for a while; what comes for it waits or is lost. */
  sleep(node: SimulatedNode, ms: number): void {
    const { population } = this;
    if (!population.isAwake(node.index)) return;
    population.wakesAt[node.index] = this.now + Math.max(1, ms);
    this.queue.add(population.wakesAt[node.index]!, WAKE, node.index, population.lives[node.index]);
    this.trace?.node(this.now, 'sleep', node.index);
    this.driver.noteReady(node);
  }

  /** Only nodes of one group reach each other from now on. */
  partition(groupOf: (node: number) => number): void {
    this.#regroup(groupOf);
    this.transport.part();
    this.trace?.cut(this.now, [...this.population.groups.subarray(0, this.nodes.length)]);
  }

  heal(): void {
    this.#regroup(() => 0);
    this.trace?.healed(this.now);
  }

  run(ms: number): void {
    const end = this.now + ms;
    while (this.queue.next(end)) this.#happen();
  }

  /** Runs until the condition holds, which is looked at every `everyMs`; false when it does not within `ms`. */
  runUntil(condition: () => boolean, ms: number, everyMs = 10): boolean {
    const end = this.now + ms;
    while (!condition()) {
      if (this.now >= end) return false;
      this.run(Math.min(everyMs, end - this.now));
    }
    return true;
  }

  /** Does something later, in `ms` milliseconds. */
  after(ms: number, action: () => void): void {
    this.queue.add(this.now + Math.round(ms), ACTION, 0, 0, 0, action);
  }

  #happen(): void {
    const { kind, a, b, c, payload } = this.queue.due;
    switch (kind) {
      case TIMER:
        if (this.driver.timer(this.nodes[a]!)) this.hash.add(this.now ^ (a << 8));
        return;
      case MESSAGE:
        return this.#arrive(a, b, c, payload as OverlayMessage);
      case LINK_DOWN:
        return this.#linkDown(a, b, c);
      case DIAL_ENDED:
        return this.#dialEnded(a, b, c);
      case WAKE:
        return this.#wake(this.nodes[a]!, b);
      case LAYER_TIMER:
        return this.driver.layerTimer(this.nodes[a]!, b, payload as SimulatedNode['layers']);
      case ACTION:
        return (payload as () => void)();
    }
  }

  #arrive(from: number, to: number, number: number, message: OverlayMessage): void {
    const { population } = this;
    if (population.alive[to] !== 1 || !population.reaches(from, to)) return;
    if (this.links.numberOf(to, from) !== number) return;
    const wakesAt = population.wakesAt[to]!;
    if (wakesAt !== 0) {
      if (wakesAt - this.now <= HELD_MS_MAX) this.queue.add(wakesAt, MESSAGE, from, to, number, message);
      return;
    }
    this.hash.add(this.now);
    this.hash.add((from << 12) ^ to ^ (message.type.length << 24));
    const contacts = this.#contactsOf(message);
    this.driver.dispatch(this.nodes[to]!, {
      type: 'message',
      from: this.directory.id(from),
      message,
      contacts,
    });
  }

  #contactsOf(message: OverlayMessage): readonly Introduction[] {
    switch (message.type) {
      case 'join':
      case 'joined':
      case 'contacts':
        return this.directory.checked(message.contacts);
      default:
        return NO_CONTACTS;
    }
  }

  #linkDown(node: number, peer: number, number: number): void {
    const { population } = this;
    if (population.alive[node] !== 1) return;
    if (population.wakesAt[node] !== 0)
      return this.queue.add(population.wakesAt[node]!, LINK_DOWN, node, peer, number);
    if (!this.transport.drop(node, peer, number)) return;
    this.hash.add(this.now ^ (node << 8) ^ (peer << 20));
    const reason = population.alive[peer] === 1 ? 'closed' : 'lost';
    const nodeId = this.directory.id(peer);
    this.driver.dispatch(this.nodes[node]!, { type: 'link-down', nodeId, reason });
  }

  /** `number`: of the dial; negative: nobody answered. */
  #dialEnded(from: number, to: number, number: number): void {
    const { population, transport } = this;
    if (population.alive[from] !== 1) return;
    if (population.wakesAt[from] !== 0)
      return this.queue.add(population.wakesAt[from]!, DIAL_ENDED, from, to, -Math.abs(number));
    if (!transport.under.end(from, to, Math.abs(number))) return;
    const answers = number > 0 && population.isAwake(to) && population.reaches(from, to);
    if (answers && transport.connect(from, to) > 0) this.#linkUp(this.nodes[from]!, this.nodes[to]!);
    this.driver.dispatch(this.nodes[from]!, { type: 'dial-ended', nodeId: this.directory.id(to) });
  }

  /** If both dialled at once, the slower dial ends with the faster one. */
  #linkUp(dialler: SimulatedNode, dialled: SimulatedNode): void {
    const both = this.transport.under.cancel(dialled.index, dialler.index);
    this.hash.add(this.now ^ (dialler.index << 8) ^ (dialled.index << 20));
    this.driver.dispatch(dialled, { type: 'link-up', contact: dialler.contact, direct: true });
    if (both) this.driver.dispatch(dialled, { type: 'dial-ended', nodeId: dialler.contact.nodeId });
    this.driver.dispatch(dialler, { type: 'link-up', contact: dialled.contact, direct: true });
  }

  /** Some pages are told that they slept; others only find their timers late. */
  #wake(node: SimulatedNode, life: number): void {
    const { population, driver } = this;
    const { index } = node;
    if (population.alive[index] !== 1 || population.lives[index] !== life) return;
    population.wakesAt[index] = 0;
    population.wokeAt[index] = this.now;
    this.trace?.node(this.now, 'wake', index);
    if (this.random.below(2) === 0) driver.dispatch(node, { type: 'wake' });
    driver.noteReady(node);
    const timerAt = population.timerAt[index]!;
    if (timerAt !== NEVER) driver.setTimer(index, Math.max(timerAt, this.now + this.random.below(WAKING_MS)));
  }

  #end(node: SimulatedNode, announced: boolean): void {
    const { population } = this;
    const { index } = node;
    node.machine = undefined;
    node.layers = NO_LAYERS;
    population.alive[index] = 0;
    population.aliveCount--;
    population.lives[index]!++;
    population.wakesAt[index] = 0;
    population.timerAt[index] = NEVER;
    population.diedAt[index] = this.now;
    this.driver.noteReady(node);
    this.transport.end(index, announced);
  }

  #regroup(groupOf: (node: number) => number): void {
    const { groups, ready } = this.population;
    const everybody = this.nodes.map(({ index }) => index);
    const change = (): void => everybody.forEach((index) => (groups[index] = groupOf(index)));
    this.truth.regroup(
      change,
      everybody.filter((index) => ready[index] === 1),
    );
  }

  #sweep(): void {
    const [overdue] = this.calls.sweep(this.now);
    if (overdue !== undefined)
      throw new InvariantBroken(`after ${this.now} ms, node ${overdue}: a call does not end`);
    this.after(SWEEP_MS, () => this.#sweep());
  }
}
