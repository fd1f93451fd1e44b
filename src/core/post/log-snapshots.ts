/** Makes the snapshots of this device's log from its entries and from the segments that there are. */
import type { Bytes } from '../codec/bytes.ts';
import type { Key } from '../codec/id.ts';
import type { Vault } from '../identity/vault.ts';
import { mapBounded } from './bounded.ts';
import type { LogPosition, LogSnapshot, SnapshotSegment } from './log-head.ts';
import { fitsHead, intoParts, mergePlan, snapshotPartCodec, type Compact } from './log-snapshot.ts';
import type { LogStorage } from './log-storage.ts';
import { PostError } from './post-error.ts';

/** Entries that the vault opens in one call, and parts that are written or fetched at once. */
const OPEN_AT_ONCE = 500;
const PARTS_AT_ONCE = 4;

export interface SnapshotPorts {
  readonly storage: LogStorage;
  readonly vault: Pick<Vault, 'sealMailbox' | 'openMailbox'>;
  readonly deviceKey: Bytes;
  readonly compact: Compact;
}

/**
 * The snapshot of the first `to.next` entries: `before`, and the sealed entries since. Its parts are replicated when resolved.
 * Undefined when the state is too large for a head to name. Rejects with StorageError, or PostError `damaged` when what this
 * device wrote does not open.
 */
export async function extendSnapshot(
  ports: SnapshotPorts,
  before: LogSnapshot | null,
  sealed: readonly Bytes[],
  to: LogPosition,
): Promise<LogSnapshot | undefined> {
  const segments = before?.segments ?? [];
  const { merged, tier } = mergePlan(segments);
  const kept = segments.slice(0, segments.length - merged);
  const entries = [
    ...(await entriesOf(ports, segments.slice(kept.length))),
    ...(await openAll(ports, sealed)),
  ];
  const groups = intoParts(ports.compact(entries));
  const parts = await mapBounded(groups, PARTS_AT_ONCE, (group) => store(ports, to.next, group));
  const all = [...kept, { end: to.next, tier, parts }];
  return fitsHead(all) ? { next: to.next, chain: to.chain, segments: all } : undefined;
}

/** What the segments hold, oldest first. */
async function entriesOf(ports: SnapshotPorts, segments: readonly SnapshotSegment[]): Promise<Bytes[]> {
  const keys = segments.flatMap(({ parts }) => parts);
  const sealed = await mapBounded(keys, PARTS_AT_ONCE, (key) => ports.storage.fetch(key));
  const opened = await openAll(ports, sealed);
  return opened.flatMap((part) => {
    const decoded = snapshotPartCodec.decode(part);
    if (!decoded.ok) throw new PostError('damaged', decoded.reason);
    return decoded.value.entries;
  });
}

async function openAll({ vault }: SnapshotPorts, sealed: readonly Bytes[]): Promise<Bytes[]> {
  const all: Bytes[] = [];
  for (let i = 0; i < sealed.length; i += OPEN_AT_ONCE)
    for (const opened of await vault.openMailbox(sealed.slice(i, i + OPEN_AT_ONCE))) {
      if (!opened.ok) throw new PostError('damaged', opened.reason);
      all.push(opened.value);
    }
  return all;
}

async function store(ports: SnapshotPorts, end: number, entries: readonly Bytes[]): Promise<Key> {
  const { storage, vault, deviceKey } = ports;
  const part = snapshotPartCodec.encode({ v: 1, device: deviceKey, end, entries: [...entries] });
  const [sealed] = await vault.sealMailbox([part]);
  const key = await storage.keep(sealed!);
  await storage.insert(key);
  return key;
}
