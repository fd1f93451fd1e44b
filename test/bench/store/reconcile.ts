/**
 * Two replicas of 100,000 blocks of which 10 differ: bytes of both directions through the wire formats, and rounds.
 *
 * Estimate: 16 fingerprints for each of 4 levels on the way to each difference, 10 · 4 · 16 · 8 bytes, with prefixes: 8 KB in 5 rounds.
 */
import { assert } from '../../../src/core/codec/assert.ts';
import { WHOLE_RING } from '../../../src/core/storage/reconcile/arc.ts';
import { KeyTree, NONCE_BYTES } from '../../../src/core/storage/reconcile/key-tree.ts';
import {
  answerReconcile,
  reconcileReply,
  reconcileRequest,
} from '../../../src/core/storage/reconcile/messages.ts';
import { Reconciliation } from '../../../src/core/storage/reconcile/reconciliation.ts';
import { someBytes } from '../overlay/pick.ts';
import type { Row } from './row.ts';

const BLOCKS = 100_000;
const DIFFERENCES = 10;
const BYTES_MAX = 20_000;

export function measureReconciliation(): Row[] {
  const keys = Array.from({ length: BLOCKS + DIFFERENCES / 2 }, () => someBytes(32));
  const mine = KeyTree.of(keys.slice(0, BLOCKS));
  const theirs = KeyTree.of(keys.slice(DIFFERENCES / 2));
  const started = performance.now();
  const session = new Reconciliation(mine, WHOLE_RING, someBytes(NONCE_BYTES));
  let [bytes, rounds] = [0, 0];
  let effect = session.step({ type: 'start' });
  while (effect.type === 'ask') {
    const request = reconcileRequest.encode(effect.request);
    const asked = reconcileRequest.decode(request);
    assert(asked.ok, 'the question can be read');
    const reply = reconcileReply.encode(answerReconcile(theirs, asked.value));
    const answer = reconcileReply.decode(reply);
    assert(answer.ok, 'the answer can be read');
    bytes += request.length + reply.length;
    rounds += 1;
    effect = session.step({ type: 'reply', reply: answer.value });
  }
  const { lacking, extra, end } = effect.differences;
  assert(end === 'complete' && lacking.length + extra.length === DIFFERENCES, 'all differences are found');
  return [
    { figure: 'reconciling 100,000 blocks, 10 differ: bytes', ours: bytes, oursMax: BYTES_MAX },
    { figure: 'the same: rounds', ours: rounds },
    { figure: 'the same: ms of both sides', ours: performance.now() - started },
  ];
}
