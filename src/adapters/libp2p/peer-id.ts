/** Peer ids of libp2p and raw Ed25519 keys: the same thing in two spellings. */
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { Ed25519PublicKey, PeerId } from '@libp2p/interface';
import { peerIdFromMultihash, peerIdFromPublicKey } from '@libp2p/peer-id';
import { decode } from 'multiformats/hashes/digest';
import { assert } from '../../core/codec/assert.ts';
import type { Bytes } from '../../core/codec/bytes.ts';

/** libp2p's object for a raw Ed25519 public key of 32 bytes. */
export function transportKeyOf(peerKey: Bytes): Ed25519PublicKey {
  const key = publicKeyFromRaw(peerKey);
  assert(key.type === 'Ed25519', 'a peer key is an Ed25519 key');
  return key as Ed25519PublicKey;
}

export function peerIdOf(peerKey: Bytes): PeerId {
  return peerIdFromPublicKey(transportKeyOf(peerKey));
}

/** The key that a connection has proved: 32 bytes; undefined when it is not an Ed25519 key. */
export function peerKeyOf(peerId: PeerId): Bytes | undefined {
  return peerId.type === 'Ed25519' ? new Uint8Array(peerId.publicKey.raw) : undefined;
}

/** From a multihash that somebody sent; undefined when it names no peer. */
export function peerIdIn(multihash: Uint8Array | undefined): PeerId | undefined {
  if (multihash === undefined) return undefined;
  try {
    return peerIdFromMultihash(decode(multihash));
  } catch {
    // Whoever answers the message says what is wrong with it.
    return undefined;
  }
}
