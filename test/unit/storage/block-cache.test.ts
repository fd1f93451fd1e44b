/** Blocks cached on the way of a reply (PAST, SOSP 2001, section 4): bounded, checked, and never a replica. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { BlockCache, CACHE_BYTES_MAX } from '../../../src/core/storage/block-cache.ts';
import { blockPathCache } from '../../../src/core/storage/path-cache.ts';
import { serviceName } from '../../../src/core/storage/service.ts';
import { keyRequest, readBlockReply } from '../../../src/core/storage/wire.ts';
import { StorageRing } from './storage-ring.ts';

const keyOf = (i: number): Key => sha256(utf8(`cached ${i}`));

describe('the cache of blocks', () => {
  it('keeps what was used last, never more bytes than it may, as a plain list would', () => {
    const uses = fc.array(fc.tuple(fc.boolean(), fc.nat(9), fc.nat(60)), { maxLength: 80 });
    fc.assert(
      fc.property(uses, (list) => {
        const cache = new BlockCache(100);
        let plain: { i: number; bytes: number }[] = [];
        for (const [isPut, i, bytes] of list) {
          const before = plain.find((one) => one.i === i);
          if (!isPut) expect(cache.get(keyOf(i))?.length).toBe(before?.bytes);
          const now = isPut ? { i, bytes } : before;
          if (now !== undefined) plain = [...plain.filter((one) => one.i !== i), now];
          if (isPut) cache.put(keyOf(i), new Uint8Array(bytes));
          while (plain.reduce((sum, one) => sum + one.bytes, 0) > 100) plain.shift();
          expect(cache.bytes).toBe(plain.reduce((sum, one) => sum + one.bytes, 0));
        }
      }),
    );
    expect(CACHE_BYTES_MAX).toBe(16 * 1024 * 1024);
  });

  it('does not throw everything out for what is too large', () => {
    const cache = new BlockCache(100);
    cache.put(keyOf(1), new Uint8Array(60));
    cache.put(keyOf(2), new Uint8Array(101));
    expect(cache.get(keyOf(1))).toBeDefined();
    expect(cache.get(keyOf(2))).toBeUndefined();
  });

  it('takes only what has the hash, and answers only who asks the key itself', async () => {
    const counters = new Counters(() => 0);
    const paths = blockPathCache(counters);
    const block = utf8('a block');
    const key = sha256(block);
    const request = keyRequest.encode({ v: 1, key });
    const reply = (bytes: Bytes | null): Bytes => readBlockReply.encode({ v: 1, block: bytes });
    for (const lie of [reply(utf8('another')), reply(null), utf8('no reply')]) paths.passed(key, lie);
    await expect.poll(() => counters.get('storage.not-cached')).toBe(1);
    expect(paths.answer(key, request)).toBeUndefined();
    paths.passed(key, reply(block));
    await expect.poll(() => counters.get('storage.cached')).toBe(1);
    expect(paths.answer(key, request)).toEqual(reply(block));
    expect(paths.answer(sha256(key), request)).toBeUndefined();
    expect(paths.answer(key, utf8('no request'))).toBeUndefined();
  });
});

it('a node on the way gives the block while its replicas are silent, and counts as none of them', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const ring = await StorageRing.start('on the way', names);
  const [writer, reader] = [ring.node('a'), ring.node('b')];
  // A block of whose replica set the third node, the one on the way, is none.
  const middle = ring.node('c');
  const isFar = (key: Key): boolean =>
    writer.overlay.closest(key, 5).every(({ nodeId }) => idText(nodeId) !== idText(middle.contact.nodeId));
  const block = [...Array(200).keys()].map((i) => utf8(`block ${i}`)).find((one) => isFar(sha256(one)))!;
  const key = await writer.storage.keep(block);
  await ring.run(writer.storage.insert(key));
  const ask = async (): Promise<Bytes | null> => {
    const body = keyRequest.encode({ v: 1, key });
    const via = { via: middle.contact.nodeId };
    const reply = readBlockReply.decode(
      await ring.run(reader.overlay.ask(key, serviceName('read-block'), body, via)),
    );
    return reply.ok ? reply.value.block : null;
  };
  expect(await ask()).toEqual(block);
  await ring.until(() => Promise.resolve(middle.counters.get('storage.cached') === 1));
  expect(await ask()).toEqual(block);
  expect(middle.counters.get('storage.cache-hit')).toBe(1);
  expect(middle.storage.statistics().blocks).toBe(0);
  const holders = await ring.run(reader.storage.locate(key));
  expect(holders.filter(({ holds }) => holds).map(({ nodeId }) => idText(nodeId))).not.toContain(
    idText(middle.contact.nodeId),
  );
});
