/** The peer key as libp2p wants it: it signs by asking the vault, and never leaves that. */
import type { Ed25519PrivateKey } from '@libp2p/interface';
import type { Bytes } from '../../core/codec/bytes.ts';
import { VaultError, type Vault } from '../../core/identity/vault.ts';
import { transportKeyOf } from './peer-id.ts';

/**
 * A libp2p private key over `vault.signTransport`. libp2p signs three things with it: the Noise static key of a
 * connection, relay reservation vouchers, and peer records; none of them reads `raw`, which throws VaultError `refused`.
 */
export function vaultPrivateKey(vault: Pick<Vault, 'signTransport'>, peerKey: Bytes): Ed25519PrivateKey {
  const publicKey = transportKeyOf(peerKey);
  return {
    type: 'Ed25519',
    publicKey,
    get raw(): Uint8Array {
      throw new VaultError('refused', 'the peer key stays in the vault');
    },
    equals(other?: { readonly publicKey?: unknown }): boolean {
      return publicKey.equals(other?.publicKey);
    },
    async sign(data, options) {
      options?.signal?.throwIfAborted();
      const bytes = data instanceof Uint8Array ? data.slice() : data.slice();
      const signature = await vault.signTransport(bytes as Bytes);
      options?.signal?.throwIfAborted();
      return signature;
    },
  };
}
