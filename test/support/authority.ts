/** An authority of example.org for tests: fixed RSA key, ledger in memory, virtual clock; and people who ask it. */
import { MemoryAuthorityLedger } from '../../src/adapters/memory/authority-ledger.ts';
import { VirtualClock } from '../../src/adapters/memory/clock.ts';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { memoryVault } from '../../src/adapters/memory/vault.ts';
import { fromHex, type Bytes } from '../../src/core/codec/bytes.ts';
import { Authority } from '../../src/core/identity/authority.ts';
import type { EnrolRequestBody, JoinRequestBody } from '../../src/core/identity/join.ts';
import { importAuthorityKey, rsaKeyFromPrimes, type AuthorityKey } from '../../src/core/identity/rsa-key.ts';
import type { PublicKeys, Vault } from '../../src/core/identity/vault.ts';
import type { Signed } from '../../src/core/crypto/sign.ts';
import primes from '../vectors/test-authority-key.json' with { type: 'json' };

/** The fixed RSA-2048 key of test/vectors/test-authority-key.json. */
export function testAuthorityKey(): Promise<AuthorityKey> {
  return importAuthorityKey(rsaKeyFromPrimes(BigInt(`0x${primes.p}`), BigInt(`0x${primes.q}`)));
}

export interface TestAuthority {
  readonly authority: Authority;
  readonly ledger: MemoryAuthorityLedger;
  readonly clock: VirtualClock;
  /** Another authority over the same ledger: the relay was restarted. */
  restart(): Promise<Authority>;
}

export const TEST_RING_SECRET = fromHex('5e'.repeat(32));

export async function createTestAuthority(seed: string | number = 1): Promise<TestAuthority> {
  const key = await testAuthorityKey();
  const ledger = new MemoryAuthorityLedger();
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const policy = { domain: 'example.org', k: 3, a: 1, quotaBytes: 1_000_000 };
  const make = async (): Promise<Authority> => {
    const authority = new Authority({ key, ledger, clock, random }, policy, TEST_RING_SECRET);
    await authority.describe([]);
    return authority;
  };
  return { authority: await make(), ledger, clock, restart: make };
}

/** Somebody with pending keys who can ask to join. */
export interface Applicant {
  readonly vault: Vault;
  readonly keys: PublicKeys;
  readonly words: readonly string[];
  join(token: string, name: string, changes?: Partial<JoinRequestBody>): Promise<Signed<JoinRequestBody>>;
  enrol(ring: Bytes, changes?: Partial<EnrolRequestBody>): Promise<Signed<EnrolRequestBody>>;
}

/** Keys follow from `seed`; their clock says `at` in every request. */
export async function createApplicant(seed: string, at: number): Promise<Applicant> {
  const vault = memoryVault(new SeededRandom(seed));
  const { keys, words } = await vault.begin();
  return {
    vault,
    keys,
    words,
    async join(token, name, changes = {}) {
      const body: JoinRequestBody = { v: 1, token, name, displayName: seed, ...keys, at, ...changes };
      return { body, signature: await vault.sign('join', body) };
    },
    async enrol(ring, changes = {}) {
      const body: EnrolRequestBody = { v: 1, ring, ...keys, at, ...changes };
      return { body, signature: await vault.sign('enrol', body) };
    },
  };
}
