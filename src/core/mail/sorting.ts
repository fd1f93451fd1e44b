/** Where mail that arrives is put: what the person said of its sender, then their rules, then whether they know the sender. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import type { Change } from './entries.ts';
import { recipientsOf, type MailHeaders } from './headers.ts';
import type { Mailbox } from './mailbox.ts';
import { rulingOf } from './rules.ts';
import type { Folder } from './folders.ts';

export interface Sorted {
  readonly folder: Folder;
  readonly unread: boolean;
  /** Star and labels. */
  readonly also: readonly Change[];
}

/** `message`: its id; `domain`: of the person's own organization. */
export function sorted(message: Bytes, headers: MailHeaders, mailbox: Mailbox, domain: string): Sorted {
  const { address } = headers.from;
  const standing = mailbox.standingOf(address);
  if (standing === 'blocked') return { folder: 'spam', unread: false, also: [] };
  if (standing === 'muted') return { folder: 'archive', unread: false, also: [] };
  const ruling = rulingOf(
    mailbox.rules().map(({ rule }) => rule),
    headers,
  );
  const messages = [message];
  const known = new Set(mailbox.labels().map(({ id }) => id));
  const also: Change[] = ruling.labels
    .filter((label) => known.has(label))
    .map((label) => ({ kind: 'label', messages, label, on: true }));
  if (ruling.star) also.push({ kind: 'flag', messages, flag: 'starred', on: true });
  const usual: Folder = isAwaited(headers, mailbox, domain) ? 'inbox' : 'requests';
  return { folder: ruling.folder ?? usual, unread: !ruling.read, also };
}

/** Whether the person knows who writes, or need not, as they chose. */
function isAwaited({ from, inReplyTo }: MailHeaders, mailbox: Mailbox, domain: string): boolean {
  const policy = mailbox.setting('requests');
  if (policy === 'nobody' || mailbox.standingOf(from.address) === 'accepted') return true;
  if (policy === 'outsiders' && from.address.endsWith(`@${domain}`)) return true;
  if (inReplyTo !== null && isSent(mailbox, inReplyTo)) return true;
  return isKnown(from.address, mailbox);
}

function isSent(mailbox: Mailbox, message: Bytes): boolean {
  return mailbox.item(toHex(message))?.added?.folder === 'sent';
}

/** Written to before, or mail of theirs was kept. */
function isKnown(address: string, mailbox: Mailbox): boolean {
  for (const { added, removed, folder } of mailbox.items()) {
    if (added === undefined || removed) continue;
    const { headers } = added;
    if (added.folder === 'sent') {
      if (recipientsOf(headers).some((one) => one.address === address)) return true;
    } else if (headers.from.address === address && !UNSEEN.has(folder)) return true;
  }
  return false;
}

/** Mail that lies there makes nobody known. */
const UNSEEN: ReadonlySet<Folder> = new Set<Folder>(['requests', 'spam', 'trash']);
