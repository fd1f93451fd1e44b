/** Back-up, restore and check of the mailbox for user interfaces: one at a time, its code loaded when it is asked for. */
import type { Counters } from '../codec/counters.ts';
import type { Watch } from '../backup/backup.ts';
import type { MailboxCheck } from '../backup/check-mailbox.ts';
import type { ExportReport } from '../backup/export-mailbox.ts';
import type { RebuildPorts, RebuildReport } from '../backup/rebuild-mailbox.ts';
import type { RestoreReport } from '../backup/restore-mailbox.ts';
import type { StoreReport } from '../backup/verify-store.ts';
import { StorageError } from '../storage/storage.ts';
import { ClientError, type BackupFile, type FileTarget, type Progress } from './client.ts';
import { sentence } from './sentences.ts';

/** Bytes that are gathered before a Blob takes them, so that they can leave this memory. */
const GATHERED_BYTES = 8 * 1024 * 1024;

export type BackupDeskPorts = RebuildPorts & { readonly counters: Counters };

export class BackupDesk {
  readonly #ports: BackupDeskPorts;
  #running: AbortController | undefined;

  constructor(ports: BackupDeskPorts) {
    this.#ports = ports;
  }

  /** Into `target`, else into a Blob. Rejects with ClientError. */
  backUp(target: FileTarget | undefined, onProgress: Progress | undefined): Promise<BackupFile> {
    return this.#alone(onProgress, async (watch) => {
      const { exportMailbox } = await import('../backup/export-mailbox.ts');
      if (target === undefined) {
        const gathered = new Gathered();
        const report = await exportMailbox(this.#ports, (piece) => gathered.add(piece), watch);
        return { report, file: gathered.end() };
      }
      const report = await written(target, (write) => exportMailbox(this.#ports, write, watch));
      return { report, file: undefined };
    });
  }

  /** Rejects with ClientError. */
  restore(file: Blob, onProgress: Progress | undefined): Promise<RestoreReport> {
    return this.#alone(onProgress, async (watch) => {
      const [{ restoreMailbox }, { piecesOfBlob }] = await Promise.all([
        import('../backup/restore-mailbox.ts'),
        import('../backup/car-file.ts'),
      ]);
      const restored = await restoreMailbox(this.#ports, piecesOfBlob(file), file.size, watch);
      if (restored.ok) return restored.value;
      this.#ports.counters.refused('backup', restored);
      throw new ClientError('bad-file', asSentence(restored.reason));
    });
  }

  /** Rejects with ClientError. */
  check(onProgress: Progress | undefined): Promise<MailboxCheck> {
    return this.#alone(onProgress, async (watch) => {
      const { checkMailbox } = await import('../backup/check-mailbox.ts');
      return checkMailbox(this.#ports, watch);
    });
  }

  /** Rejects with ClientError. */
  checkDevice(onProgress: Progress | undefined): Promise<StoreReport> {
    return this.#alone(onProgress, async (watch) => {
      const { verifyLiveStore } = await import('../backup/verify-store.ts');
      const { store, trust, clock } = this.#ports;
      return verifyLiveStore(store, trust, clock.now(), watch);
    });
  }

  /** Rejects with ClientError. */
  rebuild(onProgress: Progress | undefined): Promise<RebuildReport> {
    return this.#alone(onProgress, async (watch) => {
      const { rebuildMailbox } = await import('../backup/rebuild-mailbox.ts');
      return rebuildMailbox(this.#ports, watch);
    });
  }

  /** Ends what is going on, if anything is. */
  stop(): void {
    this.#running?.abort();
  }

  async #alone<T>(onProgress: Progress | undefined, work: (watch: Watch) => Promise<T>): Promise<T> {
    if (this.#running !== undefined) throw new ClientError('busy', sentence('backup/busy'));
    const running = new AbortController();
    this.#running = running;
    try {
      return await work({ signal: running.signal, ...(onProgress === undefined ? {} : { onProgress }) });
    } catch (error) {
      throw explained(error);
    } finally {
      this.#running = undefined;
    }
  }
}

/** Pieces of a file on their way into a Blob. */
class Gathered {
  #blob = new Blob([]);
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  add(piece: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes >= GATHERED_BYTES) this.end();
    return Promise.resolve();
  }

  end(): Blob {
    this.#blob = new Blob([this.#blob, ...this.#pieces]);
    this.#pieces = [];
    this.#bytes = 0;
    return this.#blob;
  }
}

/** The file is there only if all of it was written. */
async function written(
  target: FileTarget,
  write: (write: (piece: Uint8Array<ArrayBuffer>) => Promise<void>) => Promise<ExportReport>,
): Promise<ExportReport> {
  const file = await target.createWritable();
  try {
    const report = await write((piece) => file.write(piece));
    await file.close();
    return report;
  } catch (error) {
    await file.abort().catch(() => undefined);
    throw error;
  }
}

/** Errors of the loaded code are known by name: their classes are not loaded before it is. */
function explained(error: unknown): unknown {
  if (error instanceof StorageError)
    return error.code === 'full'
      ? new ClientError('disk-full', sentence('backup/disk-full'))
      : new ClientError('unreachable', sentence('backup/unreachable'));
  if (!(error instanceof Error) || error.name !== 'BackupError') return error;
  return new ClientError(
    (error as { code?: string }).code === 'stopped' ? 'ended' : 'unreachable',
    error.message,
  );
}

function asSentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : sentence('backup/file-is', { reason });
}
