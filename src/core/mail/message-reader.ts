/** Reads stored messages: bodies, attachments piece by piece, and where their blocks are. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { CHUNK_BYTES_MAX } from '../codec/limits.ts';
import { sentence } from './sentences.ts';
import { mapBounded } from '../post/bounded.ts';
import type { BlockInfo, MessageStore } from '../post/message-store.ts';
import { explain, MailError } from './mail-error.ts';
import type { Added } from './added.ts';
import { readBody, readMessage, type Part } from './message.ts';
import { assembleMime, composeMime } from './mime.ts';
import type { BodyView } from './views.ts';

/** Pieces of an attachment that are joined at a time, so that a Blob can leave memory. */
const PIECES_JOINED = 16;
const REFERENCES_AT_ONCE = 2;
/** What is given away of an attachment at a time: 1 MiB, four chunks. */
export const ATTACHMENT_PART_BYTES_MAX = 4 * CHUNK_BYTES_MAX;

/** All methods reject with MailError `not-found`, `unreachable` or `disk-full`. */
export class MessageReader {
  readonly #store: MessageStore;

  constructor(store: MessageStore) {
    this.#store = store;
  }

  body({ reference }: Added): Promise<BodyView> {
    return explained(async () => {
      const message = await readMessage(this.#store, reference, true);
      const text = await readBody(this.#store, message.text, true);
      const html = message.html === null ? undefined : await readBody(this.#store, message.html, true);
      return { text, html };
    });
  }

  /** The message as RFC 5322 has it, piece by piece; attachments are fetched as they come. */
  async source({ reference, from }: Added): Promise<Blob> {
    return explained(async () => {
      const message = await readMessage(this.#store, reference, true);
      const text = await readBody(this.#store, message.text, true);
      const html = message.html === null ? undefined : await readBody(this.#store, message.html, true);
      const skeleton = await composeMime(message, { text, html }, from);
      const pieces: Bytes[] = [];
      for await (const piece of assembleMime(skeleton, (part) => this.#store.read(part, { keep: true })))
        pieces.push(piece);
      return new Blob(pieces, { type: 'message/rfc822' });
    });
  }

  part({ reference }: Added, index: number): Promise<Part> {
    return explained(async () => {
      const part = (await readMessage(this.#store, reference, true)).parts[index];
      if (part === undefined) throw new MailError('not-found', sentence('mail/no-attachment'));
      return part;
    });
  }

  /** What the attachment has from `start` on, at most ATTACHMENT_PART_BYTES_MAX; nothing at its end. */
  async attachmentPart(added: Added, index: number, start: number): Promise<Bytes> {
    const { reference } = await this.part(added, index);
    if (!Number.isSafeInteger(start) || start < 0 || start > reference.sizeBytes)
      throw new MailError('not-found', sentence('mail/no-part'));
    const end = Math.min(start + ATTACHMENT_PART_BYTES_MAX, reference.sizeBytes);
    return explained(() => this.#store.readAll(reference, { keep: true, start, end }));
  }

  async attachment(added: Added, index: number, onProgress?: (doneBytes: number) => void): Promise<Blob> {
    const { reference, type } = await this.part(added, index);
    return explained(async () => {
      let doneBytes = 0;
      let joined = new Blob([]);
      let pieces: Bytes[] = [];
      for await (const piece of this.#store.read(reference, { keep: true })) {
        pieces.push(piece);
        onProgress?.((doneBytes += piece.length));
        if (pieces.length < PIECES_JOINED) continue;
        joined = new Blob([joined, ...pieces]);
        pieces = [];
      }
      return new Blob([joined, ...pieces], { type });
    });
  }

  /** All blocks of a message: its own, its bodies', its attachments'. */
  blocks({ reference }: Added): Promise<readonly BlockInfo[]> {
    return explained(async () => {
      const message = await readMessage(this.#store, reference, true);
      const references = [reference];
      for (const body of [message.text, message.html])
        if (body !== null && 'reference' in body) references.push(body.reference);
      references.push(...message.parts.map((part) => part.reference));
      const lists = await mapBounded(references, REFERENCES_AT_ONCE, (one) => this.#store.blocks(one));
      return [...new Map(lists.flat().map((block) => [toHex(block.key), block])).values()];
    });
  }
}

async function explained<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw explain(error);
  }
}
