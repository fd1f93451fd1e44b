/** A node that only routes, forwards multicasts and keeps replicas: what a relay runs, and the ground that a member's node stands on. */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText } from '../codec/id.ts';
import type { Random } from '../crypto/random.ts';
import type { RingDescriptorBody, RingTrust } from '../identity/certificates.ts';
import type { Vault } from '../identity/vault.ts';
import { createMulticast, type MulticastNode } from '../multicast/multicast-node.ts';
import type { Contact } from '../overlay/contact.ts';
import type { Network } from '../overlay/network.ts';
import { createOverlay, type OverlayNode } from '../overlay/overlay-node.ts';
import { Delegates } from '../post/delegates.ts';
import { createStorage, type StorageNode } from '../storage/create-storage.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import type { StorageStatistics } from '../storage/shelves.ts';
import { endExpiredLinks } from './expired-links.ts';
import { serveNear } from './near-service.ts';

export interface ReplicaNodePorts {
  /** This node, with its own certificate. */
  readonly contact: Contact;
  readonly trust: RingTrust;
  readonly descriptor: RingDescriptorBody;
  /** Not yet started. */
  readonly network: Network;
  /** The caller's to close, after `stop`. */
  readonly store: KeyValueStore;
  readonly vault: Pick<Vault, 'sign' | 'state'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  /** Whether this may be a false world, where "not there" is not believed. Unset: it is never doubted, as on a relay. */
  readonly doubted?: () => boolean;
  /** The ring refuses claims of this member, who stores as much as it may, or does so no longer. */
  readonly overQuota?: (is: boolean) => void;
}

export interface ReplicaNode {
  readonly overlay: OverlayNode;
  readonly storage: StorageNode;
  readonly multicast: MulticastNode;
  statistics(): StorageStatistics;
  /** Listens and joins through these contacts; none: it is the first, others find it. Resolves when ready or alone. */
  start(bootstrap: readonly Contact[]): Promise<void>;
  /** Says good-bye, ends repair and the network; the disk stays open. */
  stop(): Promise<void>;
}

/** Opens the disk and registers the services; `start` connects. Rejects with StoreError. */
export async function createReplicaNode(ports: ReplicaNodePorts): Promise<ReplicaNode> {
  const overlay = createOverlay({ ...ports, self: ports.contact });
  serveNear(overlay);
  const storage = await createStorage({ ...ports, overlay, certificate: ports.contact.certificate });
  const { network, clock, counters } = ports;
  const endLooking = endExpiredLinks(network, clock, counters);
  const multicast = createMulticast({ ...ports, overlay, delaysMs: () => delaysOf(network) });
  const delegates = new Delegates({ ...ports, inboxes: storage.inboxes, multicast, overlay });
  return {
    overlay,
    storage,
    multicast,
    statistics: () => storage.statistics(),
    async start(bootstrap) {
      await overlay.start(bootstrap);
      delegates.start();
    },
    async stop() {
      endLooking();
      delegates.stop();
      multicast.stop();
      await overlay.leave();
      await storage.stop();
    },
  };
}

/** By name, of the linked nodes whose round trips were measured. */
function delaysOf(network: Network): ReadonlyMap<string, number> {
  const delays = new Map<string, number>();
  for (const { contact, rttMs } of network.links())
    if (rttMs !== undefined) delays.set(idText(contact.nodeId), rttMs);
  return delays;
}
