/**
 * What a node found others to hold, on its own disk, so that the comparisons of its next session start from it: one list of
 * keys, and for each node which of them it has. Never more than a guess: nothing of it counts until it is compared again.
 */
import * as v from 'valibot';
import { compareBytes, concat, type Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import { ID_BYTES, idText, type Key } from '../codec/id.ts';
import { bytesMax, codec, idSchema, listOf } from '../codec/schema.ts';
import { StoreError, type KeyValueStore } from './key-value-store.ts';
import { mirrorsKey } from './layout.ts';
import { MIRRORS_MAX, type RememberedMirror } from './mirrors.ts';
import { KeyTree } from './reconcile/key-tree.ts';

/** Keys that are remembered: 2 MiB. Of nodes that would need more, those compared least recently are left out. */
export const REMEMBERED_KEYS_MAX = 65_536;

export const mirrorMemoryCodec = codec(
  'memory of mirrors',
  v.strictObject({
    v: v.literal(1),
    /** Sorted, one after another. */
    keys: bytesMax(REMEMBERED_KEYS_MAX * ID_BYTES),
    /** Least recently compared first. */
    mirrors: listOf(
      v.strictObject({
        nodeId: idSchema,
        from: idSchema,
        to: idSchema,
        /** A bit for each of `keys`, the lowest of each byte first. */
        held: bytesMax(REMEMBERED_KEYS_MAX / 8),
      }),
      MIRRORS_MAX,
    ),
  }),
  4 * 1024 * 1024,
);
type MirrorMemory = v.InferOutput<typeof mirrorMemoryCodec.schema>;

/** What does not decode is counted, and nothing is remembered then. Rejects with StoreError. */
export async function loadMirrors(
  store: KeyValueStore,
  counters: Counters,
): Promise<readonly RememberedMirror[]> {
  const bytes = await store.get(mirrorsKey());
  if (bytes === undefined) return [];
  const decoded = mirrorMemoryCodec.decode(bytes);
  if (decoded.ok) return unpacked(decoded.value);
  counters.refused('storage', { code: 'damaged', reason: `on this disk: ${decoded.reason}` });
  return [];
}

/** A disk that takes nothing costs only what comparisons cost more: it is counted. */
export async function saveMirrors(
  store: KeyValueStore,
  mirrors: readonly RememberedMirror[],
  counters: Counters,
): Promise<void> {
  try {
    const value = mirrorMemoryCodec.encode(packed(mirrors));
    await store.write([{ type: 'put', key: mirrorsKey(), value }]);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    counters.add(`storage.mirrors-not-saved-${error.code}`);
  }
}

function packed(mirrors: readonly RememberedMirror[]): MirrorMemory {
  const keys = new Map<string, Key>();
  let first = mirrors.length;
  while (first > 0) {
    const added = mirrors[first - 1]!.tree.entries();
    if (keys.size + added.length > REMEMBERED_KEYS_MAX) break;
    for (const key of added) keys.set(idText(key), key);
    first -= 1;
  }
  const sorted = [...keys.values()].sort(compareBytes);
  const places = new Map(sorted.map((key, place) => [idText(key), place]));
  return {
    v: 1,
    keys: concat(...sorted),
    mirrors: mirrors.slice(first).map(({ nodeId, tree, arc }) => {
      const held = new Uint8Array(Math.ceil(sorted.length / 8));
      for (const key of tree.entries()) {
        const place = places.get(idText(key))!;
        held[place >> 3]! |= 1 << (place & 7);
      }
      return { nodeId, from: arc.from, to: arc.to, held };
    }),
  };
}

function unpacked({ keys: bytes, mirrors }: MirrorMemory): readonly RememberedMirror[] {
  const keys: Key[] = [];
  for (let at = 0; at + ID_BYTES <= bytes.length; at += ID_BYTES)
    keys.push(bytes.slice(at, at + ID_BYTES) as Bytes);
  return mirrors.map(({ nodeId, from, to, held }) => {
    const has = (place: number): boolean => (((held[place >> 3] ?? 0) >> (place & 7)) & 1) === 1;
    return { nodeId, arc: { from, to }, tree: KeyTree.of(keys.filter((_, place) => has(place))) };
  });
}
