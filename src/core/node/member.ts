/** A member's node: what has to be known and given to run one. The door of `core` for tabs, bridges and tests. */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { Random } from '../crypto/random.ts';
import type { Membership } from '../identity/join.ts';
import type { Vault } from '../identity/vault.ts';
import type { Contact } from '../overlay/contact.ts';
import type { Network } from '../overlay/network.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import type { Client } from './client.ts';

export interface MemberPorts {
  readonly membership: Membership;
  readonly vault: Vault;
  /** Not yet started. */
  readonly network: Network;
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  /** Where to begin: relays of the descriptor, peers remembered from last time. */
  readonly bootstrap: readonly Contact[];
  readonly deviceLabel: string;
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
