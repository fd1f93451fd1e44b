/**
 * The ring has a newer head of this device's log than its disk knows: the disk went back in time. What it lost is taken from the
 * ring; what was made since is appended behind it.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import type { StoredRecord } from '../storage/storage.ts';
import { logStart, type LogPosition } from './log-head.ts';
import type { JournalState, LogJournal } from './log-journal.ts';
import { readLog } from './log-reader.ts';
import type { LogStorage } from './log-storage.ts';
import { PostError } from './post-error.ts';

export interface Reconciled {
  readonly state: JournalState;
  /** All sealed entries from state.first on. */
  readonly open: Bytes[];
  /** Sealed entries that this disk had lost. */
  readonly lost: readonly Bytes[];
  /** The ring's head, when it has another history than the one that this disk had published. */
  readonly fork: StoredRecord | undefined;
}

/**
 * Durable when resolved; undefined when the ring has no head. `published`: what the ring had from this disk; nobody else
 * writes this log, so the ring's begins with it. Rejects with PostError `damaged` when the ring's log does not check,
 * StorageError, StoreError.
 */
export async function reconcile(
  { storage, store, deviceKey }: { storage: LogStorage; store: KeyValueStore; deviceKey: Bytes },
  journal: LogJournal<JournalState>,
  known: JournalState,
  published: LogPosition,
): Promise<Reconciled | undefined> {
  let from = published;
  let read = await readLog(storage, deviceKey, from);
  const isFork = !read.ok && (read.code === 'forked' || read.code === 'rolled-back');
  if (isFork) read = await readLog(storage, deviceKey, (from = logStart(deviceKey)));
  if (!read.ok) throw new PostError('damaged', read.reason);
  if (read.value === undefined) return undefined;
  const { entries: theirs, head, record } = read.value;
  const ours = await journal.range(from.next, Number.MAX_SAFE_INTEGER);
  let common = 0;
  while (common < Math.min(ours.length, theirs.length) && equalBytes(ours[common]!, theirs[common]!))
    common++;
  const lost = theirs.slice(common);
  const state: JournalState = {
    v: 2,
    version: Math.max(record.body.version, known.version),
    first: head.first,
    before: head.before,
    levels: head.levels,
    snapshot: head.snapshot,
    published: from.next + theirs.length,
  };
  await store.write([
    ...journal.entryWrites(from.next + common, [...lost, ...ours.slice(common)]),
    journal.stateWrite(state),
  ]);
  const open = await journal.range(state.first, Number.MAX_SAFE_INTEGER);
  return { state, open, lost, fork: isFork ? record : undefined };
}
