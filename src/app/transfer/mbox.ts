/** The mbox format (RFC 4155, in its `mboxrd` form): mails one after the other, each after a line that begins with `From `. */
import { concat, utf8, type Bytes } from '../../core/codec/bytes.ts';

const SEPARATOR = utf8('From ');
const LINE_FEED = 10;
/** A mail longer than this is none that could be kept. */
export const MAIL_BYTES_MAX = 256 * 1024 * 1024;
/** Read at a time: many mails of the usual size, and not too many pieces of the largest. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** A mail over MAIL_BYTES_MAX. */
export class LargeMailError extends Error {
  override readonly name = 'LargeMailError';
}

/** One mail, and how many bytes of the file were read with it. */
export interface MboxMail {
  readonly raw: Bytes;
  readonly readBytes: number;
}

/** Reads a file mail by mail; memory holds one of them. What stands before the first separator is no mail. Throws LargeMailError. */
export async function* readMbox(file: Blob, pieceBytes = PIECE_BYTES): AsyncGenerator<MboxMail> {
  let rest: Bytes = new Uint8Array(0);
  let readBytes = 0;
  /** Up to here `rest` has no separator. */
  let looked = 0;
  let inside = false;
  while (readBytes < file.size) {
    const piece = new Uint8Array(await file.slice(readBytes, readBytes + pieceBytes).arrayBuffer());
    readBytes += piece.length;
    rest = rest.length === 0 ? piece : concat(rest, piece);
    for (let at = separatorIn(rest, looked); at >= 0; at = separatorIn(rest, looked)) {
      const raw = inside ? unquoted(rest.subarray(0, at)) : undefined;
      const body = rest.indexOf(LINE_FEED, at);
      if (body < 0) {
        looked = at;
        break;
      }
      rest = rest.subarray(body + 1);
      looked = 0;
      inside = true;
      if (raw !== undefined) yield { raw, readBytes: readBytes - rest.length };
    }
    // A separator may begin in the last bytes, and its line may have no end yet.
    if (separatorIn(rest, looked) < 0) looked = Math.max(looked, rest.length - SEPARATOR.length);
    if (rest.length > MAIL_BYTES_MAX) throw new LargeMailError();
  }
  if (inside && rest.length > 0) yield { raw: unquoted(rest), readBytes };
}

/** One mail for a file: `at` in milliseconds since 1970. */
export function mboxEntry(raw: Bytes, sender: string, at: number): Bytes {
  const date = new Date(at)
    .toUTCString()
    .replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 $4');
  const head = utf8(`From ${sender.replace(/\s/g, '') || 'MAILER-DAEMON'} ${date}\n`);
  const body = quoted(withLineFeeds(raw));
  return concat(head, body, utf8(body.at(-1) === LINE_FEED ? '\n' : '\n\n'));
}

/** Where a line of `bytes` begins with `From `, from `start` on; -1: nowhere yet. */
function separatorIn(bytes: Bytes, start: number): number {
  for (let at = bytes.indexOf(SEPARATOR[0]!, start); at >= 0; at = bytes.indexOf(SEPARATOR[0]!, at + 1)) {
    if (at > 0 && bytes[at - 1] !== LINE_FEED) continue;
    if (SEPARATOR.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

/** Lines of `>From ` lose one `>`; the empty line before the next separator is not of the mail. */
function unquoted(bytes: Bytes): Bytes {
  const end = bytes.at(-1) === LINE_FEED && bytes.at(-2) === LINE_FEED ? bytes.length - 1 : bytes.length;
  return changedLines(bytes.subarray(0, end), (line) => (isQuoted(line, 1) ? line.subarray(1) : line));
}

function quoted(bytes: Bytes): Bytes {
  const mark = utf8('>');
  return changedLines(bytes, (line) => (isQuoted(line, 0) ? concat(mark, line) : line));
}

/** Whether the line is `From ` after at least so many `>`. */
function isQuoted(line: Uint8Array, marks: number): boolean {
  let at = 0;
  while (line[at] === 62) at++;
  return at >= marks && SEPARATOR.every((byte, i) => line[at + i] === byte);
}

function changedLines(bytes: Bytes, change: (line: Bytes) => Bytes): Bytes {
  const lines: Bytes[] = [];
  let changed = false;
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed + 1;
    const line = bytes.subarray(start, end);
    const next = change(line);
    changed ||= next !== line;
    lines.push(next);
    start = end;
  }
  return changed ? concat(...lines) : bytes.slice();
}

/** CR LF is what mail has; mbox files have LF. */
function withLineFeeds(bytes: Bytes): Bytes {
  return changedLines(bytes, (line) =>
    line.at(-1) === LINE_FEED && line.at(-2) === 13 ? concat(line.subarray(0, -2), line.subarray(-1)) : line,
  );
}
