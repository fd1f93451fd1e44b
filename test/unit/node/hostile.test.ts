/** Promise 4: forged, replayed, misdirected and stale notifications, and replicas that lie, get nowhere; the mail arrives. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { fromHex, toHex, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import type { NotificationBody } from '../../../src/core/identity/signing-purposes.ts';
import { mailReceiptCodec } from '../../../src/core/mail/headers.ts';
import { createReplicaNode } from '../../../src/core/node/replica-node.ts';
import { INBOX_HINT_SERVICE } from '../../../src/core/post/delegates.ts';
import { CorruptingStore } from './corrupting-store.ts';
import { blockOf, Forger } from './forger.ts';
import { MemberRing, TestPerson } from './member-ring.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('forged and misdirected notifications are refused by name; a replay has no effect', async () => {
  const net = await MemberRing.create('forged');
  const [ada, bob, eve] = await net.people('ada', 'bob', 'eve');
  const forger = await Forger.create(net, ada!, bob!);
  const now = net.clock.now();
  const evesKey = eve!.membership.identityCertificate.body.signKey;
  const evesBlock = await blockOf(net, eve!);
  const cases: readonly (readonly [string, Promise<Bytes>])[] = [
    ['wrong-recipient', forger.sealed('to eve', { to: evesKey })],
    ['wrong-sender', forger.sealed('other identity', {}, { identity: eve!.membership.identityCertificate })],
    ['wrong-sender', forger.sealed('other device', {}, { device: evesBlock.devices[0]!.certificate })],
    ['bad-signature', forger.sealed('no signature', {}, { signature: new Uint8Array(64) })],
    ['expired', forger.sealed('old', { at: now - 62 * DAY_MS })],
    ['not-yet-valid', forger.sealed('future', { at: now + 2 * DAY_MS })],
    ['unknown-kind', forger.sealed('kind', { kind: 'spell' })],
    ['unknown-version', forger.sealed('content', { content: Uint8Array.of(0xa0) })],
    ['unexpected-receipt', forger.sealed('receipt', receiptFor('00'.repeat(16)))],
  ];
  for (const [code, sealed] of cases) expect(await forger.hand(await sealed)).toBe(code);
  expect(await forger.hand(utf8('garbage'))).toBe('malformed');
  const good = await forger.sealed('Good');
  const flipped = good.slice();
  flipped[flipped.length - 1]! ^= 1;
  expect(await forger.hand(flipped)).toBe('unsealable');
  expect(await bob!.messages()).toHaveLength(0);

  expect(await forger.hand(good)).toBe('accepted');
  await bob!.message('Good', 'inbox');
  expect(await forger.hand(good)).toBe('accepted');
  expect(bob!.counters.get('notification.replayed')).toBe(1);
  await bob!.close();
  await bob!.open();
  await bob!.online();
  expect(await forger.hand(good)).toBe('accepted');
  expect(bob!.counters.get('notification.replayed')).toBe(2);
  expect(await bob!.messages()).toHaveLength(1);
  expect(bob!.counters.get('notification.unsealable')).toBe(1);
});

test("nobody uses up the id of somebody else's notification", async () => {
  const net = await MemberRing.create('ids');
  const [ada, bob, eve] = await net.people('ada', 'bob', 'eve');
  const id = new Uint8Array(16).fill(5);
  const asEve = await Forger.create(net, eve!, bob!);
  expect(await asEve.hand(await asEve.sealed('First', { id }))).toBe('accepted');
  const asAda = await Forger.create(net, ada!, bob!);
  expect(await asAda.hand(await asAda.sealed('The real one', { id }))).toBe('accepted');
  await bob!.message('The real one', 'inbox');
});

function receiptFor(message: string): Partial<NotificationBody> {
  const content = mailReceiptCodec.encode({ v: 1, message: fromHex(message), state: 'read' });
  return { kind: 'receipt', content };
}

test('a receipt counts only from a recipient of the message', async () => {
  const net = await MemberRing.create('receipts');
  const [ada, bob, eve] = await net.people('ada', 'bob', 'eve');
  const id = await ada!.send('bob', 'For Bob');
  await ada!.message('For Bob', 'sent', ({ delivery }) => delivery?.state === 'received');
  const asEve = await Forger.create(net, eve!, ada!);
  expect(await asEve.hand(await asEve.sealed('x', receiptFor(id)))).toBe('unexpected-receipt');
  const asBob = await Forger.create(net, bob!, ada!);
  expect(await asBob.hand(await asBob.sealed('y', receiptFor(id)))).toBe('accepted');
  await ada!.message('For Bob', 'sent', ({ delivery }) => delivery?.state === 'read');
});

test('a mail under a known name with another key is shown with a warning', async () => {
  const net = await MemberRing.create('replaced');
  const [ada, bob] = await net.people('ada', 'bob');
  await bob!.send('ada', 'From Bob');
  await ada!.message('From Bob', 'inbox');
  const hasWarning = async (): Promise<boolean> =>
    (await ada!.snapshot()).notices.some(({ id }) => id === `key/${bob!.address}`);
  expect(await hasWarning()).toBe(false);
  const vault = memoryVault(new SeededRandom('replaced/other keys'));
  const { words } = await vault.begin();
  await vault.commit();
  const other = await TestPerson.create(net, 'bob', 'other', vault, words);
  await other.open();
  await other.online();
  await other.send('ada', 'From somebody');
  await ada!.message('From somebody', 'inbox');
  expect(await hasWarning()).toBe(true);
});

test('rubbish in the inbox is counted and cleared, and the mail beside it arrives', async () => {
  const net = await MemberRing.create('rubbish');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  const forger = await Forger.create(net, ada!, bob!);
  await bob!.close();
  const owner = bob!.membership.identityCertificate.body.signKey;
  const state = await ada!.vault.state();
  if (state.state === 'empty') throw new Error('no keys');
  const good = await forger.sealed('Good');
  for (const sealed of [utf8('garbage'), await forger.sealed('x', { kind: 'spell' }), good, good]) {
    const at = net.clock.now();
    const body = { v: 1 as const, owner, from: state.peerKey, sealed, at };
    const entry = { body, signature: await ada!.vault.sign('inbox-entry', body) };
    await net.passing(appendAs(net, ada!, entry));
    await net.pass(4);
  }
  await bob!.open();
  await bob!.message('Good', 'inbox');
  await net.until(async () => (await net.passing(net.relay.storage.readInbox(owner))).length === 0);
  expect(bob!.counters.get('notification.malformed')).toBe(1);
  expect(bob!.counters.get('notification.unknown-kind')).toBe(1);
  expect(bob!.counters.get('notification.replayed')).toBe(1);
  expect(await bob!.messages()).toHaveLength(1);
});

test('a notification from the future stays in the inbox until our clock says that it may come', async () => {
  const net = await MemberRing.create('future');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  const forger = await Forger.create(net, ada!, bob!);
  await bob!.close();
  const owner = bob!.membership.identityCertificate.body.signKey;
  const state = await ada!.vault.state();
  if (state.state === 'empty') throw new Error('no keys');
  const at = net.clock.now();
  const sealed = await forger.sealed('Early', { at: at + 1.5 * DAY_MS });
  const body = { v: 1 as const, owner, from: state.peerKey, sealed, at };
  const entry = { body, signature: await ada!.vault.sign('inbox-entry', body) };
  await net.passing(appendAs(net, ada!, entry));
  await bob!.open();
  await net.until(() => bob!.counters.get('notification.not-yet-valid') > 0);
  await net.pass(3_000);
  expect(await net.passing(net.relay.storage.readInbox(owner))).toHaveLength(1);
  expect(bob!.counters.get('notification.not-yet-valid')).toBe(1);
  await bob!.close();
  net.clock.advance(DAY_MS);
  await bob!.open();
  await bob!.message('Early', 'inbox');
  await net.until(async () => (await net.passing(net.relay.storage.readInbox(owner))).length === 0);
});

/** Appends through a node of its own that shows Ada's certificate. */
async function appendAs(
  net: MemberRing,
  person: TestPerson,
  entry: Parameters<typeof net.relay.storage.appendToInbox>[0],
): Promise<void> {
  await person.close();
  const node = await createReplicaNode({
    contact: person.contact,
    trust: net.ring.trust,
    descriptor: net.descriptor.body,
    network: net.hub.network(person.contact),
    store: new MemoryKeyValueStore(),
    vault: person.vault,
    clock: net.clock,
    random: new SeededRandom(toHex(entry.signature)),
    counters: new Counters(() => net.clock.now()),
  });
  await node.start([net.relayContact]);
  await node.storage.appendToInbox(entry);
  await node.stop();
}

test('anybody may say that an inbox grew: it is read at most once a second for that', async () => {
  const net = await MemberRing.create('hints');
  const [bob] = await net.people('bob', 'cleo');
  const before = net.hub.traffic().messages;
  for (let i = 0; i < 50; i++)
    await net.passing(net.relay.overlay.request(bob!.contact.nodeId, INBOX_HINT_SERVICE, new Uint8Array(0)));
  expect(net.hub.traffic().messages - before).toBeLessThan(50 * 4 + 100);
});

test('two of three replicas serve changed bytes; mail and attachment arrive all the same', async () => {
  const net = await MemberRing.create('liars');
  const liars: CorruptingStore[] = [];
  for (const name of ['liar-1', 'liar-2']) {
    const vault = memoryVault(new SeededRandom(name));
    await vault.begin();
    await vault.commit();
    const state = await vault.state();
    if (state.state === 'empty') throw new Error('no keys');
    const { contact } = await net.ring.contact(name, 'tab', { peerKey: state.peerKey });
    const store = new CorruptingStore();
    const node = await createReplicaNode({
      contact: { ...contact, peerKey: state.peerKey },
      trust: net.ring.trust,
      descriptor: net.descriptor.body,
      network: net.hub.network({ ...contact, peerKey: state.peerKey }),
      store,
      vault,
      clock: net.clock,
      random: new SeededRandom(`${name}/random`),
      counters: new Counters(() => net.clock.now()),
    });
    await net.passing(node.start([net.relayContact]));
    liars.push(store);
  }
  const [ada, bob] = await net.people('ada', 'bob');
  await bob!.close();
  const content = new Blob([new SeededRandom(1).bytes(600_000)]);
  const id = await ada!.send('bob', 'Through liars', {
    files: [{ name: 'file', type: 'text/plain', content }],
  });
  await ada!.message('Through liars', 'sent', ({ delivery }) => delivery?.state === 'notified');
  await ada!.close();
  await bob!.open();
  await bob!.message('Through liars', 'inbox');
  expect(await net.passing(bob!.client.body(id))).toMatchObject({ text: 'Text of Through liars' });
  const saved = await net.passing(bob!.client.attachment(id, 0));
  expect(await saved.text()).toBe(await content.text());
  expect(liars.some(({ changes }) => changes > 0)).toBe(true);
});
