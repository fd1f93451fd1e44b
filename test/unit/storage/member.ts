/** A member of a test ring with a real vault, and what its layers above storage would sign. */
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import type { Key } from '../../../src/core/codec/id.ts';
import type { NodeCertificate } from '../../../src/core/identity/certificates.ts';
import type { PublicKeys, Vault } from '../../../src/core/identity/vault.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { InboxEntry, StoredRecord } from '../../../src/core/storage/storage.ts';
import type { CertifiedEntry, InboxClear, Lease } from '../../../src/core/storage/wire.ts';
import type { NodeCertificateChanges, TestRing } from '../../support/ring.ts';

export interface Member {
  readonly name: string;
  readonly vault: Vault;
  readonly keys: PublicKeys;
  readonly certificate: NodeCertificate;
  readonly contact: Contact;
  readonly lease: (key: Key, sizeBytes: number, until?: number, at?: number) => Promise<Lease>;
  readonly record: (label: string, version: number, value: string) => Promise<StoredRecord>;
  readonly entry: (owner: Member, text: string, at?: number) => Promise<InboxEntry>;
  readonly certified: (owner: Member, text: string, at?: number) => Promise<CertifiedEntry>;
  readonly clear: (entries: readonly Bytes[], at?: number) => Promise<InboxClear>;
}

/** Where all these tests start: 2026-01-01. */
export const START = new VirtualClock().now();

export async function createMember(
  ring: TestRing,
  name: string,
  changes: NodeCertificateChanges = {},
): Promise<Member> {
  const vault = memoryVault(new SeededRandom(`vault of ${name}`));
  const { keys } = await vault.begin();
  await vault.commit();
  const certificate = await ring.nodeCertificate(name, keys.peerKey, changes);
  const { nodeId, role } = certificate.body;
  const contact: Contact = { nodeId, peerKey: keys.peerKey, role, certificate, addresses: [] };
  const entry: Member['entry'] = async (owner, text, at = START) => {
    const body = { v: 1 as const, owner: owner.keys.identityKey, from: keys.peerKey, sealed: utf8(text), at };
    return { body, signature: await vault.sign('inbox-entry', body) };
  };
  return {
    name,
    vault,
    keys,
    certificate,
    contact,
    entry,
    async lease(key, sizeBytes, until = START + 1e9, at = START) {
      const body = { v: 1 as const, key, holder: keys.peerKey, sizeBytes, at, until };
      return { body, signature: await vault.sign('lease', body), certificate };
    },
    async record(label, version, value) {
      const body = { v: 1 as const, writer: keys.deviceKey, label, version, value: utf8(value), at: START };
      return { body, signature: await vault.sign('device-record', body) };
    },
    async certified(owner, text, at) {
      return { v: 1, entry: await entry(owner, text, at), certificate };
    },
    async clear(entries, at = START) {
      const body = { v: 1 as const, owner: keys.identityKey, entries: [...entries], at };
      return { body, signature: await vault.sign('inbox-clear', body) };
    },
  };
}
