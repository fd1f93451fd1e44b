/** What a run of the storage simulator is about. */
import { planCopies } from '../../../src/core/storage/planner.ts';

export interface StorageRun {
  readonly nodes: number;
  readonly days: number;
  readonly seed: string;
  /** Share of time that a tab is open. */
  readonly availability: number;
  /** Median of exponential sessions; unset: sessions of 8 minutes to 4 hours, each doubling as likely as the next. */
  readonly sessionMinutes: number | undefined;
  readonly relays: number;
  /** The relays are gone for so many days in the end. */
  readonly relayGoneDays: number;
  readonly k: number;
  readonly blocks: number;
  readonly blockBytes: number;
  /** Share of members who leave for good in 30 days, with what is on their disks; as many new ones come. */
  readonly leaving: number;
  /** Share of tabs that sign for blocks, drop them, claim them, and serve other bytes. */
  readonly malicious: number;
  /** Lost messages, partitions, sleeping nodes, torn writes, full disks. */
  readonly troubles: boolean;
}

/** What the planner's default is for: nine of ten actions succeed at once without any relay. */
export const TARGET = 0.9;

export function withDefaults(given: Partial<StorageRun>): StorageRun {
  const availability = given.availability ?? 0.3;
  return {
    nodes: 200,
    days: 30,
    seed: '1',
    sessionMinutes: undefined,
    relays: 1,
    relayGoneDays: 0,
    k: planCopies(TARGET, { p: availability, alwaysOn: 0, pAlwaysOn: 0 }),
    blocks: 10_000,
    blockBytes: 64 * 1024,
    leaving: 0.1,
    malicious: 0,
    troubles: false,
    ...given,
    availability,
  };
}
