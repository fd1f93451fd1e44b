/** One run of the storage simulator: blocks are stored in the first third, read all the time, and counted in the end. */
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { unavailable } from '../../../src/core/storage/planner.ts';
import { propose } from '../../../src/core/storage/proposal.ts';
import type { StorageRun } from './options.ts';
import { DAY_MS, StorageWorld } from './world.ts';

export interface StorageFigures {
  readonly nodes: number;
  readonly days: number;
  readonly seed: string;
  readonly k: number;
  readonly blocks: number;
  /** Blocks that no honest node has on its disk, up or not. */
  readonly lost: number;
  readonly reads: number;
  readonly unavailableReads: number;
  /** What the relays measured of the tabs, and the k that they propose of it; null: in less than a week, or without relays. */
  readonly measuredAvailability: number | null;
  readonly proposedK: number | null;
  /** The planner's share of reads that fail with k copies and no repair. */
  readonly predictedUnavailable: number;
  readonly repairBytesPerNodeDay: number;
  /** Bytes of blocks moved by maintenance, over those stored by inserts; with comparisons and proofs. */
  readonly repairPerStoredByte: number;
  readonly maintenancePerStoredByte: number;
  readonly storedBytesPerUsefulByte: number;
  readonly reconcileBytesPerDifference: number;
  readonly reconcileBytesPerNodeDay: number;
  /** Members who left for good; as many came. */
  readonly left: number;
  readonly liars: number;
  readonly liarsNamed: number;
  readonly honestNamed: number;
  /** Blocks taken by readers and replicas that are not what was stored. */
  readonly wrongBytesAccepted: number;
}

/** Reads of each block, on average; at least READS_MIN in all. */
const READS_PER_BLOCK = 3;
const READS_MIN = 10_000;

export function simulateStorage(
  run: StorageRun,
  log: (line: string) => void = () => undefined,
): StorageFigures {
  const world = new StorageWorld(run);
  const lengthMs = run.days * DAY_MS;
  const keys: Key[] = [];
  for (let i = 0; i < run.blocks; i++)
    world.at(((i + 0.5) / run.blocks) * (lengthMs / 3), () => {
      keys.push(world.insert());
    });
  const reads = planReads(world, lengthMs, keys);
  for (let day = 1; day < run.days + 1; day++) {
    world.runUntil(Math.min(day, run.days) * DAY_MS);
    log(
      `day ${day}: ${keys.length} blocks, ${world.traffic.moves} moves, ${world.traffic.comparisons} comparisons`,
    );
  }
  return figuresOf(world, keys, reads);
}

interface Reads {
  count: number;
  unavailable: number;
  predicted: number;
}

function planReads(world: StorageWorld, lengthMs: number, keys: readonly Key[]): Reads {
  const { run } = world;
  const count = Math.max(READS_MIN, READS_PER_BLOCK * run.blocks);
  const reads: Reads = { count: 0, unavailable: 0, predicted: 0 };
  for (let i = 0; i < count; i++)
    world.at(((i + 1) / (count + 1)) * lengthMs, () => {
      const key = keys[world.random.below(keys.length)];
      if (key === undefined) return;
      reads.count += 1;
      if (world.read(key) === undefined) reads.unavailable += 1;
      const p = run.availability * (1 - run.malicious);
      reads.predicted += unavailable({ p, alwaysOn: run.relays, pAlwaysOn: world.relayIsUp ? 1 : 0 }, run.k);
    });
  return reads;
}

function figuresOf(world: StorageWorld, keys: readonly Key[], reads: Reads): StorageFigures {
  const { run, traffic, nodes, named } = world;
  const copies = keys.map((key) => world.copies(key));
  const nodeDays = (run.nodes + run.relays) * run.days;
  const presence = world.presence.presence(world.now);
  const proposal = propose({ presence, inForce: { k: run.k, a: run.relays }, relays: run.relays });
  const isNamed = (liar: boolean): number =>
    nodes.filter(({ nodeId, isLiar }) => isLiar === liar && named.has(idText(nodeId))).length;
  return {
    nodes: run.nodes,
    days: run.days,
    seed: run.seed,
    k: run.k,
    blocks: keys.length,
    lost: copies.filter((count) => count === 0).length,
    reads: reads.count,
    unavailableReads: reads.unavailable,
    measuredAvailability: proposal === undefined ? null : rounded(presence.meanShare, 3),
    proposedK: proposal?.proposed.k ?? null,
    predictedUnavailable: rounded(reads.predicted / reads.count, 5),
    repairBytesPerNodeDay: Math.round(
      (traffic.movedBytes + traffic.reconcileBytes + traffic.proofBytes) / nodeDays,
    ),
    repairPerStoredByte: rounded(traffic.movedBytes / traffic.insertedBytes, 3),
    maintenancePerStoredByte: rounded(
      (traffic.movedBytes + traffic.reconcileBytes + traffic.proofBytes) / traffic.insertedBytes,
      3,
    ),
    storedBytesPerUsefulByte: rounded(copies.reduce((sum, count) => sum + count, 0) / keys.length, 2),
    reconcileBytesPerDifference: rounded(traffic.reconcileBytes / Math.max(1, traffic.differences), 1),
    reconcileBytesPerNodeDay: Math.round(traffic.reconcileBytes / nodeDays),
    left: world.left,
    liars: nodes.filter(({ isLiar }) => isLiar).length,
    liarsNamed: isNamed(true),
    honestNamed: isNamed(false),
    wrongBytesAccepted: world.wrongBytesAccepted,
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
