/** What does not arrive ends with a sentence: senders are limited, inboxes and mailboxes have an end, nothing is tried for ever. */
import { expect, test } from 'vitest';
import { EXPIRY_MS } from '../../../src/core/mail/outbox.ts';
import { RECEIPT_EXPIRY_MS } from '../../../src/core/mail/receipts.ts';
import { serviceName } from '../../../src/core/storage/service.ts';
import { ServiceRefusal } from '../../../src/core/overlay/overlay.ts';
import { MemberRing } from './member-ring.ts';

const HOUR_MS = 60 * 60_000;

test('a message that nobody fetches bounces after 30 days, with what to do', async () => {
  const net = await MemberRing.create('expiry');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  await bob!.close();
  await ada!.send('bob', 'Anybody there?');
  await ada!.message('Anybody there?', 'sent', ({ delivery }) => delivery?.state === 'notified');
  await ada!.close();
  net.clock.advance(EXPIRY_MS - HOUR_MS);
  await ada!.open();
  await ada!.online();
  await net.pass(2_000);
  const notYet = await ada!.message('Anybody there?', 'sent');
  expect(notYet.delivery!.state).toBe('notified');
  await ada!.close();
  net.clock.advance(2 * HOUR_MS);
  await ada!.open();
  const bounced = await ada!.message(
    'Anybody there?',
    'sent',
    ({ delivery }) => delivery?.state === 'bounced',
  );
  expect(bounced.delivery!.recipients[0]!.reason).toMatch(/not fetched this message for 30 days/);
});

test('who has taken too much from a sender says so, and the sender reads it', async () => {
  const net = await MemberRing.create('too many');
  const [ada, bob] = await net.people('ada', 'bob');
  await bob!.close();
  const reason = 'Their inbox is full: it takes more when they have fetched what is in it.';
  net.relay.overlay.handle(
    serviceName('append-inbox'),
    () => Promise.reject(new ServiceRefusal('full', reason)),
    { forwardable: true },
  );
  await ada!.send('bob', 'One more');
  const waiting = await ada!.message('One more', 'sent', ({ delivery }) =>
    delivery!.recipients.some((one) => one.reason?.includes('inbox is full')),
  );
  expect(waiting.delivery!.state).toBe('stored');
});

test('a receipt that its sender cannot be given is tried ever more rarely, then given up, which is said', async () => {
  const net = await MemberRing.create('owed');
  const [ada, bob] = await net.people('ada', 'bob');
  await bob!.close();
  await ada!.send('bob', 'Hello');
  await ada!.message('Hello', 'sent', ({ delivery }) => delivery?.state === 'notified');
  await ada!.close();
  const refuse = (): Promise<never> => Promise.reject(new ServiceRefusal('full', 'no room'));
  net.relay.overlay.handle(serviceName('append-inbox'), refuse, { forwardable: true });
  const failed = (): number => bob!.counters.get('node.waited-full');
  await bob!.open();
  await bob!.message('Hello', 'inbox');
  await net.until(() => failed() > 0);
  await net.pass(HOUR_MS / 6, 50);
  // After 1 s, 2 s, 4 s …: ten attempts in ten minutes.
  expect(failed()).toBeGreaterThan(6);
  expect(failed()).toBeLessThan(14);
  await bob!.close();
  net.clock.advance(RECEIPT_EXPIRY_MS);
  const before = failed();
  await bob!.open();
  await net.until(() => bob!.counters.get('receipts.expired') === 1);
  expect(failed()).toBe(before);
});

test('a full mailbox leaves mail in the inbox until there is room', async () => {
  const net = await MemberRing.create('full mailbox');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  await bob!.close();
  await bob!.open(bob!.store, { itemsMax: 1 });
  await bob!.online();
  await ada!.send('bob', 'First');
  const first = await bob!.message('First', 'inbox');
  await ada!.send('bob', 'Second');
  await ada!.message('Second', 'sent', ({ delivery }) => delivery?.state === 'notified');
  await net.until(() => bob!.counters.get('notification.mailbox-full') > 1);
  expect(await bob!.messages('inbox')).toHaveLength(1);
  await net.passing(bob!.client.change({ kind: 'remove', messages: [first.id] }));
  await bob!.close();
  await bob!.open(bob!.store, { itemsMax: 1 });
  await bob!.message('Second', 'inbox');
  await ada!.message('Second', 'sent', ({ delivery }) => delivery?.state === 'received');
});
