/**
 * Maps that are empty most of the time. A process may hold very many machines with several of them each, so that while they are
 * empty they all are one and the same; whoever holds one keeps what these functions return.
 */

/** The empty one. */
export const NO_ENTRIES: ReadonlyMap<never, never> = new Map<never, never>();

/** With this entry: the same map, or a fresh one in the place of the empty one. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  const own = map === NO_ENTRIES ? new Map<K, V>() : (map as Map<K, V>);
  own.set(key, value);
  return own;
}

/** Without the entry of this key: the same map, or the empty one when it was the last. */
export function withoutEntry<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (map === NO_ENTRIES) return map;
  (map as Map<K, V>).delete(key);
  return map.size === 0 ? NO_ENTRIES : map;
}
