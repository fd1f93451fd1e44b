/** Who the relay is in its ring: its node's keys, its certificate, and its place in the ring descriptor. */
import { join } from 'node:path';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { KeyFileError, openFileKeyStore } from '../../src/adapters/vault/file-key-store.ts';
import { assert } from '../../src/core/codec/assert.ts';
import { utf8 } from '../../src/core/codec/bytes.ts';
import type { Authority } from '../../src/core/identity/authority.ts';
import { ringDescriptorCodec, type RingDescriptor } from '../../src/core/identity/certificates.ts';
import { KeyVault } from '../../src/core/identity/key-vault.ts';
import type { PublicKeys, Vault } from '../../src/core/identity/vault.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';
import type { KeyValueStore } from '../../src/core/storage/key-value-store.ts';
import type { RelayConfig } from './config.ts';
import { dataFiles } from './data-folder.ts';
import { OperatorError } from './operator-error.ts';
import { websocketMultiaddr } from './public-address.ts';

const DESCRIPTOR = utf8('descriptor');

/**
 * A relay starts without anybody typing, so its key file has no passphrase: like the authority's key it is protected by
 * its mode, and stretching nothing would only cost time.
 */
const NO_PASSPHRASE = '';
const CHEAP_SCRYPT = { N: 2, r: 8, p: 1 };

/** Opens the keys of the relay's node; made when there are none. Rejects with OperatorError. */
export async function openNodeVault(dataDir: string): Promise<Vault> {
  const path = join(dataDir, dataFiles.nodeKeys);
  try {
    const vault = new KeyVault(await openFileKeyStore(path, NO_PASSPHRASE, CHEAP_SCRYPT), systemRandom);
    if ((await vault.state()).state === 'empty') await vault.begin();
    await vault.commit();
    return vault;
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    const problem = error.code === 'io' ? error.message : `${path} is damaged: put it back from a back-up`;
    throw new OperatorError(`${problem}.`, { cause: error });
  }
}

/** Keys of a vault that has some. */
export async function publicKeysOf(vault: Vault): Promise<PublicKeys> {
  const state = await vault.state();
  assert(state.state !== 'empty', "the relay's vault has keys");
  return state;
}

/** A fresh certificate of 30 days for the relay's node, which keeps its place. */
export async function certify(
  { url }: RelayConfig,
  authority: Authority,
  { peerKey }: PublicKeys,
): Promise<Contact> {
  const certificate = await authority.certifyRelay(peerKey);
  assert(certificate.ok, 'a relay is certified by its own authority');
  const { nodeId } = certificate.value.body;
  const addresses = [websocketMultiaddr(url)];
  return { nodeId, peerKey, role: 'relay', certificate: certificate.value, addresses };
}

/** The ring descriptor that names this relay: the last one as long as it holds, else one with a higher serial. */
export async function describeRing(
  authority: Authority,
  store: KeyValueStore,
  { nodeId, peerKey, addresses }: Contact,
): Promise<RingDescriptor> {
  const stored = await store.get(DESCRIPTOR);
  const before = stored && ringDescriptorCodec.decode(stored);
  const places = [{ nodeId, peerKey, addresses: [...addresses] }];
  const descriptor = await authority.describe(places, before?.ok ? before.value : undefined);
  await store.write([{ type: 'put', key: DESCRIPTOR, value: ringDescriptorCodec.encode(descriptor) }]);
  return descriptor;
}
