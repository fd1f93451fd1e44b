/** A KeyStore that forgets when its process ends: tests and simulation. */
import type { KeyChange, KeyStore, StoredKey } from '../../core/identity/key-store.ts';
import { storedKey } from '../vault/stored-key.ts';

export class MemoryKeyStore implements KeyStore {
  readonly #keys = new Map<string, StoredKey>();

  load(): Promise<readonly StoredKey[]> {
    return Promise.resolve([...this.#keys.values()]);
  }

  async write({ remove = [], rename = [], add = [] }: KeyChange): Promise<void> {
    const added = await Promise.all(add.map(storedKey));
    for (const name of remove) this.#keys.delete(name);
    for (const [from, to] of rename) {
      const key = this.#keys.get(from);
      if (!key) continue;
      this.#keys.delete(from);
      this.#keys.set(to, { ...key, name: to });
    }
    for (const key of added) this.#keys.set(key.name, key);
  }
}
