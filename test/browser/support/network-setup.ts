/** What the processes and pages of a network test are told: a name (keys follow from it), a certificate, the relays. */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { fromHex, toHex } from '../../../src/core/codec/bytes.ts';
import { decodeCbor, encodeCbor } from '../../../src/core/codec/cbor.ts';
import type { RingTrust } from '../../../src/core/identity/certificates.ts';
import type { PublicKeys, Vault } from '../../../src/core/identity/vault.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';

export interface NodeSetup {
  /** Seed of the vault. */
  readonly name: string;
  readonly contact: Contact;
  readonly trust: RingTrust;
  readonly relays: readonly Contact[];
  readonly listenPort: number | null;
}

/** As text, for a command line or a page. */
export function packed(value: unknown): string {
  return toHex(encodeCbor(value));
}

/** The value that was packed: the test's own, so it is not checked. */
export function unpacked<T>(text: string): T {
  const decoded = decodeCbor(fromHex(text));
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value as T;
}

/** The vault of that name, ready. */
export async function vaultNamed(
  name: string,
): Promise<{ readonly vault: Vault; readonly keys: PublicKeys }> {
  const vault = memoryVault(new SeededRandom(name));
  const { keys } = await vault.begin();
  await vault.commit();
  return { vault, keys };
}
