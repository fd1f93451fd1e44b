/** The vault over keys in memory. */
import { MemoryKeyStore } from '../../src/adapters/memory/key-store.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { KeyVault } from '../../src/core/identity/key-vault.ts';
import { vaultContract } from './vault.ts';

vaultContract('memory', () => {
  const store = new MemoryKeyStore();
  return Promise.resolve({ open: () => Promise.resolve(new KeyVault(store, systemRandom)) });
});
