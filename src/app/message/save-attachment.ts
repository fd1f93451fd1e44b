/** Saves an attachment: a small one as a whole, a large one as it comes, so that memory does not depend on its size. */
import type { AttachmentView } from '../../core/mail/views.ts';
import type { Client, FileTarget } from '../../core/node/client.ts';
import { chooseTarget } from '../backup/save-target.ts';
import { saveBlob } from './save-blob.ts';
import { saveStream, type StreamedFile } from './save-stream.ts';

/** Up to here an attachment is one Blob: 8 MiB. */
const WHOLE_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Straight into a file of the person's choice where the browser can, else as a download that the service worker feeds. Rejects
 * with ClientError, or an Error with a sentence.
 */
export async function saveAttachment(
  client: Client,
  messageId: string,
  { index, name, sizeBytes }: AttachmentView,
  onProgress: (doneBytes: number) => void,
): Promise<void> {
  if (sizeBytes <= WHOLE_BYTES_MAX)
    return saveBlob(await client.attachment(messageId, index, onProgress), name);
  const target = await chooseTarget(name);
  if (target === 'dismissed') return;
  const piece = (start: number) => client.attachmentPart(messageId, index, start);
  const file = { name, sizeBytes, piece };
  await (target === undefined ? saveStream(file, onProgress) : writeFile(target, file, onProgress));
}

/** The file is there only if all of it was written. */
async function writeFile(
  target: FileTarget,
  { sizeBytes, piece }: StreamedFile,
  onProgress: (doneBytes: number) => void,
): Promise<void> {
  const file = await target.createWritable();
  try {
    for (let start = 0; start < sizeBytes;) {
      const bytes = await piece(start);
      await file.write(bytes);
      start += bytes.length;
      onProgress(start);
    }
    await file.close();
  } catch (error) {
    // What went wrong is told; that the half file could not be given up adds nothing.
    await file.abort().catch(() => undefined);
    throw error;
  }
}
