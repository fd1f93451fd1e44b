/** A relay builds a world of its own for one returning member: it is noticed and said (Castro et al. 2002, section 4: bootstrap). */
import { expect, test } from 'vitest';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import type { NoticeView } from '../../../src/core/node/client.ts';
import { worldCodec } from '../../../src/core/node/world-memory.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { MemberRing, type TestPerson } from './member-ring.ts';
import { BetweenWorlds, otherHub, populate, replicaIn } from './two-worlds.ts';

/** Long enough for what was found to be found again, and said. */
const SAID_MS = 120_000;
const STEP_MS = 10;

const HONEST = Array.from({ length: 11 }, (_, i) => `colleague-${i}`);
const LIARS = ['mallory-1', 'mallory-2', 'mallory-3', 'mallory-4'];

/**
 * Ada, whose node has met a dozen nodes of the honest ring and is closed again; the relay and its accomplices wait for her, one of
 * them with a certificate for the place of somebody whom she knows.
 */
async function returning(seed: string) {
  const net = await MemberRing.create(seed);
  const colleagues = await populate(net, net.hub, net.relay, HONEST);
  const ada = await net.person('ada');
  await ada.open();
  await ada.online();
  await net.pass(30_000, STEP_MS);
  await ada.close();
  const lie = otherHub(net);
  const twin = await replicaIn(net, lie, 'relay', 'relay');
  await net.passing(twin.start([]));
  const liars = await populate(net, lie, twin, LIARS);
  const impostor = await replicaIn(net, lie, 'mallory-5', 'tab', colleagues[0]!.overlay.self.nodeId);
  await net.passing(impostor.start([twin.overlay.self]));
  const network = new BetweenWorlds(lie.network(ada.contact), net.hub.network(ada.contact));
  return { net, ada, lie, twin, liars: [...liars, impostor], network };
}

async function worldNotices(person: TestPerson): Promise<readonly NoticeView[]> {
  return (await person.snapshot()).notices.filter(({ id }) => id.startsWith('world/'));
}

/** Names of the peers that are on this person's disk. */
async function rememberedBy({ store }: TestPerson): Promise<readonly string[]> {
  const bytes = await namespace(store, 'node').get(utf8('world'));
  const world = bytes && worldCodec.decode(bytes);
  if (!world?.ok) throw new Error('nothing is remembered');
  return world.value.peers.map(({ certificate }) => certificate.body.name.split('@')[0]!).toSorted();
}

test('the honest ring is known again, with nobody but remembered peers to begin with', async () => {
  const net = await MemberRing.create('known again');
  await populate(net, net.hub, net.relay, HONEST);
  const ada = await net.person('ada');
  await ada.open();
  await ada.online();
  await net.pass(30_000, STEP_MS);
  expect(await rememberedBy(ada)).toEqual(HONEST.toSorted());
  await populate(net, net.hub, net.relay, ['latecomer']);
  await net.pass(30_000, STEP_MS);
  expect(await rememberedBy(ada)).toContain('latecomer');
  await ada.close();
  await ada.open(ada.store, { bootstrap: [] });
  await ada.online();
  expect((await ada.client.network()).peers.length).toBeGreaterThan(HONEST.length);
  await net.pass(SAID_MS, STEP_MS);
  expect(await worldNotices(ada)).toEqual([]);
  await ada.close();
  // Also while the relay is away: three of those who were met are enough.
  net.hub.kill(net.relayContact.nodeId);
  await ada.open(ada.store, { bootstrap: [] });
  await ada.online();
  expect((await ada.snapshot()).connection).toMatchObject({ relay: false });
});

test('a world of the relay’s own is said to be strange, until somebody remembered is met', async () => {
  const { net, ada, network } = await returning('false world');
  await ada.open(ada.store, { network });
  await ada.online();
  await net.pass(SAID_MS, STEP_MS);
  const [notice, ...others] = await worldNotices(ada);
  expect(notice).toMatchObject({ kind: 'info' });
  expect(notice!.text).toMatch(/^None of the devices .* belong to 11 people/);
  expect(others).toEqual([]);
  expect(ada.counters.get('world.strangers')).toBe(1);
  // The liars' word that there is no such person is not taken; nothing is blocked.
  await expect(net.passing(ada.client.findPerson('bob'))).rejects.toMatchObject({ code: 'unreachable' });
  await ada.send('bob', 'Written among strangers');
  expect(await ada.messages('sent')).toHaveLength(1);
  await network.introduce();
  await net.until(async () => (await worldNotices(ada)).length === 0, 400_000);
  // Through that one she finds the others: the worlds grow together.
  const known = async () =>
    (await ada.client.network()).peers.filter(({ name }) => name.startsWith('colleague-'));
  await net.until(async () => (await known()).length >= HONEST.length - 1);
});

test('strangers who come later are noticed too; while only the relay is there nothing is said', async () => {
  const { net, ada, lie, twin, liars, network } = await returning('at night');
  for (const liar of liars) await net.passing(liar.stop());
  await ada.open(ada.store, { network });
  await ada.online();
  await net.pass(SAID_MS, STEP_MS);
  expect(await worldNotices(ada)).toEqual([]);
  await populate(net, lie, twin, ['stranger']);
  await net.pass(SAID_MS, STEP_MS);
  expect((await worldNotices(ada)).map(({ kind }) => kind)).toEqual(['info']);
});

test('one remembered peer whom somebody else introduces is enough', async () => {
  const { net, ada, network } = await returning('introduced');
  await network.introduce();
  await ada.open(ada.store, { network });
  await ada.online();
  await net.pass(SAID_MS, STEP_MS);
  expect(await worldNotices(ada)).toEqual([]);
});

test('strangers of a false world are not remembered, unless the person says that it is all right', async () => {
  const { net, ada, lie, network } = await returning('accepted');
  await ada.open(ada.store, { network });
  await ada.online();
  await net.pass(SAID_MS, STEP_MS);
  expect(await worldNotices(ada)).toHaveLength(1);
  await ada.close();
  const again = () => new BetweenWorlds(lie.network(ada.contact), net.hub.network(ada.contact));
  await ada.open(ada.store, { network: again() });
  await net.pass(SAID_MS, STEP_MS);
  const [notice] = await worldNotices(ada);
  expect(notice).toBeDefined();
  await ada.client.dismiss(notice!.id);
  await net.pass(SAID_MS, STEP_MS);
  await ada.close();
  await ada.open(ada.store, { network: again() });
  await net.pass(SAID_MS, STEP_MS);
  expect(await worldNotices(ada)).toEqual([]);
});

test('who knows of others and reaches nobody is not connected: nothing is stored, nothing is denied', async () => {
  const { net, ada } = await returning('nobody there');
  const empty = otherHub(net);
  await ada.open(ada.store, { network: empty.network(ada.contact) });
  await net.pass(30_000, STEP_MS);
  expect((await ada.snapshot()).connection).toEqual({ state: 'offline', peers: 0, relay: false });
  expect((await ada.client.network()).ready).toBe(false);
  await expect(net.passing(ada.client.findPerson('bob'))).rejects.toMatchObject({ code: 'unreachable' });
  const id = await ada.send('bob', 'Written alone');
  await net.pass(30_000, STEP_MS);
  const [message] = await ada.messages('sent');
  expect(message).toMatchObject({ id, delivery: { state: 'queued' } });
  expect(await worldNotices(ada)).toEqual([]);
});

test('two relays that show different worlds are said to differ', async () => {
  const net = await MemberRing.create('two relays');
  const lie = otherHub(net);
  const second = await replicaIn(net, lie, 'relay-2', 'relay');
  await net.passing(second.start([]));
  await populate(net, net.hub, net.relay, HONEST.slice(0, 4));
  await populate(net, lie, second, LIARS);
  net.descriptor = await net.ring.describe([net.relayContact, second.overlay.self]);
  const ada = await net.person('ada');
  const network = new BetweenWorlds(lie.network(ada.contact), net.hub.network(ada.contact));
  await network.introduce();
  const bootstrap = [net.relayContact, second.overlay.self];
  await ada.open(ada.store, { network, bootstrap });
  await ada.online();
  await net.pass(SAID_MS, STEP_MS);
  const notices = await worldNotices(ada);
  expect(notices.map(({ kind, text }) => [kind, text.slice(0, 10)])).toEqual([['warning', 'Two relays']]);
  await ada.close();
});

test('that of several relays only one is there is said too', async () => {
  const net = await MemberRing.create('one relay of two');
  const { contact: away } = await net.ring.contact('relay-2', 'relay');
  net.descriptor = await net.ring.describe([net.relayContact, away]);
  const ada = await net.person('ada');
  await ada.open();
  await ada.online();
  await net.pass(SAID_MS, STEP_MS);
  expect((await worldNotices(ada)).map(({ kind, text }) => [kind, text.slice(0, 10)])).toEqual([
    ['info', 'Only one o'],
  ]);
});
