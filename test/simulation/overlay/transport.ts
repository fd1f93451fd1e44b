/**
 * What lies between the nodes: links, messages on their way, dials. It loses, repeats and reorders messages, parts the
 * world into groups, and lets links to the dead look open.
 */
import type { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { NodeId } from '../../../src/core/codec/id.ts';
import type { OverlayMessage } from '../../../src/core/overlay/messages.ts';
import { Dials } from './dials.ts';
import type { Directory } from './directory.ts';
import type { EventQueue } from './event-queue.ts';
import type { Latency } from './latency.ts';
import type { LinkTable } from './link-table.ts';
import type { Population } from './population.ts';
import type { TraceSink } from './trace.ts';
import type { Traffic } from './traffic.ts';

/** What goes wrong between the nodes. */
export interface Faults {
  /** Share of messages that vanish though their link stays, 0 to 1. */
  loss: number;
  /** Share of messages that arrive twice. */
  duplication: number;
  /** Share of messages that others of the same link overtake. */
  reordering: number;
  /** How long links to a dead or unreachable node look open; Infinity: only the machines' probes find out. */
  silenceMs: number;
}

/** Kinds of events in the queue that are the transport's. */
export const MESSAGE = 1;
export const LINK_DOWN = 2;
export const DIAL_ENDED = 3;

/** A dial to somebody who does not answer is given up then: of a relay's websocket, of a tab (src/adapters/libp2p/limits.ts). */
const RELAY_DIAL_MS = 5_000;
const TAB_DIAL_MS = 8_000;
/** One-way delays of a dial: websocket and handshakes with a relay; signalling over a circuit; the direct way at last. */
const RELAY_DIAL_WAYS = 6;
const SIGNAL_WAYS = 4;
const DIRECT_WAYS = 2;
/** What overtakes arrives up to this much later than it should. */
const REORDER_MS = 500;

export interface DialFigures {
  begun: number;
  /** Nobody could introduce them. */
  withoutIntroducer: number;
  /** The other end did not answer. */
  unanswered: number;
}

/** Nodes that make links, for the world. */
export interface TransportParts {
  readonly directory: Directory;
  readonly population: Population;
  readonly links: LinkTable;
  readonly latency: Latency;
  readonly queue: EventQueue;
  readonly traffic: Traffic;
  readonly random: SeededRandom;
  readonly trace: TraceSink | undefined;
}

export class Transport {
  readonly faults: Faults;
  readonly under = new Dials();
  readonly dials: DialFigures = { begun: 0, withoutIntroducer: 0, unanswered: 0 };
  readonly #parts: TransportParts;

  constructor(parts: TransportParts, faults: Faults) {
    this.#parts = parts;
    this.faults = faults;
  }

  /** Whether there was a link to send over. */
  send(from: number, to: number, message: OverlayMessage): boolean {
    const { links, latency, queue, traffic, trace } = this.#parts;
    const at = links.find(from, to);
    if (at < 0) return false;
    traffic.count(message);
    const number = links.numberAt(at);
    const copies = this.#happens(this.faults.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#happens(this.faults.loss)) continue;
      const overtaken = this.#happens(this.faults.reordering);
      const delay = latency.sample(from, to) + (overtaken ? this.#parts.random.below(REORDER_MS) : 0);
      const arrival = links.arrivalAt(at, queue.now + delay, overtaken);
      trace?.sent(queue.now, from, to, message, arrival - queue.now);
      queue.add(arrival, MESSAGE, from, to, number, message);
    }
    return true;
  }

  /**
   * Ends in an event DIAL_ENDED of `from`; c is the dial's number, negative when no link is to be made. `via` are hearsay.
   * False: too many dials are under way.
   */
  dial(from: number, to: number, via: readonly NodeId[]): boolean {
    const { queue, population } = this.#parts;
    const number = this.under.begin(from, to);
    if (number === 0) return false;
    this.dials.begun++;
    const [afterMs, succeeds] = population.relay[to]
      ? this.#dialRelay(from, to)
      : this.#dialTab(from, to, via);
    queue.add(queue.now + afterMs, DIAL_ENDED, from, to, succeeds ? number : -number);
    return true;
  }

  /** A dial has ended well: the new link's number; 0: they are linked already. */
  connect(from: number, to: number): number {
    const { links, queue, trace } = this.#parts;
    if (links.isWhole(from, to)) return 0;
    const number = links.nextNumber();
    links.put(from, to, number);
    links.put(to, from, number);
    trace?.linked(queue.now, from, to);
    return number;
  }

  /** One end closes a link: the other hears of it. */
  close(node: number, peer: number): void {
    const { links, latency, queue, population } = this.#parts;
    const number = links.numberOf(node, peer);
    if (number === 0) return;
    this.#letGo(node, peer, number);
    if (population.reaches(node, peer) && links.numberOf(peer, node) === number)
      queue.add(queue.now + latency.between(node, peer), LINK_DOWN, peer, node, number);
  }

  /** One end learns that its link is gone; whether it still had it. */
  drop(node: number, peer: number, number: number): boolean {
    if (this.#parts.links.numberOf(node, peer) !== number) return false;
    this.#letGo(node, peer, number);
    return true;
  }

  /** A node is gone. `announced`: its transport still closed the links. */
  end(node: number, announced: boolean): void {
    const { links, queue, latency, population } = this.#parts;
    for (const peer of links.peersOf(node)) {
      const number = links.numberOf(node, peer);
      const afterMs = announced ? latency.between(node, peer) + 1 : this.faults.silenceMs;
      const hears = announced ? population.reaches(node, peer) : afterMs < Infinity;
      if (hears) queue.add(queue.now + afterMs, LINK_DOWN, peer, node, number);
      this.#letGo(node, peer, number);
    }
    links.clear(node);
    this.under.clear(node);
  }

  /** Links between groups end at both ends, if the transport finds out at all. */
  part(): void {
    const { links, queue, population } = this.#parts;
    if (this.faults.silenceMs === Infinity) return;
    for (let node = 0; node < population.size; node++)
      for (const peer of links.peersOf(node))
        if (!population.reaches(node, peer))
          queue.add(queue.now + this.faults.silenceMs, LINK_DOWN, node, peer, links.numberOf(node, peer));
  }

  /** Whoever lets go first ends the link as others see it. */
  #letGo(node: number, peer: number, number: number): void {
    const { links, queue, trace } = this.#parts;
    links.remove(node, peer);
    if (links.numberOf(peer, node) === number) trace?.unlinked(queue.now, node, peer);
  }

  #happens(share: number): boolean {
    return share > 0 && this.#parts.random.number() < share;
  }

  #dialRelay(from: number, to: number): readonly [number, boolean] {
    if (!this.#answers(from, to)) return this.#unanswered(RELAY_DIAL_MS);
    return [RELAY_DIAL_WAYS * this.#parts.latency.between(from, to), true];
  }

  /**
   * Signalling goes through somebody who is linked with both: a relay or one whom the contact names; else through a relay
   * of the target's, to which a websocket is opened for it.
   */
  #dialTab(from: number, to: number, via: readonly NodeId[]): readonly [number, boolean] {
    const { latency, links } = this.#parts;
    if (!this.#answers(from, to)) return this.#unanswered(TAB_DIAL_MS);
    let afterMs = DIRECT_WAYS * latency.between(from, to);
    for (const introducer of this.#introducers(from, to, via)) {
      const circuit = latency.between(from, introducer) + latency.between(introducer, to);
      const linked = links.isWhole(from, introducer);
      if (!linked) afterMs += RELAY_DIAL_WAYS * latency.between(from, introducer);
      if (links.isWhole(introducer, to)) return [afterMs + SIGNAL_WAYS * circuit, true];
      // It knows nobody of that name, or finds out that its link is dead.
      afterMs += 2 * circuit;
    }
    this.dials.withoutIntroducer++;
    return [afterMs, false];
  }

  #introducers(from: number, to: number, via: readonly NodeId[]): readonly number[] {
    const { directory, links, population } = this.#parts;
    const relaysOf = (node: number): readonly number[] =>
      links.peersOf(node).filter((peer) => population.relay[peer] === 1);
    const named = via
      .map((id) => directory.indexOf(id))
      .filter((peer) => peer >= 0 && links.isWhole(from, peer));
    const candidates = new Set([...relaysOf(from), ...named, ...relaysOf(to)]);
    return [...candidates].filter((peer) => this.#answers(from, peer) && this.#answers(peer, to));
  }

  #unanswered(afterMs: number): readonly [number, boolean] {
    this.dials.unanswered++;
    return [afterMs, false];
  }

  #answers(from: number, to: number): boolean {
    const { population } = this.#parts;
    return population.isAwake(to) && population.reaches(from, to);
  }
}
