/** The group of a person (POST §3.3, Scribe): live devices and the delegates who keep what waits find each other there. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { concat, type Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { createReplicaNode, type ReplicaNode } from '../../../src/core/node/replica-node.ts';
import { OverlayError, type Overlay } from '../../../src/core/overlay/overlay.ts';
import { Accounts } from '../../../src/core/post/accounts.ts';
import { HAND_OVER_MS, INBOX_HINT_SERVICE } from '../../../src/core/post/delegates.ts';
import { acknowledgementCodec } from '../../../src/core/post/notification.ts';
import { Notifier, NOTIFY_SERVICE } from '../../../src/core/post/notifier.ts';
import { copiesCodec, presenceCodec, presenceGroup } from '../../../src/core/post/presence.ts';
import { Forger } from './forger.ts';
import { MemberRing, type TestPerson } from './member-ring.ts';

const keyOf = (person: TestPerson): Bytes => person.membership.identityCertificate.body.signKey;

/** A node on somebody's certificate, without the layers of mail. */
async function bareNode(net: MemberRing, person: TestPerson): Promise<ReplicaNode> {
  const node = await createReplicaNode({
    contact: person.contact,
    trust: net.ring.trust,
    descriptor: net.descriptor.body,
    network: net.hub.network(person.contact),
    store: new MemoryKeyValueStore(),
    vault: person.vault,
    clock: net.clock,
    random: new SeededRandom(`bare ${person.name}`),
    counters: new Counters(() => net.clock.now()),
  });
  await net.passing(node.start([net.relayContact]));
  return node;
}

test('what is left in the inbox of somebody who is there is fetched at once: the group says that it grew', async () => {
  const net = await MemberRing.create('grew');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  const forger = await Forger.create(net, ada!, bob!);
  const sealed = await forger.sealed('Left for you');
  await ada!.close();
  const node = await bareNode(net, ada!);
  const { peerKey } = ada!.contact;
  const body = { v: 1 as const, owner: keyOf(bob!), from: peerKey, sealed, at: net.clock.now() };
  const signature = await ada!.vault.sign('inbox-entry', body);
  // No hint follows, as one that is lost.
  await net.passing(node.storage.appendToInbox({ body, signature }));
  await bob!.message('Left for you', 'inbox');
  const { overlay, storage } = net.relay;
  await net.until(async () => (await net.passing(storage.readInbox(keyOf(bob!)))).length === 0);
  expect(overlay.ready).toBe(true);
});

test('replicas are members of the group while they hold something, and remind a device that came and left it', async () => {
  const net = await MemberRing.create('delegates');
  const [ada, bob] = await net.people('ada', 'bob');
  const group = presenceGroup(keyOf(bob!));
  await bob!.close();
  await ada!.send('bob', 'Waiting');
  await net.until(() => net.relay.multicast.place(group)?.member === true);

  const visitor = await bareNode(net, await net.person('visitor'));
  let hints = 0;
  visitor.overlay.handle(INBOX_HINT_SERVICE, () => {
    hints += 1;
    return Promise.resolve(new Uint8Array(0));
  });
  await net.passing(visitor.multicast.publish(group, presenceCodec.encode({ v: 1, kind: 'here' })));
  await net.pass(HAND_OVER_MS / 2);
  expect(hints).toBe(0);
  await net.until(() => hints > 0);

  await bob!.open();
  await bob!.message('Waiting', 'inbox');
  // Nothing waits: it is no delegate any more.
  await net.until(() => net.relay.multicast.place(group)?.member !== true);
  await visitor.stop();
});

test('a notification through the group has its effect once, and is answered by a receipt each time', async () => {
  const net = await MemberRing.create('group');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  const group = presenceGroup(keyOf(bob!));
  const forger = await Forger.create(net, ada!, bob!);
  const others = concat(await forger.sealed('For a device that is none of his'));
  others[20]! ^= 1;
  const payload = copiesCodec.encode({ v: 1, sealed: [others, await forger.sealed('Through the group')] });
  for (let i = 0; i < 2; i++) {
    const answered = await net.passing(net.relay.multicast.anycast(group, payload));
    expect(acknowledgementCodec.decode(answered!.answer).ok).toBe(true);
  }
  await bob!.message('Through the group', 'inbox');
  expect(await bob!.messages('inbox')).toHaveLength(1);
  expect(bob!.counters.get('notification.replayed')).toBe(1);
  const rubbish = copiesCodec.encode({ v: 1, sealed: [new Uint8Array(9)] });
  expect(await net.passing(net.relay.multicast.anycast(group, rubbish))).toBeUndefined();
});

test('a device is told directly, else through its group; whoever is away is not there', async () => {
  const net = await MemberRing.create('ways');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo');
  await ada!.close();
  const node = await bareNode(net, ada!);
  let direct = 0;
  let deaf = false;
  const overlay = new Proxy<Overlay>(node.overlay, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'request') return typeof value === 'function' ? value.bind(target) : value;
      return (...given: Parameters<Overlay['request']>) => {
        if (given[1] === NOTIFY_SERVICE) direct += 1;
        if (given[1] === NOTIFY_SERVICE && deaf)
          return Promise.reject(new OverlayError('unreachable', 'no way to this node'));
        return target.request(...given);
      };
    },
  });
  const state = await ada!.vault.state();
  if (state.state === 'empty') throw new Error('no keys');
  const { membership, vault, counters } = ada!;
  const ignore = { changed: () => undefined, keyChanged: () => undefined, failed: () => undefined };
  const { storage, multicast } = node;
  const { trust } = net.ring;
  const store = new MemoryKeyValueStore();
  const shared = { ...ignore, store, storage, multicast, overlay, vault, counters, trust };
  const clocked = { ...shared, clock: net.clock, keys: state };
  const { nodeId } = ada!.contact;
  const accounts = await Accounts.open({ ...clocked, membership, deviceLabel: 'Test', nodeId });
  const identity = membership.identityCertificate;
  const notifier = await Notifier.open({ ...clocked, identity, device: accounts.device });
  const person = await net.passing(accounts.find(bob!.address));
  const tell = (n: number) =>
    net.passing(
      notifier.tell(person, { id: new Uint8Array(16).fill(n), kind: 'receipt', content: new Uint8Array(9) }),
    );

  // Bob refuses this content on both ways: nothing is confirmed that he has not on disk.
  expect(await tell(1)).toBeUndefined();
  expect(direct).toBe(1);

  const outgoing = {
    id: new Uint8Array(16).fill(2),
    kind: 'mail',
    content: await mailContent(net, ada!, bob!),
  };
  deaf = true;
  const told = await net.passing(notifier.tell(person, outgoing));
  expect(told).toMatchObject({ by: 'device' });
  expect(told!.receipts).toHaveLength(1);
  await bob!.message('By the group', 'inbox');
  deaf = false;
  // The same, directly this time: a receipt, and no second message.
  expect((await net.passing(notifier.tell(person, outgoing)))!.receipts).toHaveLength(1);
  expect(await bob!.messages('inbox')).toHaveLength(1);

  await bob!.close();
  expect(await net.passing(notifier.tell(person, outgoing))).toBeUndefined();
  await node.stop();
});

async function mailContent(net: MemberRing, from: TestPerson, to: TestPerson): Promise<Bytes> {
  const forger = await Forger.create(net, from, to);
  return forger.content('By the group');
}
