/** Comparing two replicas: what differs is found, nothing else, and it costs O(differences · log n). Design, "Storage": lazy repair. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../src/adapters/memory/random.ts';
import { compareBytes, concat, toHex, utf8 } from '../../../../src/core/codec/bytes.ts';
import type { Id } from '../../../../src/core/codec/id.ts';
import { ROUTED_BYTES_MAX } from '../../../../src/core/codec/limits.ts';
import { sha256 } from '../../../../src/core/crypto/hash.ts';
import { inArc, midpoint, WHOLE_RING, type Arc } from '../../../../src/core/storage/reconcile/arc.ts';
import { KeyTree } from '../../../../src/core/storage/reconcile/key-tree.ts';
import {
  answerReconcile,
  RANGES_MAX,
  reconcileReply,
  reconcileRequest,
  type ReconcileReply,
} from '../../../../src/core/storage/reconcile/messages.ts';
import {
  QUESTIONS_MAX,
  Reconciliation,
  type Differences,
} from '../../../../src/core/storage/reconcile/reconciliation.ts';
import { keyOf, type Entry } from '../../../../src/core/storage/reconcile/tree-node.ts';

const random = new SeededRandom('reconcile');
const id = (name: string | number): Id => sha256(utf8(String(name)));

interface Compared extends Differences {
  readonly bytes: number;
  readonly rounds: number;
}

/** Both sides through their codecs; counts the bytes of both directions. */
function compare(mine: KeyTree, theirs: KeyTree, arc: Arc = WHOLE_RING): Compared {
  const session = new Reconciliation(mine, arc, random.bytes(16));
  let [bytes, rounds] = [0, 0];
  let effect = session.step({ type: 'start' });
  while (effect.type === 'ask') {
    const request = reconcileRequest.encode(effect.request);
    const decoded = reconcileRequest.decode(request);
    if (!decoded.ok) throw new Error(decoded.reason);
    const reply = reconcileReply.encode(answerReconcile(theirs, decoded.value));
    const answer = reconcileReply.decode(reply);
    if (!answer.ok) throw new Error(answer.reason);
    bytes += request.length + reply.length;
    rounds += 1;
    effect = session.step({ type: 'reply', reply: answer.value });
  }
  return { ...effect.differences, bytes, rounds };
}

const names = (entries: readonly Entry[]): string[] => entries.map(toHex).sort();

describe('a tree', () => {
  /** Few distinct keys of few digits, so that deep branches and equal keys happen. */
  const key = fc
    .tuple(fc.constantFrom(0, 1, 0xff), fc.nat(40), fc.constantFrom(0, 7))
    .map(([a, b, c]) => Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? a : i === 31 ? b : c)));
  const entry = fc
    .tuple(key, fc.constantFrom<'' | 'a' | 'b'>('', 'a', 'b'))
    .map(([k, state]): Entry => (state === '' ? k : concat(k, id(state))));

  it('changed at once, in an arc, is what single edits make of it; its list is that of the arc', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 60 }),
        fc.uniqueArray(entry, { maxLength: 30, selector: (one) => toHex(keyOf(one)) }),
        fc.nat(30),
        key,
        key,
        (held, changes, split, from, to) => {
          const arc: Arc = { from, to };
          const tree = held.reduce((made, one) => made.with(one), KeyTree.EMPTY);
          const near = changes.filter((one) => inArc(arc, keyOf(one)));
          const [gone, added] = [near.slice(0, split), near.slice(split)];
          let twin = tree.within(arc);
          expect(tree.entriesWithin(arc)).toEqual(twin.entries());
          for (const one of gone) twin = twin.without(keyOf(one));
          for (const one of added) twin = twin.with(one);
          const changed = tree.changedWithin(arc, gone, added);
          expect(changed.size).toBe(twin.size);
          expect(changed.entries()).toEqual(twin.entries());
          const nonce = new Uint8Array(16);
          expect(changed.fingerprints(new Uint8Array(), nonce)).toEqual(
            twin.fingerprints(new Uint8Array(), nonce),
          );
        },
      ),
    );
  });

  it('is the same whatever the order of edits, and a list filtered by an arc is its part', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 80 }),
        fc.array(key, { maxLength: 20 }),
        key,
        key,
        (added, gone, from, to) => {
          const twin = new Map<string, Entry>();
          let tree = KeyTree.EMPTY;
          for (const one of added) {
            tree = tree.with(one);
            twin.set(toHex(keyOf(one)), one);
          }
          for (const one of gone) {
            tree = tree.without(one);
            twin.delete(toHex(one));
          }
          const sorted = [...twin.values()].sort(compareBytes);
          expect([...tree.entries()]).toEqual(sorted);
          expect(tree.size).toBe(sorted.length);
          const nonce = random.bytes(16);
          const none = new Uint8Array(0);
          expect(tree.fingerprints(none, nonce)).toEqual(KeyTree.of(sorted).fingerprints(none, nonce));
          const part = sorted.filter((one) => inArc({ from, to }, keyOf(one)));
          const within = tree.within({ from, to });
          expect([...within.entries()]).toEqual(part);
          expect(within.fingerprints(none, nonce)).toEqual(KeyTree.of(part).fingerprints(none, nonce));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('has the same fingerprints in no two sessions', () => {
    const tree = KeyTree.of([id(1), id(2)]);
    const prefix = new Uint8Array(0);
    expect(tree.fingerprints(prefix, random.bytes(16))).not.toEqual(
      tree.fingerprints(prefix, random.bytes(16)),
    );
  });
});

describe('an arc', () => {
  it('has its middle half way, also over zero', () => {
    const at = (byte: number): Id => Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? byte : 0));
    expect(midpoint(at(16), at(32))[0]).toBe(24);
    expect(midpoint(at(240), at(16))[0]).toBe(0);
    expect(midpoint(at(32), at(16))[0]).toBe(152);
  });
});

describe('a comparison', () => {
  it('finds what a naive twin finds, over any arc', () => {
    fc.assert(
      fc.property(
        fc.nat(400),
        fc.nat(30),
        fc.nat(30),
        fc.nat(10),
        fc.nat(1000),
        fc.nat(1000),
        (both, lacking, extra, changed, from, to) => {
          const make = (name: string, count: number): Id[] =>
            Array.from({ length: count }, (_, i) => id(`${name} ${i}`));
          const versions = make('changed', changed);
          const mine = [
            ...make('both', both),
            ...make('mine', lacking),
            ...versions.map((k) => concat(k, id(1))),
          ];
          const theirs = [
            ...make('both', both),
            ...make('theirs', extra),
            ...versions.map((k) => concat(k, id(2))),
          ];
          const arc = { from: id(from), to: id(to) };
          const found = compare(KeyTree.of(mine), KeyTree.of(theirs), arc);
          const minus = (a: readonly Entry[], b: readonly Entry[]): string[] => {
            const known = new Set(b.map(toHex));
            return names(a.filter((one) => inArc(arc, keyOf(one)) && !known.has(toHex(one))));
          };
          expect(found.end).toBe('complete');
          expect(names(found.lacking)).toEqual(minus(mine, theirs));
          expect(names(found.extra)).toEqual(minus(theirs, mine));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of 100,000 blocks with 10 differences takes at most 20 KB in both directions', () => {
    const blocks = Array.from({ length: 100_000 }, (_, i) => id(i));
    const mine = KeyTree.of(blocks.slice(5));
    const theirs = KeyTree.of(blocks.slice(0, -5));
    const found = compare(mine, theirs);
    expect([found.end, found.lacking.length, found.extra.length]).toEqual(['complete', 5, 5]);
    expect(found.bytes).toBeLessThan(20_000);
    expect(found.bytes / 10).toBeLessThan(700);
    expect(found.rounds).toBeLessThanOrEqual(6);
  });

  it('of equal sets takes one round and some 300 bytes', () => {
    const tree = KeyTree.of(Array.from({ length: 5_000 }, (_, i) => id(i)));
    const { bytes, rounds, end } = compare(tree, tree);
    expect([end, rounds]).toEqual(['complete', 1]);
    expect(bytes).toBeLessThan(320);
  });

  it('with a node that holds nothing lists nothing but what is here', () => {
    const mine = Array.from({ length: 3_000 }, (_, i) => id(i));
    const found = compare(KeyTree.of(mine), KeyTree.EMPTY);
    expect(found.lacking).toHaveLength(3_000);
    expect(found.bytes).toBeLessThan(300);
    expect(compare(KeyTree.EMPTY, KeyTree.of(mine)).extra).toHaveLength(3_000);
  });
});

describe('a liar', () => {
  const mine = KeyTree.of(Array.from({ length: 500 }, (_, i) => id(i)));
  const against = (answer: (prefixes: readonly Uint8Array[]) => ReconcileReply['ranges']): Compared => {
    const session = new Reconciliation(mine, { from: id(1), to: id(2) }, random.bytes(16));
    let rounds = 0;
    let effect = session.step({ type: 'start' });
    while (effect.type === 'ask') {
      rounds += 1;
      effect = session.step({ type: 'reply', reply: { v: 1, ranges: answer(effect.request.prefixes) } });
    }
    return { ...effect.differences, bytes: 0, rounds };
  };

  it('that says that everything differs, everywhere, is left after a bounded number of questions', () => {
    const found = against((prefixes) => prefixes.map(() => random.bytes(128)));
    expect(['too-many', 'bad-answer']).toContain(found.end);
    expect(found.rounds).toBeLessThanOrEqual(QUESTIONS_MAX);
  });

  it('that lists what lies elsewhere, in disorder, or too little, is not believed', () => {
    const arc = { from: id(1), to: id(2) };
    const outside = Array.from({ length: 50 }, (_, i) => id(`x${i}`)).filter((one) => !inArc(arc, one));
    expect(against(() => [[outside[0]!]]).end).toBe('bad-answer');
    const inside = Array.from({ length: 200 }, (_, i) => id(`y${i}`)).filter((one) => inArc(arc, one));
    const sorted = inside.slice(0, 2).sort(compareBytes);
    expect(against(() => [[sorted[1]!, sorted[0]!]]).end).toBe('bad-answer');
    expect(against(() => []).end).toBe('bad-answer');
  });
});

describe('the messages', () => {
  it('are small enough to be routed, also the longest answers', () => {
    const state = id('state');
    const range = Array.from({ length: 16 }, (_, i) => concat(id(i), state));
    const ranges = Array.from({ length: RANGES_MAX }, () => range);
    const reply = reconcileReply.encode({ v: 1, ranges });
    expect(reply.length).toBeLessThan(ROUTED_BYTES_MAX);
    expect(reconcileReply.decode(reply).ok).toBe(true);
    const one = { v: 1 as const, nonce: random.bytes(16), from: id(1), to: id(2) };
    const deep = Array.from({ length: RANGES_MAX }, () => new Uint8Array(63).fill(15));
    expect(reconcileRequest.decode(reconcileRequest.encode({ ...one, prefixes: deep })).ok).toBe(true);
    const tooMany = { ...one, prefixes: [...deep, new Uint8Array(0)] };
    expect(reconcileRequest.decode(reconcileRequest.encode(tooMany)).ok).toBe(false);
    for (const bad of [new Uint8Array(64), Uint8Array.of(16)])
      expect(reconcileRequest.decode(reconcileRequest.encode({ ...one, prefixes: [bad] })).ok).toBe(false);
  });
});
