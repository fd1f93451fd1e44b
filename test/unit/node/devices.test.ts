/** Several devices of one person on a simulated ring: one passes the account on, both are named, one is removed for good. */
import { expect, test } from 'vitest';
import { ok, refuse, type Result } from '../../../src/core/codec/result.ts';
import type { DeviceView } from '../../../src/core/node/client.ts';
import { EXPEL_AGAIN_MS } from '../../../src/core/node/expulsions.ts';
import type { TestPerson } from './member-ring.ts';
import { MemberRing } from './member-ring.ts';

const labels = (devices: readonly DeviceView[]): string[] => devices.map(({ label }) => label).sort();

async function devicesOf(net: MemberRing, person: TestPerson): Promise<readonly DeviceView[]> {
  return net.passing(person.client.devices());
}

test('a device is named, found by the others, and removed: nobody seals to it, and what it wrote stays', async () => {
  const net = await MemberRing.create('devices');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan');
  const tablet = await net.device(ada!, 'ada-tablet');
  await tablet.open();
  await net.until(async () => (await devicesOf(net, ada!)).length === 2);
  await net.passing(tablet.client.renameDevice(' The tablet '));
  await net.until(async () => labels(await devicesOf(net, ada!)).includes('The tablet'));
  await tablet.send('bob', 'From tablet');
  await ada!.message('From tablet', 'sent');

  const lost = (await devicesOf(net, ada!)).find(({ label }) => label === 'The tablet')!;
  expect(lost).toMatchObject({ self: false, removedAt: undefined });
  await expect(ada!.client.removeDevice((await devicesOf(net, tablet))[0]!.id)).rejects.toMatchObject({
    message: expect.stringContaining('cannot remove itself') as string,
  });
  await net.passing(ada!.client.removeDevice(lost.id));
  expect(await devicesOf(net, ada!)).toHaveLength(1);

  // The removed device hears of it, puts itself back into no block, and says so.
  await net.until(
    async () => (await devicesOf(net, tablet)).find(({ self }) => self)?.removedAt !== undefined,
  );
  await net.until(async () => (await tablet.snapshot()).notices.some(({ id }) => id === 'removed'));
  expect(await devicesOf(net, ada!)).toHaveLength(1);

  await bob!.send('ada', 'After it was removed');
  await ada!.message('After it was removed', 'inbox');
  await ada!.close();
  await ada!.open();
  await ada!.message('From tablet', 'sent');
  expect(await devicesOf(net, ada!)).toHaveLength(1);
});

test('while the authority is away a removed device waits to lose its place: it is said, and done later, also after a restart', async () => {
  const net = await MemberRing.create('expelled later');
  const [ada] = await net.people('ada', 'bob', 'cleo');
  const tablet = await net.device(ada!, 'ada-tablet');
  await tablet.open();
  await net.until(async () => (await devicesOf(net, ada!)).length === 2);
  await ada!.close();
  let asked = 0;
  let answer: Result<true> = refuse('unreachable', 'The relay cannot be reached.');
  const expelNode = (): Promise<Result<true>> => {
    asked += 1;
    return Promise.resolve(answer);
  };
  await ada!.open(undefined, { expelNode });
  await ada!.online();
  const lost = (await devicesOf(net, ada!)).find(({ self }) => !self)!;
  await net.passing(ada!.client.removeDevice(lost.id));
  const waits = async (): Promise<boolean> =>
    (await ada!.snapshot()).notices.some(
      ({ id, text }) => id.startsWith('expel/') && text.includes('cannot be reached'),
    );
  await net.until(waits);
  expect(await devicesOf(net, ada!)).toHaveLength(1);
  await ada!.close();
  const before = asked;
  await ada!.open(undefined, { expelNode });
  await net.until(waits);
  expect(asked).toBeGreaterThan(before);
  answer = ok(true);
  await net.until(async () => !(await waits()), 2 * EXPEL_AGAIN_MS);
  const done = asked;
  await net.pass(2 * EXPEL_AGAIN_MS, 50);
  expect(asked).toBe(done);
});
