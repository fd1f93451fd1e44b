/** Replacements for replicas that fail are further nodes: one node is asked once, and counts once. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { idText, type Id, type Key } from '../../../src/core/codec/id.ts';
import { OverlayError } from '../../../src/core/overlay/overlay.ts';
import type { Target } from '../../../src/core/storage/replica-set.ts';
import { replicate } from '../../../src/core/storage/replicate.ts';
import type { Receipt } from '../../../src/core/storage/storage.ts';

const filled = (byte: number): Id => new Uint8Array(32).fill(byte) as Id;
const target = (byte: number): Target => ({ nodeId: filled(byte), peerKey: filled(byte) });

function receiptOf({ peerKey }: Target): Receipt {
  const body = {
    v: 1 as const,
    kind: 'block' as const,
    key: filled(0),
    held: filled(0),
    holder: peerKey,
    at: 0,
  };
  return { body, signature: new Uint8Array(64) };
}

test('a relay that is an always-on replica is no spare one', async () => {
  const [dead, gone, good, relay, spare] = [1, 2, 3, 4, 5].map(target) as [
    Target,
    Target,
    Target,
    Target,
    Target,
  ];
  const asked: string[] = [];
  const stored = await replicate({
    key: filled(0) as Key,
    set: { closest: [dead, gone, good, relay, spare], alwaysOn: [relay], unasked: 0, k: 3 },
    clock: new VirtualClock(),
    isSelf: () => false,
    put: (to) => {
      asked.push(idText(to.nodeId));
      if (to === dead || to === gone) return Promise.reject(new OverlayError('unreachable', 'gone'));
      return Promise.resolve(receiptOf(to));
    },
  });
  expect(new Set(asked).size).toBe(asked.length);
  expect(stored.receipts.map(({ body }) => body.holder[0]).sort()).toEqual([3, 4, 5]);
});

test('over quota is believed of a node that sees all, or of two; of one other it is a node without room', async () => {
  const [first, second, third, spare, relay] = [1, 2, 3, 4, 5].map(target) as [
    Target,
    Target,
    Target,
    Target,
    Target,
  ];
  const refusing = (...who: Target[]) =>
    replicate({
      key: filled(0) as Key,
      set: { closest: [first, second, third, spare], alwaysOn: [relay], unasked: 0, k: 3 },
      clock: new VirtualClock(),
      isSelf: () => false,
      seesAll: (to) => to === relay,
      put: (to) =>
        who.includes(to)
          ? Promise.reject(new OverlayError('refused', 'Buy more!', 'over-quota'))
          : Promise.resolve(receiptOf(to)),
    });
  expect((await refusing(second)).receipts.length).toBe(4);
  const refused = { code: 'over-quota', message: expect.stringContaining('nothing was lost') as string };
  await expect(refusing(relay)).rejects.toMatchObject(refused);
  await expect(refusing(first, third)).rejects.toMatchObject(refused);
});
