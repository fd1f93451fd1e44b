/**
 * Finds what differs between a set here and a node's set there, over an arc of the ring: ranges whose fingerprints differ are
 * opened, 16 parts at a time, until they are short lists (range-based set reconciliation: Meyer 2023; Merkle trees over key
 * ranges: Cates 2003, §4; DHash). Costs O(differences · log n) bytes and log n rounds.
 */
import { compareBytes, concat, equalBytes, type Bytes } from '../../codec/bytes.ts';
import { digitOf, ID_DIGITS } from '../../codec/id.ts';
import { inArc, type Arc } from './arc.ts';
import { emptyFingerprint, FINGERPRINT_BYTES, type KeyTree } from './key-tree.ts';
import { RANGES_MAX, type ReconcileReply, type ReconcileRequest } from './messages.ts';
import { BRANCHES, keyOf, type Entry } from './tree-node.ts';

export type ReconciliationEvent =
  | { readonly type: 'start' }
  | { readonly type: 'reply'; readonly reply: ReconcileReply }
  /** No answer, or one that could not be read. */
  | { readonly type: 'failed' };

export type ReconciliationEffect =
  | { readonly type: 'ask'; readonly request: ReconcileRequest }
  | { readonly type: 'done'; readonly differences: Differences };

/** `failed`: what was found before it is true all the same. */
export interface Differences {
  readonly end: 'complete' | 'too-many' | 'failed' | 'bad-answer';
  /** Here and not there; of another state there. */
  readonly lacking: readonly Entry[];
  /** There and not here; of another state here. */
  readonly extra: readonly Entry[];
}

/** Differences that one session finds; the next one goes on. */
export const DIFFERENCES_MAX = 8_192;
/** Questions of one session: a liar cannot keep it going. */
export const QUESTIONS_MAX = 1_024;

export class Reconciliation {
  readonly #mine: KeyTree;
  readonly #arc: Arc;
  readonly #nonce: Bytes;
  /** Ranges to open, and those that were asked about last. Bounded: a reply adds 16 for each of RANGES_MAX. */
  #open: Bytes[] = [new Uint8Array(0)];
  #asked: readonly Bytes[] = [];
  #questions = 0;
  readonly #lacking: Entry[] = [];
  readonly #extra: Entry[] = [];

  /** `nonce`: NONCE_BYTES fresh random bytes. */
  constructor(mine: KeyTree, arc: Arc, nonce: Bytes) {
    this.#mine = mine.within(arc);
    this.#arc = arc;
    this.#nonce = nonce;
  }

  step(event: ReconciliationEvent): ReconciliationEffect {
    if (event.type === 'failed') return this.#done('failed');
    if (event.type === 'reply' && !this.#take(event.reply)) return this.#done('bad-answer');
    if (this.#open.length === 0) return this.#done('complete');
    if (this.#lacking.length + this.#extra.length >= DIFFERENCES_MAX || this.#questions >= QUESTIONS_MAX)
      return this.#done('too-many');
    return this.#ask();
  }

  /** Deepest ranges first: what waits stays bounded. */
  #ask(): ReconciliationEffect {
    this.#asked = this.#open.splice(Math.max(0, this.#open.length - RANGES_MAX));
    this.#questions += 1;
    const request = { v: 1 as const, nonce: this.#nonce, ...this.#arc, prefixes: [...this.#asked] };
    return { type: 'ask', request };
  }

  #take({ ranges }: ReconcileReply): boolean {
    if (ranges.length !== this.#asked.length) return false;
    return ranges.every((range, i) => {
      const prefix = this.#asked[i]!;
      return range instanceof Uint8Array
        ? this.#compareParts(prefix, range)
        : this.#compareLists(prefix, range);
    });
  }

  #compareParts(prefix: Bytes, theirs: Bytes): boolean {
    const ours = this.#mine.fingerprints(prefix, this.#nonce);
    const empty = emptyFingerprint(this.#nonce);
    for (let digit = 0; digit < BRANCHES; digit++) {
      const their = part(theirs, digit);
      if (equalBytes(part(ours, digit), their)) continue;
      const below = concat(prefix, Uint8Array.of(digit));
      if (equalBytes(their, empty)) this.#lacking.push(...this.#mine.entries(below));
      else if (below.length < ID_DIGITS) this.#open.push(below);
      else return false;
    }
    return true;
  }

  #compareLists(prefix: Bytes, theirs: readonly Entry[]): boolean {
    const fits = theirs.every(
      (entry, i) =>
        inArc(this.#arc, keyOf(entry)) &&
        prefix.every((digit, at) => digitOf(keyOf(entry), at) === digit) &&
        (i === 0 || compareBytes(keyOf(theirs[i - 1]!), keyOf(entry)) < 0),
    );
    if (!fits) return false;
    for (const entry of theirs) if (!this.#mine.has(entry)) this.#extra.push(entry);
    for (const entry of this.#mine.entries(prefix))
      if (!theirs.some((their) => equalBytes(their, entry))) this.#lacking.push(entry);
    return true;
  }

  #done(end: Differences['end']): ReconciliationEffect {
    return { type: 'done', differences: { end, lacking: this.#lacking, extra: this.#extra } };
  }
}

function part(fingerprints: Bytes, digit: number): Bytes {
  return fingerprints.subarray(digit * FINGERPRINT_BYTES, (digit + 1) * FINGERPRINT_BYTES);
}
