/**
 * MIME as a skeleton: literal bytes and references to parts that are stored on their own, so that an attachment never passes
 * through MIME in memory and every message can be given back byte for byte. RFC 5322, 2045 to 2047.
 */
import type { Address } from 'postal-mime';
import * as v from 'valibot';
import { fromUtf8, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { bytesMax, codec, listOf } from '../codec/schema.ts';
import { sha256 } from '../crypto/hash.ts';
import { referenceSchema, type Reference } from '../post/reference.ts';
import { Base64Lines, base64LinesLength } from './base64-lines.ts';
import { ATTACHMENTS_MAX, messageIdOf, type Correspondent } from './headers.ts';
import type { StoredMessage } from './message.ts';

/** Characters of a base64 line (RFC 2045, 6.8). */
const LINE_LENGTH = 76;
/** Bytes of text in one encoded word, so that it has at most 75 characters (RFC 2047, 2). */
const ENCODED_WORD_BYTES = 45;
const LITERALS_BYTES_MAX = 16 * 1024 * 1024;

const segmentSchema = v.union([
  v.strictObject({ literal: bytesMax(LITERALS_BYTES_MAX) }),
  v.strictObject({
    reference: referenceSchema,
    encoding: v.literal('base64'),
    /** Characters a line; a multiple of 4. */
    lineLength: v.pipe(v.number(), v.safeInteger(), v.minValue(4), v.maxValue(996), v.multipleOf(4)),
  }),
]);

const skeletonSchema = v.strictObject({
  v: v.literal(1),
  segments: listOf(segmentSchema, 2 * ATTACHMENTS_MAX + 1),
});
export type Skeleton = v.InferOutput<typeof skeletonSchema>;
export const skeletonCodec = codec('MIME skeleton', skeletonSchema, LITERALS_BYTES_MAX + 1024 * 1024);

export interface MimeBodies {
  readonly text: string;
  readonly html: string | undefined;
}

/** The skeleton of a message; the same message gives the same bytes everywhere. `sender`: identity key. */
export async function composeMime(
  message: StoredMessage,
  bodies: MimeBodies,
  sender: Bytes,
): Promise<Skeleton> {
  const { createMimeMessage } = await import('mimetext/browser');
  const { headers, parts } = message;
  // Of the whole message: a token that its own file names cannot contain.
  const seed = toHex(sha256(encodeCbor({ message, ...bodies, html: bodies.html ?? null })));
  const mime = createMimeMessage();
  mime.envctx = { ...mime.envctx, toBase64: encodedWords };
  mime.headers.envctx = mime.envctx;
  mime.boundaries = { mixed: `m-${seed}`, alt: `a-${seed}`, related: `r-${seed}` };
  mime.setSender(mailbox(headers.from));
  if (headers.to.length > 0) mime.setTo(headers.to.map(mailbox));
  if (headers.cc.length > 0) mime.setCc(headers.cc.map(mailbox));
  mime.setSubject(headers.subject);
  mime.setHeader('Date', new Date(headers.at).toUTCString().replace('GMT', '+0000'));
  const domain = headers.from.address.split('@').at(-1)!;
  mime.setHeader('Message-ID', `<${toHex(messageIdOf(sender, headers.nonce))}@${domain}>`);
  if (headers.inReplyTo !== null) mime.setHeader('In-Reply-To', `<${toHex(headers.inReplyTo)}@${domain}>`);
  mime.addMessage({ contentType: 'text/plain', encoding: 'base64', data: base64Of(bodies.text) });
  if (bodies.html !== undefined)
    mime.addMessage({ contentType: 'text/html', encoding: 'base64', data: base64Of(bodies.html) });
  parts.forEach(({ name, type }, i) => {
    mime.addAttachment({
      filename: fileName(name),
      contentType: mediaType(type),
      encoding: 'base64',
      data: placeholder(seed, i),
    });
  });
  const references = parts.map(({ reference }) => reference);
  return { v: 1, segments: splitAtPlaceholders(mime.asRaw(), seed, references) };
}

/** The exact bytes of the MIME message, piece by piece; `read` gives a part's bytes in order. */
export async function* assembleMime(
  skeleton: Skeleton,
  read: (reference: Reference) => AsyncIterable<Bytes>,
): AsyncGenerator<Bytes> {
  for (const segment of skeleton.segments) {
    if ('literal' in segment) {
      yield segment.literal;
      continue;
    }
    const lines = new Base64Lines(segment.lineLength);
    for await (const piece of read(segment.reference)) yield lines.push(piece);
    yield lines.end();
  }
}

/** Length of what `assembleMime` gives. */
export function mimeLength(skeleton: Skeleton): number {
  let bytes = 0;
  for (const segment of skeleton.segments)
    bytes +=
      'literal' in segment
        ? segment.literal.length
        : base64LinesLength(segment.reference.sizeBytes, segment.lineLength);
  return bytes;
}

export interface ParsedMime {
  /** With its angle brackets. */
  readonly messageId: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly from: Correspondent;
  readonly to: readonly Correspondent[];
  readonly cc: readonly Correspondent[];
  /** Milliseconds since 1970, as its date says. */
  readonly at: number | undefined;
  readonly subject: string;
  readonly text: string;
  readonly html: string | undefined;
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly content: Bytes }[];
}

/** A message from elsewhere. What cannot be understood becomes text: a mail is never refused for its form. */
export async function parseMime(raw: Bytes): Promise<ParsedMime> {
  const { default: PostalMime } = await import('postal-mime');
  const email = await PostalMime.parse(raw, { attachmentEncoding: 'arraybuffer' });
  const at = Date.parse(email.date ?? '');
  const [from = { name: '', address: '' }] = people(email.from === undefined ? [] : [email.from]);
  return {
    messageId: bracketed(email.messageId),
    inReplyTo: bracketed(email.inReplyTo) ?? bracketed(email.references?.trim().split(/\s+/).at(-1)),
    from,
    to: people(email.to ?? []),
    cc: people(email.cc ?? []),
    at: at >= 0 ? at : undefined,
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html,
    attachments: email.attachments.map(({ filename, mimeType, content }, i) => ({
      name: filename ?? `part-${i + 1}`,
      type: mimeType,
      content: typeof content === 'string' ? utf8(content) : new Uint8Array(content),
    })),
  };
}

/** The first id of the header; undefined when there is none. */
function bracketed(header: string | undefined): string | undefined {
  return /<[^<>\s]{1,900}>/.exec(header ?? '')?.[0];
}

/** Groups are their members; a person without an address is none. */
function people(addresses: readonly Address[]): Correspondent[] {
  return addresses.flatMap(({ name, address, group }): Correspondent[] => {
    if (group !== undefined) return people(group);
    return address ? [{ name: name === address ? '' : name, address: address.toLowerCase() }] : [];
  });
}

function mailbox({ name, address }: Correspondent): { name: string; addr: string } {
  return { name: printable(name), addr: address };
}

/** RFC 2047 encoded words, folded: the library puts `=?utf-8?B?` before and `?=` after. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (utf8(word + character).length > ENCODED_WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((part) => base64Of(part)).join('?=\r\n =?utf-8?B?');
}

function base64Of(text: string): string {
  const lines = new Base64Lines(LINE_LENGTH);
  return fromUtf8(lines.push(utf8(text))) + fromUtf8(lines.end());
}

/** Goes between quotes in a header: nothing may end the quotes or the line. */
function fileName(name: string): string {
  const safe = printable(name).replace(/["\\]/g, '_');
  return /^[\x20-\x7e]*$/.test(safe) ? safe || 'file' : `=?utf-8?B?${encodedWords(safe)}?=`;
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, ' ');
}

/** RFC 2045, 5.1; anything else could break the header. */
function mediaType(type: string): string {
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) ? type : 'application/octet-stream';
}

function placeholder(seed: string, i: number): string {
  return `<part ${i} ${seed}>`;
}

function splitAtPlaceholders(
  raw: string,
  seed: string,
  references: readonly Reference[],
): Skeleton['segments'] {
  const segments: Skeleton['segments'] = [];
  let rest = raw;
  references.forEach((reference, i) => {
    const token = placeholder(seed, i);
    const at = rest.indexOf(token);
    segments.push({ literal: utf8(rest.slice(0, at)) });
    segments.push({ reference, encoding: 'base64', lineLength: LINE_LENGTH });
    rest = rest.slice(at + token.length);
  });
  segments.push({ literal: utf8(rest) });
  return segments;
}
