/** Whole nodes in a ring: what is stored is on distinct disks, and stays there while nodes come and go and lie. */
import { afterEach, describe, expect, it } from 'vitest';
import { concat, equalBytes, toHex, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { recordKey, sha256 } from '../../../src/core/crypto/hash.ts';
import { dataKey, placeOf } from '../../../src/core/storage/layout.ts';
import { ServiceRefusal } from '../../../src/core/overlay/overlay.ts';
import { HYSTERESIS } from '../../../src/core/storage/maintenance.ts';
import { LOW_WATER } from '../../../src/core/storage/planner.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { serviceName } from '../../../src/core/storage/service.ts';
import { bodyHash } from '../../../src/core/storage/verify.ts';
import * as wire from '../../../src/core/storage/wire.ts';
import { StorageRing, type RingNode } from './storage-ring.ts';

const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];
let world: StorageRing;
afterEach(() => world.stop());

const bytesOf = (size: number, seed = 1): Bytes =>
  new Uint8Array(size).map((_, i) => (i * 31 + seed * 7 + (i >> 8)) & 255);

async function stored(node: RingNode, bytes: Bytes) {
  const key = await world.run(node.storage.keep(bytes));
  return world.run(node.storage.insert(key));
}

describe('a block', () => {
  it('is on its k closest nodes and the relay, with signed receipts of distinct nodes', async () => {
    world = await StorageRing.start('block', NAMES);
    const ann = world.node('ann');
    const { key, receipts, wanted } = await stored(ann, bytesOf(200_000));
    const holders = new Set(receipts.map(({ body }) => toHex(body.holder)));
    expect(holders.size).toBe(receipts.length);
    expect(receipts.length).toBe(wanted);
    expect(wanted).toBe(world.replicaNames(key).length);
    expect(await world.isWhole(key)).toBe(true);
    for (const name of NAMES) {
      const found = await world.run(world.node(name).storage.fetch(key));
      expect(equalBytes(found, bytesOf(200_000))).toBe(true);
    }
    const located = await world.run(ann.storage.locate(key));
    expect(located.every(({ holds }) => holds)).toBe(true);
    expect(located.map(({ nodeId }) => world.nameOf(nodeId)).sort()).toEqual(world.replicaNames(key));
  });

  it('is read alone, without its leases; a replica that lost it takes it with them', async () => {
    world = await StorageRing.start('leases', NAMES);
    const ann = world.node('ann');
    const { key } = await stored(ann, bytesOf(2_000));
    const replicas = world.replicaNames(key);
    const reader = world.live.find(({ name }) => name !== 'ann' && !replicas.includes(name))!;
    let withLeases = 0;
    for (const { overlay } of world.live)
      overlay.handle(serviceName('get-block'), () => {
        withLeases++;
        return Promise.reject(new ServiceRefusal('busy', 'not now'));
      });
    expect(await world.run(reader.storage.fetch(key))).toEqual(bytesOf(2_000));
    expect(withLeases).toBe(0);
    const lost = await world.kill(replicas.find((name) => name !== 'ann' && name !== 'relay')!);
    const back = await world.join(lost);
    await expect(world.run(back.storage.fetch(key))).rejects.toMatchObject({ code: 'unreachable' });
    expect(withLeases).toBeGreaterThan(0);
  });

  it('of many is inserted in parallel: an attachment of 3 MB', async () => {
    world = await StorageRing.start('parallel', NAMES);
    const { storage } = world.node('ben');
    const chunks = Array.from({ length: 12 }, (_, i) => bytesOf(256 * 1024, i));
    const keys = await Promise.all(chunks.map((chunk) => storage.keep(chunk)));
    const all = await world.run(Promise.all(keys.map((key) => storage.insert(key))));
    for (const { receipts } of all) expect(receipts.length).toBeGreaterThanOrEqual(3);
    const { storage: reader } = world.node('eve');
    const read = await world.run(Promise.all(keys.map((key) => reader.fetch(key, { keep: true }))));
    expect(read.map((bytes, i) => equalBytes(bytes, chunks[i]!))).toEqual(chunks.map(() => true));
    expect(reader.statistics().blocks).toBeGreaterThanOrEqual(12);
  });

  /** Keys of which fewer than the low-water mark of live nodes have a copy. */
  async function short(keys: readonly Key[]): Promise<readonly number[]> {
    const live = await Promise.all(keys.map((key) => world.holderNames(key)));
    return live.map((names) => names.length).filter((count) => count < LOW_WATER);
  }

  it('is copied when too few live nodes have it, and is never gone', { timeout: 90_000 }, async () => {
    world = await StorageRing.start('churn', NAMES.slice(0, 4));
    const keys: Key[] = [];
    for (let i = 0; i < 20; i++) keys.push((await stored(world.node('ann'), bytesOf(2000, i))).key);
    for (const name of ['new-1', 'new-2', 'new-3']) await world.add(name);
    for (const gone of [
      ['ann', 'cat'],
      ['ben', 'dan'],
    ]) {
      for (const name of gone) await world.kill(name);
      await world.until(async () => (await short(keys)).length === 0, 300_000);
    }
    const reader = world.node('new-2').storage;
    for (const [i, key] of keys.entries())
      expect(await world.run(reader.fetch(key))).toEqual(bytesOf(2000, i));
  });

  it(
    'is not copied for a newcomer (Carbonite, §3), and once, not by every holder, when it is short',
    { timeout: 90_000 },
    async () => {
      world = await StorageRing.start('once', NAMES);
      const keys: Key[] = [];
      for (let i = 0; i < 15; i++) keys.push((await stored(world.node('ann'), bytesOf(3000, i))).key);
      const copied = (): number =>
        world.live.reduce(
          (sum, { counters }) =>
            sum + counters.get('storage.copied-there') + counters.get('storage.copied-here'),
          0,
        );
      await world.add('newcomer');
      await world.pass(70_000);
      expect(copied()).toBe(0);
      for (const name of ['ann', 'eve']) await world.kill(name);
      const missing = (await short(keys)).reduce((sum, count) => sum + LOW_WATER + HYSTERESIS - count, 0);
      expect(missing).toBeGreaterThan(0);
      await world.until(async () => (await short(keys)).length === 0, 300_000);
      await world.pass(40_000);
      expect(copied()).toBe(missing);
    },
  );

  it(
    'that a node signed for, says it holds and cannot prove: the node is named',
    { timeout: 90_000 },
    async () => {
      world = await StorageRing.start('proofs', NAMES);
      const keys: Key[] = [];
      for (let i = 0; i < 10; i++) keys.push((await stored(world.node('ann'), bytesOf(500, i))).key);
      const liar = world.node('cat');
      liar.overlay.handle(serviceName('prove'), (body) => {
        const asked = wire.proveRequest.decode(body);
        const proofs = asked.ok ? asked.value.keys.map((key) => sha256(key)) : [];
        return Promise.resolve(wire.proveReply.encode({ v: 1, proofs }));
      });
      await world.add('newcomer');
      const named = (): string[] =>
        world.live.flatMap(({ counters }) =>
          counters.notes().flatMap(({ code, reason }) => (code === 'liar' ? [reason] : [])),
        );
      await world.until(() => Promise.resolve(named().length > 0));
      const name = idText(liar.contact.nodeId);
      expect(named().every((reason) => reason.includes(name))).toBe(true);
    },
  );

  it('is on the same nodes whoever inserts it, also when nobody knows the whole ring', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `node-${i}`);
    world = await StorageRing.start('large', names);
    await world.pass(20_000);
    const readers = [world.node('node-7'), world.node('node-23')];
    for (let i = 0; i < 20; i++) {
      const { key } = await stored(world.node(names[i * 2]!), bytesOf(500, i));
      expect(await world.isWhole(key)).toBe(true);
      for (const { storage } of readers) expect(await world.run(storage.fetch(key))).toEqual(bytesOf(500, i));
    }
  });

  it('is found with a former replica when the ring has moved on', async () => {
    world = await StorageRing.start('former', NAMES.slice(0, 3));
    const { key } = await stored(world.node('ann'), bytesOf(1000));
    for (const node of world.live)
      if (node.name !== 'ann') {
        const disk = namespace(node.disk, 'storage');
        await disk.write([{ type: 'delete', key: dataKey(placeOf('block', key)) }]);
      }
    const { storage } = await world.add('newcomer');
    expect(await world.run(storage.fetch(key))).toEqual(bytesOf(1000));
  });

  it('that nobody has is not found; that nobody can be asked about is unreachable', async () => {
    world = await StorageRing.start('missing', NAMES.slice(0, 4));
    const key = sha256(utf8('nobody has this'));
    const { storage } = world.node('ann');
    await expect(world.run(storage.fetch(key))).rejects.toMatchObject({ code: 'not-found' });
    for (const name of ['relay', 'ben', 'cat', 'dan']) await world.kill(name);
    await expect(world.run(storage.fetch(key))).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('is not `stored` on its own node alone', async () => {
    world = await StorageRing.start('alone', ['ann']);
    await world.kill('relay');
    const { storage } = world.node('ann');
    const key = await storage.keep(bytesOf(100));
    await expect(world.run(storage.insert(key))).rejects.toMatchObject({ code: 'unreachable' });
    expect(await storage.fetch(key)).toEqual(bytesOf(100));
  });

  it('goes to the next closest node when a replica is full, and says `full` when all are', async () => {
    world = await StorageRing.start('full', NAMES);
    const bytes = bytesOf(50_000);
    const key = sha256(bytes);
    const ann = world.node('ann');
    const first = world.node(world.replicaNames(key).find((name) => name !== 'relay' && name !== 'ann')!);
    first.disk.setQuota((await first.disk.usage()).usedBytes + 1000);
    await ann.storage.keep(bytes);
    const { receipts } = await world.run(ann.storage.insert(key));
    expect(receipts.length).toBeGreaterThanOrEqual(3);
    expect(await world.holderNames(key)).not.toContain(first.name);
    for (const node of world.live)
      if (node !== ann) node.disk.setQuota((await node.disk.usage()).usedBytes + 1000);
    const another = await ann.storage.keep(bytesOf(60_000, 5));
    await expect(world.run(ann.storage.insert(another))).rejects.toMatchObject({ code: 'full' });
    ann.disk.setQuota((await ann.disk.usage()).usedBytes + 1000);
    await expect(ann.storage.keep(bytesOf(60_000, 6))).rejects.toMatchObject({ code: 'full' });
  });

  it('is stored in a small ring although one of its disks is full, and the receipts say on how many', async () => {
    world = await StorageRing.start('small and full', NAMES.slice(0, 2));
    const ben = world.node('ben');
    ben.disk.setQuota((await ben.disk.usage()).usedBytes + 1000);
    const { key, receipts, wanted } = await stored(world.node('ann'), bytesOf(50_000));
    expect({ copies: receipts.length, wanted }).toEqual({ copies: 2, wanted: 2 });
    expect(await world.holderNames(key)).toEqual(['ann', 'relay']);
  });

  it('whose copies were written before a crash is there after it, receipt or not', async () => {
    world = await StorageRing.start('crash', NAMES.slice(0, 4));
    const ann = world.node('ann');
    const key = await ann.storage.keep(bytesOf(5000));
    const inserting = ann.storage.insert(key).catch((error: unknown) => error);
    await world.until(async () => (await world.holderNames(key)).length > 1, 5000);
    const { disk, ...member } = await world.kill('ann');
    await world.run(inserting);
    const again = await world.join(member, disk);
    expect(await again.storage.fetch(key)).toEqual(bytesOf(5000));
    await world.run(again.storage.insert(key));
    await world.until(() => world.isWhole(key));
  });
});

describe('a liar', () => {
  /** Makes a node answer a service with something else. */
  function lie(node: RingNode, service: string, answer: (body: Bytes) => Bytes): void {
    node.overlay.handle(serviceName(service), (body) => Promise.resolve(answer(body)));
  }

  it('that serves changed blocks gets nowhere and is counted', async () => {
    world = await StorageRing.start('liar', NAMES.slice(0, 5));
    const { key } = await stored(world.node('ann'), bytesOf(4000));
    const reader = await world.add('reader');
    const changed = bytesOf(4000);
    changed[9]! ^= 1;
    const liars = world.live.filter(({ name }) => !['ann', 'reader'].includes(name));
    for (const liar of liars) {
      lie(liar, 'get-block', () => wire.getBlockReply.encode({ v: 1, block: changed, leases: [] }));
      lie(liar, 'read-block', () => wire.readBlockReply.encode({ v: 1, block: changed }));
    }
    expect(await world.run(reader.storage.fetch(key))).toEqual(bytesOf(4000));
    expect(reader.counters.get('storage.wrong-hash')).toBeGreaterThan(0);
  });

  it('that signs receipts for others, or for something else, does not count as a replica', async () => {
    world = await StorageRing.start('forger', NAMES.slice(0, 5));
    const ann = world.node('ann');
    const bytes = bytesOf(1000);
    const key = sha256(bytes);
    const liar = world.node(world.replicaNames(key).find((name) => name !== 'relay' && name !== 'ann')!);
    const body = { v: 1 as const, kind: 'block' as const, key, held: key, at: world.clock.now() };
    const own = { ...body, holder: liar.keys.peerKey };
    const elsewhere = { ...own, held: sha256(utf8('else')) };
    const forgeries = [
      { body: { ...own, holder: ann.keys.peerKey }, signature: await liar.vault.sign('receipt', own) },
      { body: own, signature: await liar.vault.sign('receipt', elsewhere) },
      { body: elsewhere, signature: await liar.vault.sign('receipt', elsewhere) },
    ];
    for (const receipt of forgeries) {
      lie(liar, 'put-block', () => wire.putBlockReply.encode({ v: 1, receipt }));
      await ann.storage.keep(bytes);
      const { receipts } = await world.run(ann.storage.insert(key));
      expect(receipts.map(({ body: { holder } }) => toHex(holder))).not.toContain(toHex(liar.keys.peerKey));
      expect(receipts.length).toBeGreaterThanOrEqual(3);
    }
    expect(ann.counters.get('storage.wrong-receipt')).toBe(2);
    expect(ann.counters.get('storage.bad-signature')).toBe(1);
  });

  it('cannot roll a record back, nor make one up, nor stop its writer', async () => {
    world = await StorageRing.start('rollback', NAMES.slice(0, 5));
    const ann = world.node('ann');
    const old = await ann.record('head', 1, 'old');
    const forged = { ...old, body: { ...old.body, version: 9, value: utf8('forged') } };
    await world.run(ann.storage.putRecord(old));
    const key = recordKey(ann.keys.deviceKey, 'head');
    const [first, second] = world.replicaNames(key).filter((name) => name !== 'ann');
    lie(world.node(first!), 'get-record', () => wire.getRecordReply.encode({ v: 1, record: old }));
    lie(world.node(second!), 'get-record', () => wire.getRecordReply.encode({ v: 1, record: forged }));
    lie(world.node(second!), 'put-record', () =>
      wire.putRecordReply.encode({ v: 1, receipt: null, newer: forged }),
    );
    const next = await ann.record('head', 2, 'new');
    await world.run(ann.storage.putRecord(next));
    const reader = await world.add('reader');
    expect(await world.run(reader.storage.getRecord(ann.keys.deviceKey, 'head'))).toEqual(next);
    expect(reader.counters.get('storage.bad-signature')).toBeGreaterThan(0);
    await expect(world.run(ann.storage.putRecord(old))).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a record', () => {
  it('is brought up to date on replicas that were behind', async () => {
    world = await StorageRing.start('behind', NAMES);
    const ann = world.node('ann');
    await world.run(ann.storage.putRecord(await ann.record('head', 1, 'one')));
    const key = recordKey(ann.keys.deviceKey, 'head');
    const sleeper = world.replicaNames(key).find((name) => name !== 'ann' && name !== 'relay')!;
    const asleep = await world.kill(sleeper);
    await world.pass(5_000);
    const two = await ann.record('head', 2, 'two');
    await world.run(ann.storage.putRecord(two));
    const awake = await world.join(asleep, asleep.disk);
    await world.pass(2_000);
    expect(await world.run(awake.storage.getRecord(ann.keys.deviceKey, 'head'))).toEqual(two);
    await world.until(async () => {
      const bytes = await namespace(awake.disk, 'storage').get(dataKey(placeOf('record', key)));
      const decoded = bytes && wire.recordCodec.decode(bytes);
      return decoded?.ok === true && decoded.value.body.version === 2;
    });
  });

  it('that is here is not taken for the newest while nobody else can be asked', async () => {
    world = await StorageRing.start('alone with it', ['ann']);
    const ann = world.node('ann');
    const record = await ann.record('head', 1, 'one');
    await world.run(ann.storage.putRecord(record));
    await world.kill('relay');
    for (let i = 0; i < 4; i++) {
      const asked = world.run(ann.storage.getRecord(ann.keys.deviceKey, 'head'));
      await expect(asked).rejects.toMatchObject({ code: 'unreachable' });
      const put = world.run(ann.record('head', 2 + i, 'two').then((newer) => ann.storage.putRecord(newer)));
      await expect(put).rejects.toMatchObject({ code: 'unreachable' });
      const read = world.run(ann.storage.readInbox(ann.keys.identityKey));
      await expect(read).rejects.toMatchObject({ code: 'unreachable' });
      await world.pass(4_000);
    }
    expect(ann.overlay.ready).toBe(true);
    expect(ann.overlay.leafSet()).toEqual([]);
  });

  it('that was never written is undefined; a conflict is told to a second writer', async () => {
    world = await StorageRing.start('conflict', NAMES.slice(0, 4));
    const ann = world.node('ann');
    expect(await world.run(ann.storage.getRecord(ann.keys.deviceKey, 'none'))).toBeUndefined();
    const newer = await ann.record('head', 5, 'newer');
    await world.run(world.node('ben').storage.putRecord(newer));
    const older = await ann.record('head', 4, 'older');
    await expect(world.run(ann.storage.putRecord(older))).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a certificate', () => {
  it('is found by its name; forged ones are refused', async () => {
    world = await StorageRing.start('certificate', NAMES.slice(0, 4));
    const ann = world.node('ann');
    const certificate = await world.ring.identityCertificate('ann', ann.keys.identityKey);
    const { receipts } = await world.run(ann.storage.putCertificate(certificate));
    expect(receipts.length).toBeGreaterThanOrEqual(3);
    const { storage } = world.node('dan');
    expect(await world.run(storage.getCertificate('ann@example.org'))).toEqual(certificate);
    expect(await world.run(storage.getCertificate('nobody@example.org'))).toBeUndefined();
  });

  it('is not denied by a small ring while its relay is silent: only the relay may have it', async () => {
    world = await StorageRing.start('silent relay', NAMES.slice(0, 2));
    const { storage } = world.node('ann');
    expect(await world.run(storage.getCertificate('cat@example.org'))).toBeUndefined();
    await world.kill('relay');
    for (let i = 0; i < 4; i++) {
      const asked = world.run(storage.getCertificate('cat@example.org'));
      await expect(asked).rejects.toMatchObject({ code: 'unreachable' });
      await world.pass(1_000);
    }
  });
});

describe('an inbox', () => {
  it('takes entries on all replicas, gives their union, and what is cleared never comes back', async () => {
    world = await StorageRing.start('inbox', NAMES);
    const [ann, ben] = [world.node('ann'), world.node('ben')];
    const at = world.clock.now();
    const entries = [];
    for (let i = 0; i < 5; i++) {
      const entry = await ben.entry(ann, `hello ${i}`, at + i);
      const { receipts } = await world.run(ben.storage.appendToInbox(entry));
      expect(receipts.length).toBeGreaterThanOrEqual(3);
      entries.push(entry);
    }
    const owner = ann.keys.identityKey;
    expect(await world.run(ann.storage.readInbox(owner))).toEqual(entries);

    const holders = world.live.filter(
      ({ name, storage }) => !['ann', 'ben', 'relay'].includes(name) && storage.statistics().inboxEntries > 0,
    );
    const sleeper = await world.kill(holders[0]!.name);
    const hashes = entries.slice(0, 3).map((entry) => bodyHash(entry.body));
    await world.run(ann.storage.clearInbox(hashes));
    expect(await world.run(ann.storage.readInbox(owner))).toEqual(entries.slice(3));

    const awake = await world.join(sleeper, sleeper.disk);
    expect(awake.storage.statistics().inboxEntries).toBe(5);
    await world.until(async () => awake.storage.statistics().inboxEntries === 2);
    await world.pass(70_000);
    expect(await world.run(ann.storage.readInbox(owner))).toEqual(entries.slice(3));
    // The sender that asks again hears that it was delivered; the entry stays gone.
    const { storage } = world.node('ben');
    const again = await world.run(storage.appendToInbox(entries[0]!));
    expect(again.receipts.length).toBeGreaterThanOrEqual(3);
    expect(await world.run(ann.storage.readInbox(owner))).toEqual(entries.slice(3));
    expect(world.live.some(({ counters }) => counters.get('inbox.cleared') > 0)).toBe(true);
  });

  it('does not take an entry that its sender did not sign', async () => {
    world = await StorageRing.start('forged-entry', NAMES.slice(0, 4));
    const [ann, ben] = [world.node('ann'), world.node('ben')];
    const entry = await ben.entry(ann, 'hello', world.clock.now());
    const forged = { ...entry, body: { ...entry.body, sealed: utf8('bye') } };
    await expect(world.run(ben.storage.appendToInbox(forged))).rejects.toMatchObject({
      name: 'StorageError',
    });
    const inboxes = world.live.map(({ storage }) => storage.statistics().inboxEntries);
    expect(inboxes.every((count) => count === 0)).toBe(true);
    expect(world.live.some(({ counters }) => counters.get('inbox.bad-signature') > 0)).toBe(true);
  });
});

describe('the services', () => {
  it('refuse what they cannot read, by name', async () => {
    world = await StorageRing.start('garbage', NAMES.slice(0, 2));
    const [ann, ben] = [world.node('ann'), world.node('ben')];
    const ask = (name: string, body: Bytes) =>
      world.run(ann.overlay.request(ben.contact.nodeId, serviceName(name), body));
    const future = concat(wire.keyRequest.encode({ v: 1, key: sha256(utf8('x')) }));
    future[future.length - 1]! = 9;
    await expect(ask('get-block', utf8('garbage'))).rejects.toMatchObject({ refusalCode: 'malformed' });
    await expect(ask('put-record', new Uint8Array(100_000))).rejects.toMatchObject({
      refusalCode: 'too-large',
    });
    expect(ben.counters.get('storage.malformed')).toBe(1);
    expect(ben.counters.get('storage.too-large')).toBe(1);
    expect(idText(ben.contact.nodeId)).toHaveLength(64);
  });
});
