/** The relay as a peer among peers: its node's keys and certificate, its place in the ring, its replicas. */
import { join } from 'node:path';
import { Libp2pNetwork } from '../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../src/adapters/libp2p/private-key.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { openFileKeyStore } from '../../src/adapters/vault/file-key-store.ts';
import { assert } from '../../src/core/codec/assert.ts';
import { toHex } from '../../src/core/codec/bytes.ts';
import type { Counters } from '../../src/core/codec/counters.ts';
import type { Authority } from '../../src/core/identity/authority.ts';
import { KeyVault } from '../../src/core/identity/key-vault.ts';
import type { PublicKeys } from '../../src/core/identity/vault.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';
import type { KeyValueStore } from '../../src/core/storage/key-value-store.ts';
import type { RelayConfig } from './config.ts';
import { dataFiles } from './data-folder.ts';
import type { RelayStatus } from './metrics.ts';
import { websocketMultiaddr } from './public-address.ts';

export interface PeerPorts {
  readonly config: RelayConfig;
  readonly authority: Authority;
  readonly database: KeyValueStore;
  readonly counters: Counters;
  readonly log: (line: string) => void;
}

export type PeerStatus = Omit<RelayStatus, 'domain' | 'ring' | 'tunnels' | 'uptimeSeconds'>;

export interface Peer {
  /** TCP port of libp2p's websocket listener on 127.0.0.1. */
  readonly listenPort: number;
  status(): Promise<PeerStatus>;
  /** Says good-bye. */
  stop(): Promise<void>;
}

/**
 * The key file of an unattended relay has no passphrase: like the authority's key it is protected by its mode, and stretching
 * nothing would only cost time.
 */
const NO_PASSPHRASE = '';
const CHEAP_SCRYPT = { N: 2, r: 8, p: 1 };

/** Starts the relay's node; the ring is described anew so that it names this relay. */
export async function openPeer({ config, authority, counters }: PeerPorts): Promise<Peer> {
  const keyStore = await openFileKeyStore(
    join(config.dataDir, dataFiles.nodeKeys),
    NO_PASSPHRASE,
    CHEAP_SCRYPT,
  );
  const vault = new KeyVault(keyStore, systemRandom);
  const { peerKey } = await nodeKeys(vault);
  const certified = await authority.certifyRelay(peerKey);
  assert(certified.ok, 'a relay is certified by its own authority');
  const { nodeId } = certified.value.body;
  const addresses = [websocketMultiaddr(config.url)];
  await authority.describe([{ nodeId, peerKey, addresses }]);
  const contact: Contact = {
    nodeId,
    peerKey,
    role: 'relay',
    certificate: certified.value,
    addresses,
    via: [],
  };
  const network = new Libp2pNetwork({
    role: 'relay',
    contact,
    trust: authority.trust,
    privateKey: vaultPrivateKey(vault, peerKey),
    clock: systemClock,
    counters,
    relays: [],
    listenPort: 0,
  });
  await network.start({ linkUp: () => undefined, linkDown: () => undefined, message: () => undefined });
  return {
    listenPort: portOf(network.addresses()),
    async status() {
      const links = network.links();
      return {
        status: 'ok' as const,
        nodeId: toHex(nodeId),
        peers: links.length,
        directPeers: links.filter(({ direct }) => direct).length,
        blocks: 0,
        bytes: 0,
        quotaBytes: 0,
        sentBytes: links.reduce((sum, link) => sum + link.sentBytes, 0),
        receivedBytes: links.reduce((sum, link) => sum + link.receivedBytes, 0),
        reservations: 0,
      };
    },
    stop: () => network.stop(),
  };
}

async function nodeKeys(vault: KeyVault): Promise<PublicKeys> {
  const state = await vault.state();
  if (state.state === 'ready') return state;
  if (state.state === 'empty') await vault.begin();
  await vault.commit();
  return nodeKeys(vault);
}

function portOf(addresses: readonly string[]): number {
  const port = /^\/ip4\/127\.0\.0\.1\/tcp\/(\d+)\/ws/.exec(addresses[0] ?? '')?.[1];
  assert(port !== undefined, 'libp2p listens on loopback');
  return Number(port);
}
