/** Counting what nodes say: messages exactly, bytes exactly or from a sample. */
import { expect, test } from 'vitest';
import { overlayCodec, type OverlayMessage } from '../../../src/core/overlay/messages.ts';
import { SIZE_EVERY, Traffic } from './traffic.ts';

const probe: OverlayMessage = { type: 'probe', nonce: 7 };
const tell = (length: number): OverlayMessage => ({
  type: 'tell',
  service: 's',
  body: new Uint8Array(length),
});
const sizeOf = (message: OverlayMessage): number => overlayCodec.encode({ v: 1, m: message }).length;

test('upkeep and calls are told apart, each by type', () => {
  const traffic = new Traffic(true);
  for (let i = 0; i < 3; i++) traffic.count(probe);
  for (const length of [10, 500]) traffic.count(tell(length));
  const tells = sizeOf(tell(10)) + sizeOf(tell(500));
  expect(traffic.byType()).toEqual([
    { type: 'probe', control: true, messages: 3, bytes: 3 * sizeOf(probe) },
    { type: 'tell', control: false, messages: 2, bytes: tells },
  ]);
  expect(traffic.total(true)).toEqual({ messages: 3, bytes: 3 * sizeOf(probe) });
  expect(traffic.total()).toEqual({ messages: 5, bytes: 3 * sizeOf(probe) + tells });
  traffic.reset();
  expect(traffic.total()).toEqual({ messages: 0, bytes: 0 });
});

test('without encoding all, those between count as the mean of the sample', () => {
  const traffic = new Traffic(false);
  for (let i = 0; i < 2 * SIZE_EVERY; i++)
    traffic.count(tell(i === 0 ? 100 : i === SIZE_EVERY ? 300 : 5_000));
  const mean = (sizeOf(tell(100)) + sizeOf(tell(300))) / 2;
  expect(traffic.total()).toEqual({ messages: 2 * SIZE_EVERY, bytes: 2 * SIZE_EVERY * mean });
});
