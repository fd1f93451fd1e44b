/** Writes down what happens in the world, for the page that plays it; the format is that of src/app/ring-player/trace.ts. */
import { writeFileSync } from 'node:fs';
import {
  DELAY_MS_MAX,
  EVENTS_MAX,
  HOPS_MAX,
  ID_DIGITS,
  NODES_MAX,
  TRACE_VERSION,
  type TraceEvent,
  type TraceHeader,
} from '../../../src/app/ring-player/trace.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import { idText, type Id, type Key } from '../../../src/core/codec/id.ts';
import type { Role } from '../../../src/core/identity/certificates.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { OverlayMessage } from '../../../src/core/overlay/messages.ts';

/** What a node does. */
export type NodeChange = Extract<TraceEvent, { readonly n: number; readonly e: string }>['e'] & NodeEvent;
type NodeEvent = 'up' | 'ready' | 'unready' | 'leave' | 'crash' | 'sleep' | 'wake';

/** Hears of everything; times are milliseconds since the beginning. */
export interface TraceSink {
  node(t: number, change: NodeChange, n: number): void;
  linked(t: number, a: number, b: number): void;
  unlinked(t: number, a: number, b: number): void;
  sent(t: number, a: number, b: number, message: OverlayMessage, delayMs: number): void;
  asked(t: number, n: number, id: number, key: Key): void;
  answered(t: number, n: number, id: number, root: number, hops: number, right: boolean): void;
  lost(t: number, n: number, id: number): void;
  cut(t: number, groups: readonly number[]): void;
  healed(t: number): void;
}

/** Texts are gathered up to this length. */
const PIECE_LENGTH = 64 * 1_024;

export class TraceWriter implements TraceSink {
  readonly #pieces: string[] = [];
  #piece = '';
  #events = 0;
  /** Open look-ups by asker and key, and by the ids of the messages that carry them. */
  readonly #open = new Map<string, number>();
  readonly #carried = new Map<string, number>();
  readonly #keys = new Map<number, string>();

  /** Whether there was more than a trace may hold. */
  get full(): boolean {
    return this.#events >= EVENTS_MAX;
  }

  node(t: number, change: NodeChange, n: number): void {
    this.#write({ t, e: change, n });
  }

  linked(t: number, a: number, b: number): void {
    this.#write({ t, e: 'link', a, b });
  }

  unlinked(t: number, a: number, b: number): void {
    this.#write({ t, e: 'unlink', a, b });
  }

  sent(t: number, a: number, b: number, message: OverlayMessage, delayMs: number): void {
    const id = this.#carriedBy(a, message);
    const send = { t, e: 'send', a, b, k: message.type, d: Math.min(delayMs, DELAY_MS_MAX) } as const;
    this.#write(id === undefined ? send : { ...send, id });
  }

  asked(t: number, n: number, id: number, key: Key): void {
    this.#open.set(`${n}/${idText(key)}`, id);
    this.#keys.set(id, `${n}/${idText(key)}`);
    this.#write({ t, e: 'lookup', n, id, key: shortId(key) });
  }

  answered(t: number, n: number, id: number, root: number, hops: number, right: boolean): void {
    this.#end(id);
    this.#write({ t, e: 'answer', n, id, root, hops: Math.min(hops, HOPS_MAX), right });
  }

  lost(t: number, n: number, id: number): void {
    this.#end(id);
    this.#write({ t, e: 'lost', n, id });
  }

  cut(t: number, groups: readonly number[]): void {
    this.#write({ t, e: 'cut', groups: [...groups] });
  }

  healed(t: number): void {
    this.#write({ t, e: 'heal' });
  }

  /** The whole trace. `endMs`: when it ended. */
  text(seed: number | string, nodes: readonly Contact[], endMs: number): string {
    assert(nodes.length <= NODES_MAX, `a trace of at most ${NODES_MAX} nodes`);
    const header: TraceHeader = {
      v: TRACE_VERSION,
      seed,
      nodes: nodes.map(({ nodeId }) => shortId(nodeId)),
      roles: nodes.map(({ role }) => letterOf(role)).join(''),
      endMs,
    };
    return `${JSON.stringify(header)}\n${this.#pieces.join('')}${this.#piece}`;
  }

  save(file: string, seed: number | string, nodes: readonly Contact[], endMs: number): void {
    writeFileSync(file, this.text(seed, nodes, endMs));
  }

  #write(event: TraceEvent): void {
    if (this.full) return;
    this.#events++;
    this.#piece += `${JSON.stringify(event)}\n`;
    if (this.#piece.length < PIECE_LENGTH) return;
    this.#pieces.push(this.#piece);
    this.#piece = '';
  }

  #carriedBy(from: number, message: OverlayMessage): number | undefined {
    if (message.type !== 'lookup' && message.type !== 'reply') return undefined;
    const name = idText(message.id as Id);
    const known = this.#carried.get(name);
    if (known !== undefined || message.type === 'reply' || message.hops.length !== 1) return known;
    const id = this.#open.get(`${from}/${idText(message.target)}`);
    if (id !== undefined) this.#carried.set(name, id);
    return id;
  }

  #end(id: number): void {
    this.#open.delete(this.#keys.get(id)!);
    this.#keys.delete(id);
  }
}

/** The first digits of an id, most significant first. */
export function shortId(id: Id): string {
  return idText(id).slice(0, ID_DIGITS);
}

function letterOf(role: Role): 't' | 'r' | 'b' {
  return role === 'tab' ? 't' : role === 'relay' ? 'r' : 'b';
}

/** A running hash of whole numbers, for comparing runs: two lanes of 32 bits (the mixing step of MurmurHash3). */
export class RunningHash {
  #low = 0x9747b28c;
  #high = 0x5bd1e995;

  add(number: number): void {
    this.#low = mixed(this.#low, number);
    this.#high = mixed(this.#high, number ^ this.#low);
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    return [this.#high, this.#low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

function mixed(hash: number, number: number): number {
  let k = Math.imul(number, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
