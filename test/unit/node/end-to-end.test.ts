/** The main job in one process: real members, real overlay and storage, the network and the disks in memory. */
import { expect, test } from 'vitest';
import { MemberRing } from './member-ring.ts';

test('a mail goes from queued to received, and is read', async () => {
  const net = await MemberRing.create('first');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan');
  const id = await ada!.send('bob', 'Hello');
  const sent = await ada!.message('Hello', 'sent', ({ delivery }) => delivery?.state === 'received');
  expect(sent.id).toBe(id);
  const [recipient] = sent.delivery!.recipients;
  expect(recipient!.evidence.map(({ state }) => state)).toEqual(['queued', 'stored', 'notified', 'received']);
  const got = await bob!.message('Hello', 'inbox');
  expect(got).toMatchObject({ id, unread: true, from: { address: 'ada@example.org', name: 'Ada' } });
  expect(await net.passing(bob!.client.body(id))).toEqual({ text: 'Text of Hello', html: undefined });
});
