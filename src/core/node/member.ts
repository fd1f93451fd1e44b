/** A member's node: what has to be known and given to run one. The door of `core` for tabs, bridges and tests. */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { NodeId } from '../codec/id.ts';
import type { Result } from '../codec/result.ts';
import type { Random } from '../crypto/random.ts';
import type { NodeCertificate } from '../identity/certificates.ts';
import type { Membership } from '../identity/join.ts';
import type { Vault } from '../identity/vault.ts';
import type { Contact } from '../overlay/contact.ts';
import type { Network } from '../overlay/network.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import type { Client } from './client.ts';

/** A network whose node lives longer than its certificate. */
export interface MemberNetwork extends Network {
  /** New links show this contact: the same node, a newer certificate. */
  renew(contact: Contact): void;
}

export interface MemberPorts {
  readonly membership: Membership;
  readonly vault: Vault;
  /** Not yet started. */
  readonly network: MemberNetwork;
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  /** Where to begin, beside the relays and peers that this node remembers from earlier sessions. */
  readonly bootstrap: readonly Contact[];
  readonly deviceLabel: string;
  /**
   * Asks the authority for a newer certificate of this node, and keeps what it answers. Refusals: the authority's,
   * `unreachable`. Unset: whoever runs the node starts it anew with a newer one in time.
   */
  readonly renewCertificate?: () => Promise<Result<NodeCertificate>>;
  /** Asks the authority to end the renewals of a removed device's node. Refusals: as above. Unset: its certificate runs out all the same, once. */
  readonly expelNode?: (nodeId: NodeId) => Promise<Result<true>>;
  /** Messages that the mailbox takes. Unset: MAILBOX_ITEMS_MAX. */
  readonly itemsMax?: number;
  /** Asked when a snapshot is made. */
  readonly persisted: () => boolean;
}

export interface Member {
  readonly client: Client;
  /** Announces the departure and closes network and store; what is queued stays on disk. */
  stop(): Promise<void>;
  /** The machine may have slept or changed networks. */
  wake(): void;
}

export type CreateMember = (ports: MemberPorts) => Promise<Member>;
