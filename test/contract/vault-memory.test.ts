/** Runs the contract of the Vault port over keys in memory; test/browser/vault.spec.ts runs it in the service worker. */
import { describe, it } from 'vitest';
import { MemoryKeyStore } from '../../src/adapters/memory/key-store.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { KeyVault } from '../../src/core/identity/key-vault.ts';
import { vaultCases } from './vault.ts';

function place() {
  const store = new MemoryKeyStore();
  return Promise.resolve({ open: () => Promise.resolve(new KeyVault(store, systemRandom)) });
}

describe('KeyVault over MemoryKeyStore', () => {
  for (const { name, run } of vaultCases) it(name, () => run(place));
});
