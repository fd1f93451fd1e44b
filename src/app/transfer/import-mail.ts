/** Takes a file of mail into the mailbox, some mails at a time, so that the app stays usable. */
import type { Client, Progress } from '../../core/node/client.ts';
import type { SystemFolder } from '../../core/mail/folders.ts';
import { readMailFile, type FoundMail } from './mail-files.ts';

/** Mails that go to the node in one call, and their bytes: one of many may be large. */
const BATCH_MAILS = 32;
const BATCH_BYTES = 4 * 1024 * 1024;

export interface ImportResult {
  readonly added: number;
  readonly known: number;
  /** Stopped by the person: what was taken in by then stays. */
  readonly stopped: boolean;
}

/** Progress in bytes of the file. Rejects with NotMailError, ClientError. */
export async function importMail(
  client: Client,
  file: File,
  fallback: SystemFolder,
  onProgress: Progress,
  isStopped: () => boolean,
): Promise<ImportResult> {
  let [added, known] = [0, 0];
  let batch: FoundMail[] = [];
  let bytes = 0;
  const take = async (): Promise<void> => {
    if (batch.length === 0) return;
    const report = await client.importMail(batch.map(({ readBytes: _, ...mail }) => mail));
    added += report.added;
    known += report.known;
    onProgress(batch.at(-1)!.readBytes, file.size);
    batch = [];
    bytes = 0;
  };
  for await (const mail of readMailFile(file, fallback)) {
    if (isStopped()) return { added, known, stopped: true };
    batch.push(mail);
    bytes += mail.raw.length;
    if (batch.length >= BATCH_MAILS || bytes >= BATCH_BYTES) await take();
  }
  await take();
  return { added, known, stopped: isStopped() };
}
