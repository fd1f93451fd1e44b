/** From a draft to a message on this disk: recipients and limits are checked, files and message kept as encrypted blocks. */
import type { Bytes } from '../codec/bytes.ts';
import { utf8 } from '../codec/bytes.ts';
import { ATTACHMENT_BYTES_MAX, RECIPIENTS_MAX } from '../codec/limits.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { sentence } from './sentences.ts';
import { canonicalAddress } from '../identity/names.ts';
import type { BlockInfo, MessageStore } from '../post/message-store.ts';
import type { Reference } from '../post/reference.ts';
import { blobSource, bytesSource } from '../post/source.ts';
import {
  ATTACHMENTS_MAX,
  clip,
  FILE_NAME_CHARS_MAX,
  FILE_TYPE_CHARS_MAX,
  HEADERS_BYTES_MAX,
  NAME_CHARS_MAX,
  previewOf,
  SUBJECT_CHARS_MAX,
  type Correspondent,
  type MailHeaders,
} from './headers.ts';
import { MailError } from './mail-error.ts';
import { BODY_BYTES_MAX, keepBody, messageCodec, type Part } from './message.ts';
import type { Draft, DraftFile } from './views.ts';

export interface Addressees {
  /** Canonical addresses; nobody is named twice. */
  readonly to: readonly string[];
  readonly cc: readonly string[];
}

/** Completes and checks what was typed. Rejects with MailError `bad-address`, `no-recipient`, `too-many-recipients`. */
export function addresseesOf(draft: Pick<Draft, 'to' | 'cc'>, domain: string): Addressees {
  const seen = new Set<string>();
  const canonical = (typed: string): string[] => {
    const address = canonicalAddress(typed, domain);
    if (!address.ok) throw new MailError('bad-address', address.reason);
    if (seen.has(address.value)) return [];
    seen.add(address.value);
    return [address.value];
  };
  const written = (typed: string): boolean => typed.trim() !== '';
  const to = draft.to.filter(written).flatMap(canonical);
  const cc = draft.cc.filter(written).flatMap(canonical);
  if (seen.size === 0) throw new MailError('no-recipient', sentence('mail/no-recipient'));
  if (seen.size > RECIPIENTS_MAX)
    throw new MailError(
      'too-many-recipients',
      sentence('mail/too-many-recipients', { max: RECIPIENTS_MAX, count: seen.size }),
    );
  return { to, cc };
}

/** Rejects with MailError `too-large`. */
export function checkSizes(draft: Pick<Draft, 'files' | 'text' | 'html'>, forwarded: readonly Part[]): void {
  const count = draft.files.length + forwarded.length;
  if (count > ATTACHMENTS_MAX)
    throw new MailError('too-large', sentence('mail/too-many-attachments', { max: ATTACHMENTS_MAX, count }));
  const big = draft.files.find(({ content }) => content.size > ATTACHMENT_BYTES_MAX);
  if (big !== undefined)
    throw new MailError(
      'too-large',
      sentence('mail/large-attachment', {
        name: clip(big.name, 60),
        size: megabytes(big.content.size),
        max: megabytes(ATTACHMENT_BYTES_MAX),
      }),
    );
  let totalBytes = 0;
  for (const { content } of draft.files) totalBytes += content.size;
  for (const { sizeBytes } of forwarded) totalBytes += sizeBytes;
  if (totalBytes > ATTACHMENT_BYTES_MAX)
    throw new MailError(
      'too-large',
      sentence('mail/large-attachments', {
        size: megabytes(totalBytes),
        max: megabytes(ATTACHMENT_BYTES_MAX),
      }),
    );
  if ([draft.text, draft.html ?? ''].some((body) => utf8(body).length > BODY_BYTES_MAX))
    throw new MailError('too-large', sentence('mail/long-text', { max: megabytes(BODY_BYTES_MAX) }));
}

export interface Composition {
  readonly nonce: Bytes;
  readonly from: Correspondent;
  readonly to: readonly Correspondent[];
  readonly cc: readonly Correspondent[];
  readonly subject: string;
  readonly text: string;
  readonly html: string | undefined;
  readonly at: number;
  readonly inReplyTo: Bytes | null;
  readonly files: readonly DraftFile[];
  /** Their blocks are in the ring: the references are used again. */
  readonly forwarded: readonly Part[];
}

export interface Composed {
  readonly headers: MailHeaders;
  readonly reference: Reference;
  /** New blocks, in the order in which they are to be replicated: the message itself comes last. */
  readonly blocks: readonly BlockInfo[];
}

/**
 * Everything is on this disk when it resolves; `onProgress` is told the bytes of all files that are. Rejects with MailError
 * `too-large`, StorageError `full`.
 */
export async function compose(
  store: MessageStore,
  composition: Composition,
  onProgress: (doneBytes: number) => void = () => undefined,
): Promise<Composed> {
  const { text, html, files, forwarded } = composition;
  const blocks: BlockInfo[] = [];
  const kept: Part[] = [];
  let before = 0;
  for (const file of files) {
    const progressed = (doneBytes: number): void => onProgress(before + doneBytes);
    const stored = await store.keep(blobSource(file.content), 'convergent-ring', progressed);
    before += file.content.size;
    blocks.push(...stored.blocks);
    kept.push(partOf(file, stored.reference));
  }
  const parts = [...kept, ...forwarded];
  const headers = headersOf(composition, parts);
  const body = await keepBody(store, text);
  blocks.push(...body.blocks);
  const formatted = html === undefined ? undefined : await keepBody(store, html);
  blocks.push(...(formatted?.blocks ?? []));
  const message = messageCodec.encode({
    v: 1,
    headers,
    text: body.body,
    html: formatted?.body ?? null,
    parts,
  });
  const stored = await store.keep(bytesSource(message), 'random');
  blocks.push(...stored.blocks);
  return { headers, reference: stored.reference, blocks };
}

function headersOf(composition: Composition, parts: readonly Part[]): MailHeaders {
  const { nonce, from, to, cc, subject, text, at, inReplyTo } = composition;
  const named = ({ name, address }: Correspondent): Correspondent => ({
    name: clip(name, NAME_CHARS_MAX),
    address,
  });
  const headers: MailHeaders = {
    nonce,
    from: named(from),
    to: to.map(named),
    cc: cc.map(named),
    subject: clip(subject.replace(/\s+/g, ' ').trim(), SUBJECT_CHARS_MAX),
    preview: previewOf(text),
    at,
    inReplyTo,
    attachments: parts.map(({ name, type, sizeBytes }) => ({ name, type, sizeBytes })),
  };
  if (encodeCbor(headers).length <= HEADERS_BYTES_MAX) return headers;
  const nameless = ({ address }: Correspondent): Correspondent => ({ name: '', address });
  const shorter = { ...headers, to: to.map(nameless), cc: cc.map(nameless) };
  if (encodeCbor(shorter).length <= HEADERS_BYTES_MAX) return shorter;
  throw new MailError('too-many-recipients', sentence('mail/long-headers'));
}

function partOf({ name, type }: DraftFile, reference: Reference): Part {
  return {
    name: clip(name, FILE_NAME_CHARS_MAX),
    type: clip(type, FILE_TYPE_CHARS_MAX) || 'application/octet-stream',
    sizeBytes: reference.sizeBytes,
    reference,
  };
}

function megabytes(bytes: number): string {
  const value = bytes / (1024 * 1024);
  if (value >= 1024) return `${Number((value / 1024).toFixed(1))} GB`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`;
}
