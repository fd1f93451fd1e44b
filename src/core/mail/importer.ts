/**
 * Mail from elsewhere (mbox, EML): each becomes a message of this mailbox, kept as encrypted blocks like any other. Nobody signed it
 * here, so it shows no key of its sender. A mail that is imported again is the same message.
 */
import { concat, fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { ATTACHMENT_BYTES_MAX, RECIPIENTS_MAX } from '../codec/limits.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { sha256 } from '../crypto/hash.ts';
import { mapBounded } from '../post/bounded.ts';
import type { BlockInfo, MessageStore } from '../post/message-store.ts';
import { bytesSource } from '../post/source.ts';
import type { Change } from './entries.ts';
import {
  ATTACHMENTS_MAX,
  clip,
  FILE_NAME_CHARS_MAX,
  FILE_TYPE_CHARS_MAX,
  HEADERS_BYTES_MAX,
  messageIdOf,
  NAME_CHARS_MAX,
  previewOf,
  SUBJECT_CHARS_MAX,
  type Correspondent,
  type MailHeaders,
} from './headers.ts';
import type { MailboxLog } from './mailbox-log.ts';
import { keepBody, messageCodec, type Part } from './message.ts';
import { parseMime, type ParsedMime } from './mime.ts';
import type { Puller } from './puller.ts';
import type { Replication } from './replication.ts';
import type { ImportedMail, ImportReport } from './views.ts';

/** Mails that are encrypted and written at once. */
const AT_ONCE = 8;
const NONCE_BYTES = 16;
const ADDRESS_CHARS_MAX = 320;

export interface ImporterPorts {
  readonly messages: MessageStore;
  readonly log: MailboxLog;
  readonly puller: Puller;
  readonly replication: Replication;
  readonly clock: Clock;
  readonly identityKey: Bytes;
}

interface Kept {
  readonly id: string;
  readonly changes: readonly Change[];
  readonly blocks: readonly BlockInfo[];
}

export class Importer {
  readonly #ports: ImporterPorts;

  constructor(ports: ImporterPorts) {
    this.#ports = ports;
  }

  /** All of them are durable here when it resolves, and come into the ring by and by. Rejects with StorageError `full`, StoreError. */
  async import(mails: readonly ImportedMail[]): Promise<ImportReport> {
    const { log, puller, replication } = this.#ports;
    const parsed = await mapBounded(mails, AT_ONCE, async (mail) => ({
      mail,
      mime: await parseMime(mail.raw),
    }));
    const fresh = new Map<string, (typeof parsed)[number]>();
    for (const one of parsed) {
      const id = toHex(this.#idOf(one.mime.messageId ?? toHex(sha256(one.mail.raw))));
      if (!this.#isKnown(id, one.mime.messageId)) fresh.set(id, one);
    }
    const kept = await mapBounded([...fresh], AT_ONCE, ([id, { mail, mime }]) => this.#keep(id, mail, mime));
    if (kept.length > 0) {
      await log.record(
        kept.flatMap(({ changes }) => changes),
        () => kept.flatMap(({ id, blocks }) => [puller.write(id), replication.write(id, blocks)]),
      );
      for (const { id, blocks } of kept) replication.begin(id, blocks);
    }
    return { added: kept.length, known: mails.length - kept.length };
  }

  async #keep(id: string, { folder, unread, starred }: ImportedMail, mime: ParsedMime): Promise<Kept> {
    const { messages: store, clock, identityKey } = this.#ports;
    const blocks: BlockInfo[] = [];
    const parts: Part[] = [];
    for (const { name, type, content } of mime.attachments.slice(0, ATTACHMENTS_MAX)) {
      if (content.length > ATTACHMENT_BYTES_MAX) continue;
      const stored = await store.keep(bytesSource(content), 'convergent-ring');
      blocks.push(...stored.blocks);
      parts.push({
        name: clip(name, FILE_NAME_CHARS_MAX),
        type: clip(type, FILE_TYPE_CHARS_MAX) || 'application/octet-stream',
        sizeBytes: content.length,
        reference: stored.reference,
      });
    }
    const nonce = this.#nonceOf(mime.messageId ?? id);
    const headers = headersOf(mime, nonce, parts, clock.now(), (answered) => this.#idOf(answered));
    const text = await keepBody(store, mime.text);
    const html = mime.html === undefined ? undefined : await keepBody(store, mime.html);
    blocks.push(...text.blocks, ...(html?.blocks ?? []));
    const message = { v: 1, headers, text: text.body, html: html?.body ?? null, parts } as const;
    const stored = await store.keep(bytesSource(messageCodec.encode(message)), 'random');
    blocks.push(...stored.blocks);
    const messages = [fromHex(id)];
    const { reference } = stored;
    const add: Change = {
      kind: 'add',
      message: messages[0]!,
      folder,
      unread,
      from: identityKey,
      headers,
      reference,
    };
    const star: Change = { kind: 'flag', messages, flag: 'starred', on: true };
    return { id, changes: starred ? [add, star] : [add], blocks };
  }

  /** Its own export comes back with the ids that its messages have. */
  #isKnown(id: string, messageId: string | undefined): boolean {
    const { mailbox } = this.#ports.log;
    const own = /^<([0-9a-f]{32})@/.exec(messageId ?? '')?.[1];
    return [id, own].some((one) => one !== undefined && mailbox.item(one)?.added !== undefined);
  }

  #idOf(messageId: string): Bytes {
    const own = /^<([0-9a-f]{32})@/.exec(messageId)?.[1];
    if (own !== undefined && this.#ports.log.mailbox.item(own) !== undefined) return fromHex(own);
    return messageIdOf(this.#ports.identityKey, this.#nonceOf(messageId));
  }

  #nonceOf(messageId: string): Bytes {
    return sha256(concat(utf8('epost/import'), utf8(messageId))).slice(0, NONCE_BYTES);
  }
}

function headersOf(
  mime: ParsedMime,
  nonce: Bytes,
  parts: readonly Part[],
  now: number,
  idOf: (messageId: string) => Bytes,
): MailHeaders {
  const people = (list: readonly Correspondent[], max: number): Correspondent[] =>
    list.slice(0, max).map(({ name, address }) => ({
      name: clip(name, NAME_CHARS_MAX),
      address: clip(address, ADDRESS_CHARS_MAX),
    }));
  const to = people(mime.to, RECIPIENTS_MAX);
  const headers: MailHeaders = {
    nonce,
    from: people([mime.from], 1)[0]!,
    to,
    cc: people(mime.cc, RECIPIENTS_MAX - to.length),
    subject: clip(mime.subject.replace(/\s+/g, ' ').trim(), SUBJECT_CHARS_MAX),
    preview: previewOf(mime.text === '' ? textOf(mime.html ?? '') : mime.text),
    at: mime.at ?? now,
    inReplyTo: mime.inReplyTo === undefined ? null : idOf(mime.inReplyTo),
    attachments: parts.map(({ name, type, sizeBytes }) => ({ name, type, sizeBytes })),
  };
  // What does not fit is the list of people: the message itself is whole.
  return encodeCbor(headers).length <= HEADERS_BYTES_MAX
    ? headers
    : { ...headers, to: to.slice(0, 20), cc: [] };
}

/** First words of HTML, roughly: tags and what nobody reads are left out. */
function textOf(html: string): string {
  return html.slice(0, 20_000).replace(/<(style|script|head)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ');
}
