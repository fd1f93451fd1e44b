/** Runs this profile's node in this tab. Loaded only by the tab that leads: here the peer-to-peer code comes in. */
import { openIdbKeyValueStore } from '../../adapters/idb/key-value-store.ts';
import { Libp2pNetwork } from '../../adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../adapters/libp2p/private-key.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { Counters } from '../../core/codec/counters.ts';
import type { Id } from '../../core/codec/id.ts';
import { ok, type Result } from '../../core/codec/result.ts';
import type { Membership } from '../../core/identity/join.ts';
import type { Vault } from '../../core/identity/vault.ts';
import { createMember } from '../../core/node/create-member.ts';
import type { Member } from '../../core/node/member.ts';
import type { Contact } from '../../core/overlay/contact.ts';
import { NODE_DATABASE } from './databases.ts';
import { deviceLabel } from './device-label.ts';
import { inspectNetwork } from './inspection.ts';

export interface NodePorts {
  readonly membership: Membership;
  readonly vault: Vault;
  /** Asks the authority for the membership again, with a newer node certificate, and keeps it. */
  readonly renew: () => Promise<Result<Membership>>;
  /** Asks the authority to end the renewals of a removed device's node. */
  readonly expel: (nodeId: Id) => Promise<Result<true>>;
  readonly persisted: () => boolean;
}

/** Rejects with StoreError or NetworkError. */
export async function runNode({ membership, vault, renew, expel, persisted }: NodePorts): Promise<Member> {
  const { descriptor, nodeCertificate } = membership;
  const { nodeId, peerKey } = nodeCertificate.body;
  const { relays, ring, authorityKey } = descriptor.body;
  const clock = systemClock;
  const counters = new Counters(() => clock.now());
  const contact: Contact = {
    nodeId,
    peerKey,
    role: 'tab',
    certificate: nodeCertificate,
    addresses: [],
  };
  const network = new Libp2pNetwork({
    role: 'tab',
    contact,
    trust: { ring, authorityKey },
    privateKey: vaultPrivateKey(vault, peerKey),
    clock,
    counters,
    relays,
  });
  inspectNetwork(network);
  const store = await openIdbKeyValueStore(NODE_DATABASE);
  return createMember({
    membership,
    vault,
    network,
    store,
    clock,
    random: systemRandom,
    counters,
    // The network keeps its links to the relays by itself, and the node remembers peers: both are where the ring is found.
    bootstrap: [],
    renewCertificate: async () => {
      const renewed = await renew();
      return renewed.ok ? ok(renewed.value.nodeCertificate) : renewed;
    },
    expelNode: expel,
    deviceLabel: deviceLabel(navigator.userAgent),
    persisted,
  });
}
