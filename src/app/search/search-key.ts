/** The key of the index on disk: drawn at random, kept sealed by the vault for this device. */
import { utf8 } from '../../core/codec/bytes.ts';
import type { Random } from '../../core/crypto/random.ts';
import { SEAL_KEY_BYTES, sealKey } from '../../core/crypto/seal.ts';
import type { Vault } from '../../core/identity/vault.ts';
import type { KeyValueStore } from '../../core/storage/key-value-store.ts';

const KEY = utf8('key');

/**
 * The key that is kept in `store`; a new one when there is none or the vault does not open it, and what was sealed with the old one is
 * indexed anew. Rejects with VaultError or StoreError.
 */
export async function searchKey(store: KeyValueStore, vault: Vault, random: Random): Promise<CryptoKey> {
  const sealed = await store.get(KEY);
  const opened = sealed && (await vault.openAtRest(sealed));
  if (opened?.ok && opened.value.length === SEAL_KEY_BYTES) return sealKey(opened.value);
  const raw = random.bytes(SEAL_KEY_BYTES);
  await store.write([{ type: 'put', key: KEY, value: await vault.sealAtRest(raw) }]);
  return sealKey(raw);
}
