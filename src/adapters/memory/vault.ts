/** A vault in memory, for tests and simulation. */
import type { Random } from '../../core/crypto/random.ts';
import { KeyVault } from '../../core/identity/key-vault.ts';
import type { Vault } from '../../core/identity/vault.ts';
import { systemRandom } from '../system/random.ts';
import { MemoryKeyStore } from './key-store.ts';

/** Empty; the same seeded `random` gives the same keys. */
export function memoryVault(random: Random = systemRandom): Vault {
  return new KeyVault(new MemoryKeyStore(), random);
}
