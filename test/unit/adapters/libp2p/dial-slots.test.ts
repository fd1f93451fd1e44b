/** At most DIALS_MAX dials at once; fewer introductions while they are slow; relays that are down take not all slots. */
import { beforeEach, expect, test } from 'vitest';
import { DialSlots, type DialKind } from '../../../../src/adapters/libp2p/dial-slots.ts';
import {
  DIALS_WAITING_MAX,
  FAST_INTRODUCTION_MS,
  FIRST_INTRODUCTIONS,
  SLOW_INTRODUCTION_MS,
} from '../../../../src/adapters/libp2p/limits.ts';
import { DIALS_MAX } from '../../../../src/core/codec/limits.ts';

let slots: DialSlots;
/** Dials that have begun and not ended, in their order. */
let active: { readonly kind: DialKind; readonly end: (error?: Error) => void }[];

beforeEach(() => {
  slots = new DialSlots();
  active = [];
});

function dial(kind: DialKind): Promise<void> {
  return slots.run(
    kind,
    () =>
      new Promise((resolve, reject) => {
        active.push({ kind, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  );
}

async function begun(): Promise<DialKind[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return active.map(({ kind }) => kind);
}

test('introductions begin with a few, become more while they are fast and fewer while they are slow', async () => {
  const dials = Array.from({ length: 8 }, () => dial('introduced'));
  expect(await begun()).toHaveLength(FIRST_INTRODUCTIONS);
  for (let i = 0; i < DIALS_MAX; i++) slots.introductionTook(FAST_INTRODUCTION_MS);
  expect(await begun()).toHaveLength(DIALS_MAX);
  for (let i = 0; i < DIALS_MAX; i++) slots.introductionTook(SLOW_INTRODUCTION_MS);
  for (const { end } of active.splice(0)) end();
  expect(await begun()).toHaveLength(1);
  while ((await begun()).length > 0) active.shift()!.end();
  await Promise.all(dials);
});

test('dials to relays leave a slot for introductions, and all together keep to the limit', async () => {
  for (let i = 0; i < DIALS_MAX; i++) slots.introductionTook(0);
  for (let i = 0; i < DIALS_MAX; i++) void dial('direct');
  expect(await begun()).toEqual(Array.from({ length: DIALS_MAX - 1 }, () => 'direct'));
  for (let i = 0; i < DIALS_MAX; i++) void dial('introduced');
  expect((await begun()).slice(DIALS_MAX - 1)).toEqual(['introduced']);
  expect(slots.isFree('introduced')).toBe(false);
  active.shift()!.end();
  expect(await begun()).toHaveLength(DIALS_MAX);
});

test('a dial that fails frees its slot; too many that wait are congested', async () => {
  const first = dial('introduced');
  for (let i = 1; i < FIRST_INTRODUCTIONS + DIALS_WAITING_MAX; i++) void dial('introduced');
  await expect(dial('introduced')).rejects.toMatchObject({ code: 'congested' });
  expect(await begun()).toHaveLength(FIRST_INTRODUCTIONS);
  active.shift()!.end(new Error('in vain'));
  await expect(first).rejects.toThrow('in vain');
  expect(await begun()).toHaveLength(FIRST_INTRODUCTIONS);
});
