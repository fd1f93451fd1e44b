/** Reading inboxes: two round trips however much is in them, and nobody who is slow or lies holds it up. POST §3.3. */
import { afterEach, describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { idText } from '../../../src/core/codec/id.ts';
import { inboxKey, sha256 } from '../../../src/core/crypto/hash.ts';
import { LISTS_GRACE_MS, PAGE_HEDGE_MS } from '../../../src/core/storage/inbox-reading.ts';
import { serviceName } from '../../../src/core/storage/service.ts';
import type { InboxEntry } from '../../../src/core/storage/storage.ts';
import { bodyHash } from '../../../src/core/storage/verify.ts';
import * as wire from '../../../src/core/storage/wire.ts';
import { createMember } from './member.ts';
import { StorageRing, type RingNode } from './storage-ring.ts';

let world: StorageRing;
afterEach(() => world.stop());

const never = (): Promise<Bytes> => new Promise(() => undefined);

/** Puts entries into the owner's inbox on all its replicas, as appending would. Each is about as long as a short mail's. */
async function fill(owner: RingNode, count: number): Promise<readonly InboxEntry[]> {
  const senders = await Promise.all(
    Array.from({ length: 4 }, (_, i) => createMember(world.ring, `sender ${i}`)),
  );
  const at = world.clock.now();
  const names = world.replicaNames(inboxKey(owner.keys.identityKey));
  const certified = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      senders[i % 4]!.certified(owner, `${i} ${'z'.repeat(2100)}`, at + i),
    ),
  );
  for (const name of names)
    for (const one of certified)
      await world
        .node(name)
        .overlay.request(
          world.node(name).contact.nodeId,
          serviceName('append-inbox'),
          wire.certifiedEntryCodec.encode(one),
        );
  return certified.map(({ entry }) => entry);
}

/** Requests of a node, and how many rounds they took: one more than the answers that had to come before. */
function countRounds(node: RingNode): { requests: number; rounds: number } {
  const counted = { requests: 0, rounds: 0 };
  let answered = 0;
  const request = node.overlay.request.bind(node.overlay);
  node.overlay.request = async (to, service, ...more) => {
    const round = answered + 1;
    counted.requests += 1;
    counted.rounds = Math.max(counted.rounds, round);
    const answer = await request(to, service, ...more);
    answered = Math.max(answered, round);
    return answer;
  };
  return counted;
}

/** A node of the ring that keeps no copy of this inbox. */
function reader(owner: RingNode): RingNode {
  const replicas = world.replicaNames(inboxKey(owner.keys.identityKey));
  return world.live.find(({ name }) => !replicas.includes(name))!;
}

describe('an inbox', () => {
  it('of 1,000 notifications is read in four one-way delays, each entry fetched once, and cleared in one', async () => {
    world = await StorageRing.start('a thousand', ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']);
    const owner = world.node('ann');
    const entries = await fill(owner, 1000);
    const key = inboxKey(owner.keys.identityKey);
    const node = reader(owner);
    const replicas = world.replicaNames(key).length;
    await world.run(node.storage.locate(key)); // who the replicas are is known
    const { rounds, requests } = await counted(node, async () => {
      const read = await world.run(node.storage.readInbox(owner.keys.identityKey));
      expect(read).toEqual(entries);
    });
    expect(rounds).toBe(2);
    // One list of each replica; 16 entries with their certificates fill a page of 52 KiB.
    expect(requests).toBeLessThanOrEqual(replicas + Math.ceil(1000 / 14) + replicas);
    const cleared = await counted(owner, () =>
      world.run(owner.storage.clearInbox(entries.map(({ body }) => bodyHash(body)))),
    );
    expect(cleared).toMatchObject({ rounds: 1 });
    expect(await world.run(node.storage.readInbox(owner.keys.identityKey))).toEqual([]);
  });

  it('of a few is read in two one-way delays', async () => {
    world = await StorageRing.start('a few', ['ann', 'ben', 'cat', 'dan', 'eve']);
    const entries = await fill(world.node('ann'), 10);
    const node = reader(world.node('ann'));
    const { rounds } = await counted(node, async () => {
      expect(await world.run(node.storage.readInbox(world.node('ann').keys.identityKey))).toEqual(entries);
    });
    expect(rounds).toBe(1);
  });

  it.each([
    ['a ring smaller than k', ['ann', 'ben']],
    ['a larger ring', ['ann', 'ben', 'cat', 'dan', 'eve']],
  ])('is not held up by a replica that never answers, in %s', async (ring, names) => {
    world = await StorageRing.start(`silent in ${ring}`, names);
    const ann = world.node('ann');
    const entries = await fill(ann, 40);
    liars(ann)[0]!.overlay.handle(serviceName('read-inbox'), never);
    const begun = world.clock.now();
    const read = await world.run(ann.storage.readInbox(ann.keys.identityKey, () => undefined));
    expect(read).toEqual(entries);
    // The lists' grace, and the time that the others take.
    expect(world.clock.now() - begun).toBeLessThan(LISTS_GRACE_MS + 500);
  });

  it('is read from others when a replica names entries and does not give them', async () => {
    world = await StorageRing.start('no pages', ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']);
    const ann = world.node('ann');
    const entries = await fill(ann, 60);
    const [liar] = liars(ann);
    liar!.overlay.handle(serviceName('inbox-entries'), never);
    const node = reader(ann);
    const begun = world.clock.now();
    const read = await world.run(node.storage.readInbox(ann.keys.identityKey, () => undefined));
    expect(read).toEqual(entries);
    expect(world.clock.now() - begun).toBeLessThan(LISTS_GRACE_MS + PAGE_HEDGE_MS + 500);
  });

  it('is not held up by names that nobody has, nor filled with what was forged', async () => {
    world = await StorageRing.start('made up', ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']);
    const ann = world.node('ann');
    const entries = await fill(ann, 60);
    const [liar] = liars(ann);
    const held = Array.from({ length: wire.INBOX_LISTED_MAX }, (_, i) => sha256(utf8(`no entry ${i}`)));
    const sizes = held.map(() => 10_000);
    liar!.overlay.handle(serviceName('read-inbox'), () =>
      Promise.resolve(wire.readInboxReply.encode({ v: 1, entries: [], held, sizes, next: null })),
    );
    const forged = { ...entries[0]!, body: { ...entries[0]!.body, sealed: utf8('bye') } };
    liar!.overlay.handle(serviceName('inbox-entries'), () =>
      Promise.resolve(wire.inboxEntriesReply.encode({ v: 1, entries: [forged, entries[1]!] })),
    );
    const node = reader(ann);
    expect(await world.run(node.storage.readInbox(ann.keys.identityKey, () => undefined))).toEqual(entries);
    expect(node.counters.get('inbox.bad-signature')).toBeGreaterThan(0);
  });

  it('of which only a slow replica has an entry gives it late, once', async () => {
    world = await StorageRing.start('late', ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']);
    const ann = world.node('ann');
    const entries = await fill(ann, 3);
    const [slow] = liars(ann);
    const sender = await createMember(world.ring, 'sender');
    const only = await sender.certified(ann, 'only here', world.clock.now() + 9);
    const reply = { v: 1 as const, entries: [...entries, only.entry], held: [], sizes: [], next: null };
    slow!.overlay.handle(
      serviceName('read-inbox'),
      () =>
        new Promise(
          (resolve) => void world.clock.after(2_000, () => resolve(wire.readInboxReply.encode(reply))),
        ),
    );
    const late: string[] = [];
    const read = await world.run(
      reader(ann).storage.readInbox(ann.keys.identityKey, (more) =>
        late.push(...more.map(({ body }) => idText(bodyHash(body)))),
      ),
    );
    expect(read).toEqual(entries);
    await world.pass(3_000);
    expect(late).toEqual([idText(bodyHash(only.entry.body))]);
  });
});

/** Replicas of the owner's inbox other than the owner and the relay. */
function liars(owner: RingNode): RingNode[] {
  const names = world.replicaNames(inboxKey(owner.keys.identityKey));
  return names.filter((name) => name !== owner.name && name !== 'relay').map((name) => world.node(name));
}

async function counted(node: RingNode, work: () => Promise<unknown>) {
  const request = node.overlay.request.bind(node.overlay);
  const figures = countRounds(node);
  await work();
  node.overlay.request = request;
  return figures;
}
