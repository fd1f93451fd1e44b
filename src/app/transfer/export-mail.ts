/** Gives messages out as one mbox file, which any mail program reads. */
import { utf8, concat, type Bytes } from '../../core/codec/bytes.ts';
import type { Client, Progress } from '../../core/node/client.ts';
import type { MessageView } from '../../core/mail/views.ts';
import { mboxEntry } from './mbox.ts';

export interface ExportResult {
  readonly written: number;
  /** Subjects of those that could not be had. */
  readonly missing: readonly string[];
}

/** Writes the messages piece by piece; progress in messages. Rejects with what `write` rejects with. */
export async function exportMail(
  client: Client,
  messages: readonly MessageView[],
  write: (piece: Bytes) => Promise<void>,
  onProgress: Progress,
  isStopped: () => boolean,
): Promise<ExportResult> {
  const missing: string[] = [];
  let written = 0;
  for (const message of messages) {
    if (isStopped()) break;
    try {
      const source = new Uint8Array(await (await client.source(message.id)).arrayBuffer());
      await write(mboxEntry(concat(stateHeaders(message), source), message.from.address, message.at));
      written++;
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ClientError')) throw error;
      missing.push(message.subject);
    }
    onProgress(written + missing.length, messages.length);
  }
  return { written, missing };
}

/** What mail programs, and our own import, read folder and flags from. */
function stateHeaders({ folder, unread, starred }: MessageView): Bytes {
  const flags = [...(unread ? ['unread'] : []), ...(starred ? ['starred'] : [])].join(' ');
  const status = unread ? 'O' : 'RO';
  return utf8(
    `Status: ${status}\r\nX-Status: ${starred ? 'F' : ''}\r\nX-ePOST-Folder: ${folder}\r\nX-ePOST-Flags: ${flags}\r\n`,
  );
}
