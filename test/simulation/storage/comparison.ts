/** What a comparison of two replicas finds and costs: the product's session every so often, else its outcome directly. */
import { assert } from '../../../src/core/codec/assert.ts';
import { compareBytes, equalBytes, type Bytes } from '../../../src/core/codec/bytes.ts';
import type { Arc } from '../../../src/core/storage/reconcile/arc.ts';
import type { KeyTree } from '../../../src/core/storage/reconcile/key-tree.ts';
import { answerReconcile, type ReconcileReply } from '../../../src/core/storage/reconcile/messages.ts';
import {
  DIFFERENCES_MAX,
  Reconciliation,
  type Differences,
} from '../../../src/core/storage/reconcile/reconciliation.ts';
import type { Entry } from '../../../src/core/storage/reconcile/tree-node.ts';

/** Every so many comparisons are made message by message, and count for all of them in the figures. */
const SAMPLED = 64;
/** Bytes of messages around what they carry. */
export const ENVELOPE_BYTES = 120;

export interface Outcome {
  readonly differences: Differences;
  readonly rounds: number;
  /** On the wire, in both directions; of a sampled comparison that of all that it stands for. */
  readonly bytes: number;
}

export class Comparisons {
  #count = 0;
  /** Questions of the last sampled one: what the others are taken to need. */
  #rounds = 1;

  /** `nonce`: called for each that is made message by message. */
  compare(believed: KeyTree, theirs: KeyTree, arc: Arc, nonce: () => Bytes): Outcome {
    const direct = difference(believed.entriesWithin(arc), theirs.entriesWithin(arc));
    const isMany = direct.lacking.length + direct.extra.length >= DIFFERENCES_MAX;
    if (this.#count++ % SAMPLED !== 0 && !isMany)
      return { differences: direct, rounds: this.#rounds, bytes: 0 };
    const { differences, rounds, bytes } = session(believed, theirs, arc, nonce());
    if (!isMany) assertSame(differences, direct);
    this.#rounds = rounds;
    return { differences, rounds, bytes: bytes * SAMPLED };
  }
}

/** Of two lists in the order of keys, of keys without states. */
function difference(ours: readonly Entry[], theirs: readonly Entry[]): Differences {
  const lacking: Entry[] = [];
  const extra: Entry[] = [];
  let [i, j] = [0, 0];
  while (i < ours.length || j < theirs.length) {
    const order =
      i === ours.length
        ? 1
        : j === theirs.length
          ? -1
          : ours[i] === theirs[j]
            ? 0
            : compareBytes(ours[i]!, theirs[j]!);
    if (order < 0) lacking.push(ours[i]!);
    if (order > 0) extra.push(theirs[j]!);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return { end: 'complete', lacking, extra };
}

function session(believed: KeyTree, theirs: KeyTree, arc: Arc, nonce: Bytes): Outcome {
  const asking = new Reconciliation(believed, arc, nonce);
  let [rounds, bytes] = [0, 0];
  let next = asking.step({ type: 'start' });
  while (next.type === 'ask') {
    const reply = answerReconcile(theirs, next.request);
    bytes += requestBytes(next.request.prefixes) + replyBytes(reply);
    rounds += 1;
    next = asking.step({ type: 'reply', reply });
  }
  return { differences: next.differences, rounds, bytes };
}

/** The order in which a session finds things is its own. */
function assertSame(session: Differences, direct: Differences): void {
  const isSame = (a: readonly Entry[], b: readonly Entry[]): boolean =>
    a.length === b.length && [...a].sort(compareBytes).every((entry, i) => equalBytes(entry, b[i]!));
  assert(session.end === 'complete', 'a comparison with an honest answer comes to its end');
  assert(isSame(session.lacking, direct.lacking) && isSame(session.extra, direct.extra), 'the same is found');
}

/** As they are encoded, within a few bytes. */
function requestBytes(prefixes: readonly Uint8Array[]): number {
  return ENVELOPE_BYTES + prefixes.reduce((sum, prefix) => sum + 1 + prefix.length, 0);
}

function replyBytes({ ranges }: ReconcileReply): number {
  return (
    14 + ranges.reduce((sum, range) => sum + 2 + (range instanceof Uint8Array ? 128 : 34 * range.length), 0)
  );
}
