/** What the operator's page tells, gathered in one moment. */
import type { RefusalNote } from '../../src/core/codec/counters.ts';
import type { Counters } from '../../src/core/codec/counters.ts';
import type { AccountStatement } from '../../src/core/storage/accounts.ts';
import type { RingPresence } from '../../src/core/storage/presence.ts';
import {
  costOf,
  propose,
  type Cost,
  type Proposal,
  type ReplicaPolicy,
} from '../../src/core/storage/proposal.ts';
import type { RelayStatus } from './metrics.ts';

export interface OperatorReport {
  readonly at: number;
  readonly status: RelayStatus;
  readonly presence: RingPresence;
  readonly inForce: ReplicaPolicy;
  readonly proposal: Proposal | undefined;
  /** Of both policies; undefined where this relay does not hold everything, and cannot know how much there is. */
  readonly costs: { readonly inForce: Cost; readonly proposed: Cost } | undefined;
  /** Bytes that a device may place and offers. */
  readonly deviceQuotaBytes: number;
  readonly accounts: readonly AccountStatement[];
  /** Counts since the start, of what these words name. */
  readonly counts: Readonly<Record<CountName, number>>;
  /** The last refusals, newest first. */
  readonly notes: readonly RefusalNote[];
}

const counted = {
  collected: 'storage.collected',
  surplusDropped: 'storage.surplus-dropped',
  lapsed: 'storage.lapsed',
  overQuota: 'storage.over-quota',
  copied: 'storage.copied-there',
  fetched: 'storage.copied-here',
  liars: 'storage.liar',
  damaged: 'storage.damaged',
} as const;
export type CountName = keyof typeof counted;

export interface ReportPorts {
  readonly now: number;
  readonly status: RelayStatus;
  readonly presence: RingPresence;
  readonly inForce: ReplicaPolicy;
  readonly relays: number;
  /** Bytes of blocks on this relay. */
  readonly blockBytes: number;
  readonly deviceQuotaBytes: number;
  readonly accounts: readonly AccountStatement[];
  readonly counters: Counters;
}

export function operatorReport(ports: ReportPorts): OperatorReport {
  const { presence, inForce, relays, blockBytes, counters } = ports;
  const proposal = propose({ presence, inForce, relays });
  // With one relay and a ≥ 1 each block of the ring is here.
  const holdsAll = relays === 1 && inForce.a >= 1;
  const counts = Object.entries(counted).map(([name, counter]) => [name, counters.get(counter)]);
  return {
    at: ports.now,
    status: ports.status,
    presence,
    inForce,
    proposal,
    costs:
      proposal && holdsAll
        ? {
            inForce: costOf(inForce, blockBytes, presence.devices),
            proposed: costOf(proposal.proposed, blockBytes, presence.devices),
          }
        : undefined,
    deviceQuotaBytes: ports.deviceQuotaBytes,
    accounts: ports.accounts,
    counts: Object.fromEntries(counts) as Record<CountName, number>,
    notes: [...counters.notes()].reverse(),
  };
}
