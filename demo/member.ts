/** The node of a person in Node: the same member as in a tab, with a sealed file for its keys and LevelDB for its disk. */
import '../src/adapters/libp2p/polyfill.ts';
import '../src/adapters/libp2p/node-web-socket.ts';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLevelKeyValueStore } from '../src/adapters/level/key-value-store.ts';
import { Libp2pNetwork } from '../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../src/adapters/libp2p/private-key.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import { systemRandom } from '../src/adapters/system/random.ts';
import { openFileKeyStore } from '../src/adapters/vault/file-key-store.ts';
import { assert } from '../src/core/codec/assert.ts';
import { Counters } from '../src/core/codec/counters.ts';
import type { Membership } from '../src/core/identity/join.ts';
import { KeyVault } from '../src/core/identity/key-vault.ts';
import type { PublicKeys, Vault } from '../src/core/identity/vault.ts';
import { createMember } from '../src/core/node/create-member.ts';
import type { Member } from '../src/core/node/member.ts';
import { enrolDevice, joinRing, type Newcomer } from './authority.ts';

/** An account for show: nobody types a passphrase, and the recovery words lie beside the keys. */
const NO_PASSPHRASE = '';
const CHEAP_SCRYPT = { N: 2, r: 8, p: 1 };
const DEVICE_LABEL = 'Demonstration';

/** Joins, or comes back. `folder` is the person's own, `url` the relay's. Rejects with DemoError, KeyFileError, StoreError. */
export async function openMember(folder: string, url: string, newcomer: Newcomer): Promise<Member> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const vault = new KeyVault(
    await openFileKeyStore(join(folder, 'keys'), NO_PASSPHRASE, CHEAP_SCRYPT),
    systemRandom,
  );
  const membership = await enter(vault, folder, url, newcomer);
  const { nodeCertificate, descriptor } = membership;
  const { nodeId, peerKey, role } = nodeCertificate.body;
  const { relays, ring, authorityKey } = descriptor.body;
  const clock = systemClock;
  const counters = new Counters(() => clock.now());
  const network = new Libp2pNetwork({
    role,
    contact: { nodeId, peerKey, role, certificate: nodeCertificate, addresses: [] },
    trust: { ring, authorityKey },
    privateKey: vaultPrivateKey(vault, peerKey),
    clock,
    counters,
    relays,
  });
  return createMember({
    membership,
    vault,
    network,
    store: await openLevelKeyValueStore(join(folder, 'db')),
    clock,
    random: systemRandom,
    counters,
    // The network keeps its link to the relay by itself. Each start has a new certificate, of 30 days.
    bootstrap: [],
    deviceLabel: DEVICE_LABEL,
    persisted: () => true,
  });
}

/** The recovery words of the person whose folder this is; undefined before there are any. */
export function readWords(folder: string): string | undefined {
  const path = wordsPath(folder);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

async function enter(vault: Vault, folder: string, url: string, newcomer: Newcomer): Promise<Membership> {
  const { state } = await vault.state();
  if (state === 'ready') return enrolDevice(url, vault, await keysOf(vault), systemClock);
  if (state === 'empty' || readWords(folder) === undefined) {
    const { words } = await vault.begin();
    writeFileSync(wordsPath(folder), `${words.join(' ')}\n`, { mode: 0o600 });
  }
  const membership = await joinRing(url, vault, await keysOf(vault), systemClock, newcomer);
  await vault.commit();
  return membership;
}

async function keysOf(vault: Vault): Promise<PublicKeys> {
  const state = await vault.state();
  assert(state.state !== 'empty', 'the vault has keys');
  return state;
}

function wordsPath(folder: string): string {
  return join(folder, 'words.txt');
}
