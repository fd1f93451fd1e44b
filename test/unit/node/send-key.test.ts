/** A draft that is handed over twice, because the tab that ran the node died with the first, is one message. */
import { expect, test } from 'vitest';
import { MemberRing } from './member-ring.ts';

test('the same key is the same message: while it is being sent, after it, and after a restart', async () => {
  const net = await MemberRing.create('send key');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  const sendKey = 'ab'.repeat(16);
  const [one, two] = await Promise.all([
    ada!.send('bob', 'Once', { sendKey }),
    ada!.send('bob', 'Once', { sendKey }),
  ]);
  expect(two).toBe(one);
  await ada!.close();
  await ada!.open();
  expect(await ada!.send('bob', 'Once', { sendKey })).toBe(one);
  await ada!.online();
  await ada!.message('Once', 'sent', ({ delivery }) => delivery?.state === 'received');
  expect(await ada!.messages('sent')).toHaveLength(1);
  expect(await bob!.messages('inbox')).toHaveLength(1);
  expect(await ada!.send('bob', 'Another', {})).not.toBe(one);
});
