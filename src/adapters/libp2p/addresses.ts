/** The multiaddrs to dial: relays at their own addresses, tabs through a relay that introduces us. */
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
 * The short form, without the relay's own address: only that is dialled over a connection that is open already.
 * `webrtc`: the circuit is for signalling only.
 */
export function addressThrough(relayKey: Bytes, peerKey: Bytes, webrtc: boolean): Multiaddr {
  const relay = peerIdOf(relayKey).toString();
  const peer = peerIdOf(peerKey).toString();
  return multiaddr(`/p2p/${relay}/p2p-circuit${webrtc ? '/webrtc' : ''}/p2p/${peer}`);
}

/** Addresses come from descriptors and from peers. */
function parse(text: string): Multiaddr | undefined {
  try {
    return multiaddr(text);
  } catch {
    return undefined;
  }
}
