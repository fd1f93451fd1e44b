/** Files that hold mail: mbox, EML, and Maildir as zip. Each mail comes with where it belongs, as far as the file says. */
import { utf8, type Bytes } from '../../core/codec/bytes.ts';
import type { SystemFolder } from '../../core/mail/folders.ts';
import type { ImportedMail } from '../../core/mail/views.ts';
import { readMbox } from './mbox.ts';

export interface FoundMail extends ImportedMail {
  readonly folder: SystemFolder;
  /** Bytes of the file that were read up to its end. */
  readonly readBytes: number;
}

/** Rejects with an `Error` when it is none of these files. `fallback`: where mail goes of which the file says nothing. */
export async function* readMailFile(file: File, fallback: SystemFolder): AsyncGenerator<FoundMail> {
  const start = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  if (begins(start, utf8('From '))) {
    for await (const { raw, readBytes } of readMbox(file))
      yield { raw, readBytes, ...stateOf(headOf(raw), fallback) };
  } else if (begins(start, Uint8Array.of(0x50, 0x4b))) yield* readZip(file, fallback);
  else if (/\.eml$/i.test(file.name) || file.type === 'message/rfc822') {
    const raw = new Uint8Array(await file.arrayBuffer());
    yield { raw, readBytes: file.size, folder: fallback, unread: false, starred: false };
  } else throw new NotMailError();
}

export class NotMailError extends Error {
  override readonly name = 'NotMailError';
}

/** Maildir: `cur` and `new` of each folder; flags stand after `:2,` (or `;2,` where a colon cannot be in a name). */
async function* readZip(file: File, fallback: SystemFolder): AsyncGenerator<FoundMail> {
  const { Unzip, UnzipInflate } = await import('fflate');
  const found: FoundMail[] = [];
  let readBytes = 0;
  let failure: Error | undefined;
  const unzip = new Unzip((entry) => {
    const place = /(?:^|\/)(cur|new)\/([^/]+)$|([^/]+\.eml)$/i.exec(entry.name);
    if (place === null) return;
    const pieces: Uint8Array[] = [];
    entry.ondata = (error, piece, final) => {
      if (error !== null) failure = error;
      else pieces.push(piece);
      if (!final || error !== null) return;
      const flags = /[:;]2,([A-Za-z]*)$/.exec(place[2] ?? '')?.[1] ?? '';
      found.push({
        raw: joined(pieces),
        readBytes,
        folder: folderNamed(entry.name) ?? (flags.includes('T') ? 'trash' : fallback),
        unread: place[1] === 'new' || (place[1] === 'cur' && !flags.includes('S')),
        starred: flags.includes('F'),
      });
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  const reader = file.stream().getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    readBytes += read.value.length;
    unzip.push(read.value);
    if (failure !== undefined) throw failure;
    yield* found.splice(0);
  }
  unzip.push(new Uint8Array(0), true);
  yield* found.splice(0);
}

/** What the headers of mail programs say: `Status: RO` has been read, `X-Status: F` is flagged; Gmail writes its labels. */
function stateOf(head: string, fallback: SystemFolder): Pick<FoundMail, 'folder' | 'unread' | 'starred'> {
  const header = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*(?:\\r?\\n[ \\t].*)*)`, 'im').exec(head)?.[1] ?? '';
  const labels = header('X-Gmail-Labels').toLowerCase();
  const status = header('Status') + header('X-Status');
  const folder =
    folderNamed(header('X-ePOST-Folder')) ?? (labels === '' ? undefined : folderOfLabels(labels));
  const flags = header('X-ePOST-Flags').toLowerCase();
  return {
    folder: folder ?? fallback,
    // A program that writes a status at all writes R for what was read.
    unread: labels.includes('unread') || flags.includes('unread') || (status !== '' && !status.includes('R')),
    starred: labels.includes('starred') || flags.includes('starred') || status.includes('F'),
  };
}

function folderOfLabels(labels: string): SystemFolder {
  if (/trash|bin/.test(labels)) return 'trash';
  if (/spam|junk/.test(labels)) return 'spam';
  if (/\bsent\b/.test(labels)) return 'sent';
  return labels.includes('inbox') ? 'inbox' : 'archive';
}

const named: readonly (readonly [RegExp, SystemFolder])[] = [
  [/sent/i, 'sent'],
  [/trash|deleted|bin/i, 'trash'],
  [/spam|junk/i, 'spam'],
  [/archive/i, 'archive'],
  [/inbox/i, 'inbox'],
];

function folderNamed(path: string): SystemFolder | undefined {
  return named.find(([name]) => name.test(path))?.[1];
}

/** Header lines are ASCII, or close to it: as bytes. */
function headOf(raw: Bytes): string {
  const text = new TextDecoder('latin1').decode(raw.subarray(0, 64 * 1024));
  const end = /\r?\n\r?\n/.exec(text);
  return end === null ? text : text.slice(0, end.index + 1);
}

function begins(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function joined(pieces: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
