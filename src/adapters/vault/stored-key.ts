/** Turns a new key into the form in which it is used: imported, not extractable. */
import { importPrivateKey, publicKeyOf } from '../../core/crypto/private-keys.ts';
import type { NewKey, StoredKey } from '../../core/identity/key-store.ts';

export async function storedKey({ name, kind, raw, notAfter, sealed }: NewKey): Promise<StoredKey> {
  return {
    name,
    kind,
    key: await importPrivateKey(kind, raw),
    publicKey: publicKeyOf(kind, raw),
    notAfter,
    ...(sealed ? { sealed } : {}),
  };
}
