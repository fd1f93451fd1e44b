/** The usual rules of who may speak to a group. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import type { Policy } from './multicast.ts';

/** Every certified node of the ring. */
export const openPolicy: Policy = { accepts: () => true };

/** Only the nodes with these peer keys. */
export function nodesPolicy(peerKeys: readonly Bytes[]): Policy {
  const allowed = new Set(peerKeys.map(toHex));
  return { accepts: (_, { peerKey }) => allowed.has(toHex(peerKey)) };
}

/** All nodes of the members with these names (canonical addresses), today's and later ones: an owner is one name. */
export function namesPolicy(names: readonly string[]): Policy {
  const allowed = new Set(names);
  return { accepts: (_, { name }) => allowed.has(name) };
}
