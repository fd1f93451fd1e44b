/** The multiaddrs to dial: relays at their own addresses, tabs through a node that introduces us. */
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import type { Bytes } from '../../core/codec/bytes.ts';
import type { Contact } from '../../core/overlay/contact.ts';
import { peerIdOf } from './peer-id.ts';

/** What is needed to dial a relay; every Contact has it, and every entry of a ring descriptor. */
export type RelayAddress = Pick<Contact, 'nodeId' | 'peerKey' | 'addresses'>;

/** The node's own addresses with its peer id at the end; those that are no websockets are left out. */
export function directAddresses({ addresses, peerKey }: Pick<Contact, 'addresses' | 'peerKey'>): Multiaddr[] {
  const suffix = `/p2p/${peerIdOf(peerKey).toString()}`;
  return addresses.flatMap((text) => {
    const address = parse(text);
    const rest = address?.toString().replace(/\/p2p\/[^/]+$/, '');
    if (rest === undefined || !/\/wss?$/.test(rest)) return [];
    return [multiaddr(rest + suffix)];
  });
}

/**
 * The short form, without the introducer's own address: only that is dialled over a connection that is open already.
 * `webrtc`: the circuit is for signalling only.
 */
export function addressThrough(introducerKey: Bytes, peerKey: Bytes, webrtc: boolean): Multiaddr {
  return circuitAddress(peerIdOf(introducerKey).toString(), peerKey, webrtc);
}

/** The same, for an introducer whose peer id is known as text. */
export function circuitAddress(introducer: string, peerKey: Bytes, webrtc: boolean): Multiaddr {
  const peer = peerIdOf(peerKey).toString();
  return multiaddr(`/p2p/${introducer}/p2p-circuit${webrtc ? '/webrtc' : ''}/p2p/${peer}`);
}

/** Addresses come from descriptors and from peers. */
function parse(text: string): Multiaddr | undefined {
  try {
    return multiaddr(text);
  } catch {
    return undefined;
  }
}
