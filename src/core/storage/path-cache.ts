/** Answers requests for blocks on their way to the root, with blocks that passed this node before. */
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import { equalBytes } from '../codec/bytes.ts';
import type { Key } from '../codec/id.ts';
import type { PathCache } from '../overlay/overlay.ts';
import { BlockCache } from './block-cache.ts';
import { verifyBlock } from './verify.ts';
import { keyRequest, readBlockReply } from './wire.ts';

/** Blocks whose hash is being checked: more that pass meanwhile are not cached. */
export const CHECKS_MAX = 16;

/** For `read-block`. Who asked checks what comes, from wherever; but a lie that is cached would be one for everybody. */
export function blockPathCache(counters: Counters, cache = new BlockCache()): PathCache {
  let checks = 0;
  const check = async (key: Key, block: Bytes): Promise<void> => {
    checks += 1;
    const fits = await verifyBlock(key, block).finally(() => (checks -= 1));
    if (fits.ok) cache.put(key, block);
    counters.add(fits.ok ? 'storage.cached' : 'storage.not-cached');
  };
  return {
    answer(key: Key, body: Bytes): Bytes | undefined {
      const request = keyRequest.decode(body);
      if (!request.ok || !equalBytes(request.value.key, key)) return undefined;
      const block = cache.get(key);
      if (block === undefined) return undefined;
      counters.add('storage.cache-hit');
      return readBlockReply.encode({ v: 1, block });
    },
    passed(key: Key, body: Bytes): void {
      const reply = readBlockReply.decode(body);
      if (!reply.ok || reply.value.block === null || checks >= CHECKS_MAX) return;
      void check(key, reply.value.block);
    },
  };
}
