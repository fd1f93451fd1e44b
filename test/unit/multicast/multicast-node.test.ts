/** The driver: real overlays over the network in memory, real signatures, a virtual clock. */
import { afterEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { fromUtf8, utf8 } from '../../../src/core/codec/bytes.ts';
import { compareDistance, idText, type Key } from '../../../src/core/codec/id.ts';
import { MULTICAST_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { CHILDREN_MAX } from '../../../src/core/multicast/limits.ts';
import { encodeMessage, MULTICAST_SERVICE, type DataMessage } from '../../../src/core/multicast/messages.ts';
import { namesPolicy, nodesPolicy, openPolicy } from '../../../src/core/multicast/policies.ts';
import { shortened } from '../../../src/core/multicast/short-certificate.ts';
import { MulticastRing, type RingNode } from './multicast-ring.ts';

const group: Key = sha256(utf8('a group'));
const rings: MulticastRing[] = [];

async function ringOf(tabs: number, seed: string): Promise<MulticastRing> {
  const ring = await MulticastRing.of(tabs, seed);
  rings.push(ring);
  return ring;
}

/** All are members of one whole tree. */
async function groupOf(tabs: number, seed: string): Promise<MulticastRing> {
  const ring = await ringOf(tabs, seed);
  for (const node of ring.nodes) ring.join(node, group);
  await ring.until(() => ring.isWhole(group) && ring.nodes.every(({ multicast }) => multicast.place(group)));
  await ring.pass(5_000);
  return ring;
}

function texts(node: RingNode): string[] {
  return node.heard.map(({ payload }) => fromUtf8(payload));
}

async function publish(ring: MulticastRing, node: RingNode, text: string): Promise<void> {
  expect(await ring.within(node.multicast.publish(group, utf8(text)))).toBe('sent');
}

function allHave(ring: MulticastRing, text: string): boolean {
  return ring.nodes.every((node) => texts(node).filter((heard) => heard === text).length === 1);
}

afterEach(async () => {
  for (const ring of rings.splice(0)) await ring.stop();
});

describe('a group of three dozen', () => {
  test('every member gets each multicast once, for one copy each; the sender is named by its certificate', async () => {
    const ring = await groupOf(35, 'three dozen');
    const sender = ring.nodes[5]!;
    const payload = new Uint8Array(1_024).fill(7);
    await ring.within(sender.multicast.publish(group, payload));
    await ring.until(() => ring.nodes.every(({ heard }) => heard.length === 1));
    // The first one brings the sender's certificate.
    const firstBytes = ring.copyBytes;
    expect(firstBytes / 34).toBeLessThan(1.5 * 1_024);
    for (let i = 0; i < 2; i++) await ring.within(sender.multicast.publish(group, payload));
    await ring.until(() => ring.nodes.every(({ heard }) => heard.length === 3));
    for (const { heard } of ring.nodes) {
      expect(heard.map(({ seq }) => seq).sort()).toEqual([0, 1, 2]);
      expect(heard[0]!.sender).toEqual(sender.contact.certificate.body);
      expect(heard[0]!.payload).toEqual(payload);
    }
    // The sender does not get its own back.
    expect(ring.root(group)).not.toBe(sender);
    expect(ring.copies).toBe(3 * 34);
    expect((ring.copyBytes - firstBytes) / (2 * 34)).toBeLessThan(1.17 * 1_024);
    for (const { counters } of ring.nodes) expect(counters.get('multicast.duplicates')).toBe(0);
    // Scribe §2.4: a small ring routes all joins to the root at once; it hands them on.
    const most = Math.max(...ring.nodes.map(({ multicast }) => multicast.place(group)!.children.length));
    expect(most).toBeLessThanOrEqual(CHILDREN_MAX);
  });

  test('forwarders and the root die: the tree is repaired, nobody hears anything twice, who missed something is told', async () => {
    const ring = await groupOf(29, 'dying');
    const root = ring.root(group);
    const byChildren = ring.nodes
      .filter((node) => node !== root)
      .sort((a, b) => childrenOf(b) - childrenOf(a));
    const sender = byChildren.at(-1)!;
    await publish(ring, sender, 'before');
    await ring.until(() => allHave(ring, 'before'));
    for (const victim of [root, ...byChildren.slice(0, 3)]) ring.kill(victim);
    await publish(ring, sender, 'meanwhile');
    await ring.until(() => ring.isWhole(group));
    await ring.pass(5_000);
    await publish(ring, sender, 'after');
    await ring.until(() => allHave(ring, 'after'));
    await ring.pass(5_000);
    for (const node of ring.nodes) {
      expect(new Set(texts(node)).size).toBe(node.heard.length);
      const missed = texts(node).includes('meanwhile') ? [] : [{ first: 1, count: 1 }];
      expect(node.gaps.map(({ first, count }) => ({ first, count }))).toEqual(missed);
    }
  });
});

describe('the root', () => {
  test('a new node nearer to the group takes over, and multicasts reach all', async () => {
    const ring = await groupOf(12, 'new root');
    const nodeId = Uint8Array.from(group) as Key;
    nodeId[31]! ^= 1;
    const before = ring.root(group);
    const newcomer = await ring.add('newcomer', 'tab', { nodeId });
    await ring.until(() => newcomer.multicast.place(group)?.root === true && ring.isWhole(group));
    expect(before.multicast.place(group)!.parent).toEqual(newcomer.contact.nodeId);
    ring.join(newcomer, group);
    await publish(ring, ring.nodes[3]!, 'to the new root');
    await ring.until(() => allHave(ring, 'to the new root'));
  });

  test('who is no member may publish; without members it is told so', async () => {
    const ring = await ringOf(8, 'outsider');
    const [member, outsider] = [ring.nodes[2]!, ring.nodes[5]!];
    const leave = ring.join(member, group);
    await ring.until(() => ring.isWhole(group));
    await publish(ring, outsider, 'hello');
    await ring.until(() => member.heard.length === 1);
    expect(outsider.heard).toEqual([]);
    leave();
    await ring.until(() => ring.nodes.every(({ multicast }) => multicast.groupCount === 0));
    expect(await ring.within(outsider.multicast.publish(group, utf8('?')))).toBe('nobody');
  });

  test('a payload of 64 KiB passes, a larger one is refused', async () => {
    const ring = await groupOf(8, 'large');
    const payload = Uint8Array.from({ length: MULTICAST_BYTES_MAX }, (_, i) => i);
    await ring.within(ring.nodes[4]!.multicast.publish(group, payload));
    await ring.until(() => ring.nodes.every(({ heard }) => heard.length === 1));
    for (const { heard } of ring.nodes) expect(Buffer.compare(heard[0]!.payload, payload)).toBe(0);
    const tooLarge = ring.nodes[4]!.multicast.publish(group, new Uint8Array(MULTICAST_BYTES_MAX + 1));
    await expect(tooLarge).rejects.toMatchObject({ code: 'too-large' });
  });

  test('a sender whose clock was set back begins a later epoch and is heard', async () => {
    const ring = await groupOf(4, 'clock');
    const sender = ring.nodes[2]!;
    await publish(ring, sender, 'one');
    await ring.until(() => allHave(ring, 'one'));
    const { epoch } = ring.nodes[0]!.heard[0]!;
    sender.multicast.stop();
    const again = ring.reborn(sender, -60_000);
    expect(await ring.within(again.publish(group, utf8('two')))).toBe('sent');
    const others = ring.nodes.filter((node) => node !== sender);
    await ring.until(() => others.every(({ heard }) => heard.length === 2));
    expect(others[0]!.heard[1]).toMatchObject({ epoch: epoch + 1, seq: 0 });
  });
});

describe('policy', () => {
  test('the root refuses who may not speak; no other node hears of it', async () => {
    const ring = await ringOf(8, 'policy');
    const [owner, stranger] = [ring.nodes[1]!, ring.nodes[2]!];
    const policy = nodesPolicy([owner.contact.peerKey]);
    for (const node of ring.nodes) ring.join(node, group, policy);
    await ring.until(() => ring.isWhole(group));
    const refused = ring.within(stranger.multicast.publish(group, utf8('let me')));
    await expect(refused).rejects.toMatchObject({ code: 'refused', refusalCode: 'not-allowed' });
    await publish(ring, owner, 'mine');
    await ring.until(() => allHave(ring, 'mine'));
    expect(ring.copies).toBe(ring.root(group) === owner ? 8 : 7);
  });

  test('members refuse it too when the root is none and cannot know', async () => {
    const ring = await ringOf(12, 'members');
    const root = [...ring.nodes].sort((a, b) =>
      compareDistance(group, a.contact.nodeId, b.contact.nodeId),
    )[0]!;
    const members = ring.nodes.filter((node) => node !== root);
    const [owner, stranger] = [members[0]!, members[1]!];
    for (const node of members) ring.join(node, group, namesPolicy([owner.contact.certificate.body.name]));
    await ring.until(() => ring.isWhole(group));
    await publish(ring, stranger, 'let me');
    await publish(ring, owner, 'mine');
    await ring.until(() => members.every(({ heard }) => heard.length === 1));
    for (const node of members) expect(texts(node)).toEqual(['mine']);
    const refusals = members.map(({ counters }) => counters.get('multicast.not-allowed'));
    expect(Math.max(...refusals)).toBe(1);
  });

  test('several listeners of one node hear what each policy accepts', async () => {
    const ring = await ringOf(2, 'listeners');
    const [node, sender] = [ring.nodes[1]!, ring.nodes[2]!];
    const strict: string[] = [];
    const leaveStrict = node.multicast.join(group, namesPolicy(['nobody@example.org']), {
      multicast: ({ payload }) => void strict.push(fromUtf8(payload)),
    });
    const leave = ring.join(node, group);
    await ring.until(() => ring.isWhole(group));
    await publish(ring, sender, 'hello');
    await ring.until(() => node.heard.length === 1);
    expect(strict).toEqual([]);
    leave();
    leave();
    expect(node.multicast.place(group)?.member).toBe(true);
    leaveStrict();
    expect(node.multicast.place(group)?.member ?? false).toBe(false);
  });
});

describe('bad neighbours', () => {
  /** What a parent says to its child. */
  function say(ring: MulticastRing, parent: RingNode, child: RingNode, changes: Partial<DataMessage>): void {
    const channel = ring.channel(parent, child, group);
    const data: DataMessage = {
      type: 'data',
      channel,
      sender: parent.contact.nodeId,
      epoch: ring.clock.now(),
      seq: 0,
      payload: utf8('lie'),
      signature: new Uint8Array(64),
      ...changes,
    };
    parent.overlay.tell(child.contact.nodeId, MULTICAST_SERVICE, encodeMessage(data));
  }

  test('a forged multicast is refused and not forwarded', async () => {
    const ring = await groupOf(30, 'forged');
    const root = ring.root(group);
    const child = ring.nodes.find(
      ({ contact, multicast }) =>
        multicast.place(group)!.children.length > 0 &&
        idText(multicast.place(group)!.parent ?? group) === idText(root.contact.nodeId) &&
        contact !== root.contact,
    )!;
    say(ring, root, child, { sender: ring.nodes[7]!.contact.nodeId });
    say(ring, root, child, { sender: sha256(utf8('no node of the ring')) });
    await ring.until(() => child.counters.get('multicast.unknown-sender') === 1);
    expect(child.counters.get('multicast.bad-signature')).toBe(1);
    expect(child.heard).toEqual([]);
    expect(ring.copies).toBe(2);
  });

  test('of a stranger: heard at once if its certificate came with it and is good, else refused', async () => {
    const ring = await groupOf(6, 'stranger');
    const root = ring.root(group);
    const child = ring.nodes.find((node) => node !== root)!;
    const vault = memoryVault(new SeededRandom("the stranger's keys"));
    const { keys } = await vault.begin();
    await vault.commit();
    const certificate = await ring.ring.nodeCertificate('stranger', keys.peerKey);
    const { nodeId: sender, peerKey: from } = certificate.body;
    const body = { v: 1, group, from, epoch: 5, seq: 0, payload: utf8('true') } as const;
    const { epoch, seq, payload } = body;
    const said = { sender, epoch, seq, payload, signature: await vault.sign('multicast', body) };
    const renamed = { ...certificate, body: { ...certificate.body, name: 'ann@example.org' } };
    say(ring, root, child, { ...said, certificate: shortened(renamed) });
    await ring.until(() => child.counters.get('multicast.bad-signature') === 1);
    say(ring, root, child, { ...said, certificate: shortened(root.contact.certificate) });
    await ring.until(() => child.counters.get('multicast.bad-signature') === 2);
    // Its parent cannot tell whose it is.
    say(ring, root, child, said);
    await ring.until(() => child.counters.get('multicast.unknown-sender') === 1);
    expect(child.heard).toEqual([]);
    say(ring, root, child, { ...said, certificate: shortened(certificate) });
    await ring.until(() => child.heard.length === 1);
    expect(child.heard[0]!.sender).toEqual(certificate.body);
  });

  test('who is not our parent is not listened to', async () => {
    const ring = await groupOf(6, 'not the parent');
    const root = ring.root(group);
    const [a, b] = ring.nodes.filter((node) => node !== root) as [RingNode, RingNode];
    const body = { v: 1, group, from: a.contact.peerKey, epoch: 5, seq: 0, payload: utf8('true') } as const;
    const signature = await a.vault.sign('multicast', body);
    const channel = ring.channel(root, b, group);
    const { epoch, seq, payload } = body;
    const data: DataMessage = {
      type: 'data',
      channel,
      sender: a.contact.nodeId,
      epoch,
      seq,
      payload,
      signature,
    };
    a.overlay.tell(b.contact.nodeId, MULTICAST_SERVICE, encodeMessage(data));
    await ring.until(() => b.counters.get('multicast.not-parent') === 1);
    expect(b.heard).toEqual([]);
  });

  test('nonsense is refused and counted', async () => {
    const ring = await ringOf(1, 'nonsense');
    const [a, b] = ring.nodes as [RingNode, RingNode];
    a.overlay.tell(b.contact.nodeId, MULTICAST_SERVICE, utf8('hello'));
    a.overlay.tell(
      b.contact.nodeId,
      MULTICAST_SERVICE,
      Uint8Array.of(0xa2, 0x61, 0x6d, 0x80, 0x61, 0x76, 0x02),
    );
    await ring.until(() => b.counters.get('multicast.malformed') === 1);
    expect(b.counters.get('multicast.unknown-version')).toBe(1);
    for (const service of ['publish', 'root', 'sender', 'anycast'])
      await expect(
        ring.within(a.overlay.request(b.contact.nodeId, `multicast.${service}`, utf8('hello'))),
      ).rejects.toMatchObject({ code: 'refused', refusalCode: 'malformed' });
  });
});

describe('anycast', () => {
  /** Joins with a member that answers its name, or declines. */
  function join(node: RingNode, accepts: boolean, asked: string[]): void {
    node.multicast.join(group, openPolicy, {
      multicast: () => undefined,
      anycast: async ({ payload }) => {
        asked.push(`${node.name} ${fromUtf8(payload)}`);
        return accepts ? utf8(node.name) : undefined;
      },
    });
  }

  test('finds the one member that takes it, after all others have declined', async () => {
    const ring = await ringOf(20, 'anycast');
    const asked: string[] = [];
    const members = ring.nodes.slice(5, 15);
    for (const node of members) join(node, node === members[6], asked);
    await ring.until(() => ring.isWhole(group));
    await ring.pass(3_000);
    const found = await ring.within(ring.nodes[2]!.multicast.anycast(group, utf8('who?')));
    expect(found?.by).toEqual(members[6]!.contact.nodeId);
    expect(fromUtf8(found!.answer)).toBe(members[6]!.name);
    expect(new Set(asked).size).toBe(asked.length);
  });

  test('nobody takes it, or there is nobody: undefined, after each member was asked once', async () => {
    const ring = await ringOf(12, 'declined');
    const asked: string[] = [];
    const ask = (): Promise<unknown> => ring.within(ring.nodes[1]!.multicast.anycast(group, utf8('who?')));
    expect(await ask()).toBeUndefined();
    const members = ring.nodes.slice(2, 9);
    for (const node of members) join(node, false, asked);
    await ring.until(() => ring.isWhole(group));
    await ring.pass(3_000);
    expect(await ask()).toBeUndefined();
    expect([...asked].sort()).toEqual(members.map(({ name }) => `${name} who?`).sort());
  });

  test('a member does not get its own; a listener that never answers is passed over', async () => {
    const ring = await ringOf(6, 'silent');
    const asked: string[] = [];
    const [origin, taker, mute] = [ring.nodes[1]!, ring.nodes[2]!, ring.nodes[3]!];
    join(origin, true, asked);
    mute.multicast.join(group, openPolicy, {
      multicast: () => undefined,
      anycast: () => new Promise(() => undefined),
    });
    await ring.until(() => ring.isWhole(group));
    expect(await ring.within(origin.multicast.anycast(group, utf8('a')))).toBeUndefined();
    join(taker, true, asked);
    await ring.until(() => ring.isWhole(group));
    const found = await ring.within(origin.multicast.anycast(group, utf8('b')));
    expect(found && fromUtf8(found.answer)).toBe(taker.name);
    expect(asked).toEqual([`${taker.name} b`]);
  });

  test('a forged one walks nowhere', async () => {
    const ring = await ringOf(3, 'forged anycast');
    const [a, b] = [ring.nodes[1]!, ring.nodes[2]!];
    const asked: string[] = [];
    join(b, true, asked);
    const body = ring.anycast(a, group, utf8('who?'), new Uint8Array(64));
    const refused = ring.within(a.overlay.request(b.contact.nodeId, 'multicast.anycast', body));
    await expect(refused).rejects.toMatchObject({ refusalCode: 'bad-signature' });
    expect(asked).toEqual([]);
  });
});

test('after it was stopped a node says so', async () => {
  const ring = await ringOf(1, 'stopped');
  const { multicast } = ring.nodes[1]!;
  multicast.stop();
  await expect(multicast.publish(group, utf8('x'))).rejects.toMatchObject({ code: 'stopped' });
  await expect(multicast.anycast(group, utf8('x'))).rejects.toMatchObject({ code: 'stopped' });
});

function childrenOf({ multicast }: RingNode): number {
  return multicast.place(group)?.children.length ?? 0;
}
