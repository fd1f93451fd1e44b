/** The ring at one moment of a trace: a fold over the events, forwards; going back begins again. */
import { eventNames, type EventLog, type Trace } from './trace.ts';

/** What a node is doing; the state keeps a status's place in this list. */
export const statuses = ['absent', 'joining', 'ready', 'asleep', 'left', 'crashed'] as const;
export type Status = (typeof statuses)[number];

/** A partition: the group of each node, since when, and when it healed. */
export interface Cut {
  readonly groups: readonly number[];
  readonly cutAtMs: number;
  readonly healedAtMs: number | undefined;
}

/** Look-ups so far. */
export interface LookupCounts {
  asked: number;
  answered: number;
  /** Of the answered ones. */
  right: number;
  lost: number;
  /** Whose asker left or crashed before it was answered. */
  dropped: number;
  /** Hops of all that were answered. */
  hops: number;
}

const statusAfter: Partial<Record<(typeof eventNames)[number], Status>> = {
  up: 'joining',
  ready: 'ready',
  unready: 'joining',
  leave: 'left',
  crash: 'crashed',
  sleep: 'asleep',
  wake: 'joining',
};

export class RingState {
  readonly trace: Trace;
  /** Place in `statuses`, by node. */
  readonly status: Uint8Array;
  /** When the status last changed, by node; milliseconds. */
  readonly changedAtMs: Uint32Array;
  /** Open links, by `linkOf`. */
  readonly links = new Set<number>();
  readonly lookups: LookupCounts = { asked: 0, answered: 0, right: 0, lost: 0, dropped: 0, hops: 0 };
  /** Places of look-ups under way in `trace.lookups`, oldest first. */
  readonly underWay = new Set<number>();
  /** The same by asker: one that crashes waits for nothing any more. */
  readonly #waiting = new Map<number, Set<number>>();
  /** The present partition, or the last one. */
  cut: Cut | undefined;
  /** Messages sent so far. */
  sent = 0;
  /** Grows when links, statuses or groups change: what is drawn of them is old then. */
  version = 0;
  /** Everything up to this time has happened. */
  nowMs = -1;
  /** The first event that has not happened. */
  next = 0;

  constructor(trace: Trace) {
    this.trace = trace;
    this.status = new Uint8Array(trace.nodes.length);
    this.changedAtMs = new Uint32Array(trace.nodes.length);
  }

  /** Lets everything up to and including `ms` happen; `ms` ≥ nowMs. */
  advance(ms: number): void {
    const { events } = this.trace;
    while (this.next < events.length && events.at[this.next]! <= ms) this.#apply(events, this.next++);
    this.nowMs = ms;
  }

  statusOf(node: number): Status {
    return statuses[this.status[node]!]!;
  }

  /** Running and not asleep. */
  isLive(node: number): boolean {
    const status = this.status[node]!;
    return status === 1 || status === 2;
  }

  /** The node's group while there is a partition; 0 otherwise. */
  groupOf(node: number): number {
    return this.cut && this.cut.healedAtMs === undefined ? this.cut.groups[node]! : 0;
  }

  /** Both run, and nothing is between them. */
  reaches(a: number, b: number): boolean {
    return this.isLive(a) && this.isLive(b) && this.groupOf(a) === this.groupOf(b);
  }

  linked(a: number, b: number): boolean {
    return this.links.has(linkOf(this.trace, a, b));
  }

  #apply(events: EventLog, i: number): void {
    const name = eventNames[events.name[i]!]!;
    const a = events.a[i]!;
    const ref = events.ref[i]!;
    switch (name) {
      case 'send':
        this.sent++;
        return;
      case 'link':
        this.links.add(linkOf(this.trace, a, events.b[i]!));
        break;
      case 'unlink':
        this.links.delete(linkOf(this.trace, a, events.b[i]!));
        break;
      case 'lookup':
        this.#beginLookup(a, ref);
        return;
      case 'answer':
      case 'lost':
        this.#endLookup(ref);
        return;
      case 'cut':
        this.cut = { groups: this.trace.cuts[ref]!, cutAtMs: events.at[i]!, healedAtMs: undefined };
        break;
      case 'heal':
        if (this.cut?.healedAtMs === undefined && this.cut)
          this.cut = { ...this.cut, healedAtMs: events.at[i]! };
        break;
      default:
        this.#setStatus(a, statusAfter[name]!, events.at[i]!);
    }
    this.version++;
  }

  #setStatus(node: number, status: Status, atMs: number): void {
    this.status[node] = statuses.indexOf(status);
    this.changedAtMs[node] = atMs;
    if (status !== 'left' && status !== 'crashed') return;
    for (const ref of this.#waiting.get(node) ?? []) {
      this.underWay.delete(ref);
      this.lookups.dropped++;
    }
    this.#waiting.delete(node);
  }

  #beginLookup(asker: number, ref: number): void {
    this.lookups.asked++;
    this.underWay.add(ref);
    const waiting = this.#waiting.get(asker);
    if (waiting) waiting.add(ref);
    else this.#waiting.set(asker, new Set([ref]));
  }

  #endLookup(ref: number): void {
    const { asker, end } = this.trace.lookups[ref]!;
    // An answer to a node that has crashed meanwhile is nobody's.
    if (!this.underWay.delete(ref) || !end) return;
    this.#waiting.get(asker)?.delete(ref);
    if (end.kind === 'lost') {
      this.lookups.lost++;
      return;
    }
    this.lookups.answered++;
    this.lookups.hops += end.hops;
    if (end.right) this.lookups.right++;
  }
}

/** The state at a time, from the beginning on. Milliseconds. */
export function stateAt(trace: Trace, ms: number): RingState {
  const state = new RingState(trace);
  state.advance(ms);
  return state;
}

/** A link's number: the same from both ends. */
export function linkOf(trace: Trace, a: number, b: number): number {
  return a < b ? a * trace.nodes.length + b : b * trace.nodes.length + a;
}

/** The two ends of a link's number. */
export function endsOf(trace: Trace, link: number): readonly [number, number] {
  return [Math.floor(link / trace.nodes.length), link % trace.nodes.length];
}
