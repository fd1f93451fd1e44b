/** The disk port over LevelDB (classic-level), for the relay: every batch is synced before it is acknowledged. */
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { concat, type Bytes } from '../../core/codec/bytes.ts';
import { GroupCommit } from '../../core/storage/group-commit.ts';
import {
  StoreError,
  type KeyRange,
  type KeyValueStore,
  type Write,
} from '../../core/storage/key-value-store.ts';
import { systemClock } from '../system/clock.ts';
import { commitSynced, type Level } from './commit.ts';
import { DiskRoom, RESERVE_BYTES } from './disk-room.ts';

/**
 * Opens (or creates) the database in the folder `path`. Rejects with StoreError: `io` when the folder cannot be
 * used, in particular while another process has it open.
 */
export async function openLevelKeyValueStore(path: string): Promise<KeyValueStore> {
  return new LevelKeyValueStore(path, await openLevel(path));
}

class LevelKeyValueStore implements KeyValueStore {
  readonly #path: string;
  readonly #group = new GroupCommit((writes) => this.#commit(writes), turnOfEvents);
  readonly #room: DiskRoom;
  #level: Level;
  #closed = false;
  /** LevelDB takes no more writes after a failed one until it is opened again. */
  #broken = false;

  constructor(path: string, level: Level) {
    this.#path = path;
    this.#level = level;
    this.#room = new DiskRoom(() => freeBytes(path), systemClock);
  }

  async get(key: Bytes): Promise<Bytes | undefined> {
    const value = await this.#attempt((level) => level.get(key));
    return value && plain(value);
  }

  write(writes: readonly Write[]): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    return this.#group.write(writes);
  }

  async keys(range: KeyRange): Promise<Bytes[]> {
    const keys = await this.#attempt((level) => level.keys(rangeOptions(range)).all());
    return keys.map(plain);
  }

  async entries(range: KeyRange): Promise<(readonly [Bytes, Bytes])[]> {
    const entries = await this.#attempt((level) => level.iterator(rangeOptions(range)).all());
    return entries.map(([key, value]) => [plain(key), plain(value)] as const);
  }

  /** The size of the database's files; the quota is that plus what is free on their file system, but for the reserve. */
  async usage(): Promise<{ usedBytes: number; quotaBytes: number }> {
    if (this.#closed) throw closedError();
    try {
      const [usedBytes, free] = await Promise.all([folderBytes(this.#path), freeBytes(this.#path)]);
      return { usedBytes, quotaBytes: usedBytes + Math.max(0, free - RESERVE_BYTES) };
    } catch (error) {
      throw storeError(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#group.idle();
    await this.#level.close();
  }

  async #commit(writes: readonly Write[]): Promise<void> {
    const bytes = putBytes(writes);
    try {
      // Deletions pass: they make room.
      if (bytes > 0) await this.#room.require(bytes);
    } catch (error) {
      throw storeError(error);
    }
    try {
      if (this.#broken) await this.#reopen();
      await commitSynced(this.#level, writes);
    } catch (error) {
      this.#broken = true;
      throw storeError(error);
    }
  }

  async #reopen(): Promise<void> {
    await this.#level.close();
    this.#level = await openLevel(this.#path);
    this.#broken = false;
  }

  async #attempt<T>(read: (level: Level) => Promise<T>): Promise<T> {
    if (this.#closed) throw closedError();
    try {
      return await read(this.#level);
    } catch (error) {
      const failure = storeError(error);
      // Not closed by us: it broke, and could not be opened again yet.
      if (failure.code === 'closed' && !this.#closed)
        throw new StoreError('io', 'The database is out of order.', { cause: error });
      throw failure;
    }
  }
}

async function openLevel(path: string): Promise<Level> {
  const level: Level = new ClassicLevel(path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    /** What is stored is encrypted: it does not compress. */
    compression: false,
    writeBufferSize: 16 * 1024 * 1024,
  });
  try {
    await level.open();
    return level;
  } catch (error) {
    const cause = causeOf(error);
    if (cause.code === 'LEVEL_LOCKED')
      throw new StoreError('io', `The data folder ${path} is in use by another process.`, { cause: error });
    throw new StoreError('io', `The data folder ${path} cannot be opened: ${cause.message}.`, {
      cause: error,
    });
  }
}

function putBytes(writes: readonly Write[]): number {
  let bytes = 0;
  for (const write of writes) if (write.type === 'put') bytes += write.key.length + write.value.length;
  return bytes;
}

/** What was resolved so far has been acted upon. */
function turnOfEvents(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function rangeOptions({ gte, lt, limit }: KeyRange) {
  return { gte, lt, limit: limit ?? -1 };
}

/** LevelDB answers with Buffers, some of them views that others share: what leaves here is a Uint8Array of its own. */
function plain(bytes: Uint8Array): Bytes {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return isWhole ? new Uint8Array(buffer) : concat(bytes);
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

async function folderBytes(path: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(path)) {
    // LevelDB deletes files as it compacts: one that has gone in the meantime counts nothing.
    const info = await stat(join(path, name)).catch(() => undefined);
    bytes += info?.size ?? 0;
  }
  return bytes;
}

function closedError(): StoreError {
  return new StoreError('closed', 'The database is closed.');
}

function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = causeOf(error);
  if (/no space left|disk quota exceeded/i.test(message) || code === 'ENOSPC')
    return new StoreError('full', 'The disk is full.', { cause: error });
  if (code === 'LEVEL_DATABASE_NOT_OPEN' || code === 'LEVEL_ITERATOR_NOT_OPEN') return closedError();
  return new StoreError('io', `The database failed: ${message}.`, { cause: error });
}

/** Code and message of the innermost error. */
function causeOf(error: unknown): { readonly code: string | undefined; readonly message: string } {
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  if (error.cause instanceof Error) return causeOf(error.cause);
  return { code: (error as { code?: string }).code, message: error.message };
}
