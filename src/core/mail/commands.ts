/** What a person does to the mailbox, as one command, and the changes that it makes in the log. */
import { fromHex, type Bytes } from '../codec/bytes.ts';
import { MESSAGES_MAX, type Change, type Flag, type Standing } from './entries.ts';
import type { Folder, LabelId, OwnFolder } from './folders.ts';
import type { Mailbox, MailItem } from './mailbox.ts';
import type { Rule } from './rules.ts';
import type { Setting } from './settings.ts';

/** Messages by hexadecimal id; those that are gone, or are already so, are left out. All can be done twice without harm. */
export type MailboxCommand =
  | { readonly kind: 'flag'; readonly messages: readonly string[]; readonly flag: Flag; readonly on: boolean }
  | { readonly kind: 'move'; readonly messages: readonly string[]; readonly folder: Folder }
  | {
      readonly kind: 'label';
      readonly messages: readonly string[];
      readonly label: LabelId;
      readonly on: boolean;
    }
  /** For good; what has been in the trash for 30 days goes by itself. */
  | { readonly kind: 'remove'; readonly messages: readonly string[] }
  /** Makes or names an own folder; without a name it is no more, and its messages are in the archive. */
  | { readonly kind: 'folder'; readonly folder: OwnFolder; readonly name: string | null }
  | {
      readonly kind: 'label-name';
      readonly label: LabelId;
      readonly name: string | null;
      readonly hue: number;
    }
  /**
   * Requests of somebody who is accepted go to the inbox, of somebody who is blocked to the spam; what a blocked person sends from
   * now on goes there too, of a muted one to the archive, read.
   */
  | { readonly kind: 'standing'; readonly address: string; readonly standing: Standing | null }
  /** The person compared this key (hexadecimal) with its owner. */
  | { readonly kind: 'verified'; readonly address: string; readonly identityKey: string | null }
  /** `id`: 16 hexadecimal digits, drawn at random. */
  | { readonly kind: 'rule'; readonly id: string; readonly rule: Rule | null }
  | { readonly kind: 'setting'; readonly setting: Setting };

/** Changes of the command; none when all is so already. `now`: milliseconds since 1970. */
export function changesOf(command: MailboxCommand, mailbox: Mailbox, now: number): readonly Change[] {
  switch (command.kind) {
    case 'flag': {
      const { flag, on } = command;
      const isSo = (item: MailItem): boolean => (flag === 'unread' ? item.unread : item.starred) === on;
      return inParts(itemsOf(command.messages, mailbox, isSo), (messages) => ({
        kind: 'flag',
        messages,
        flag,
        on,
      }));
    }
    case 'move': {
      const { folder } = command;
      const isThere = (item: MailItem): boolean => mailbox.folderOf(item) === folder;
      return moves(itemsOf(command.messages, mailbox, isThere), folder);
    }
    case 'label': {
      const { label, on } = command;
      const isSo = (item: MailItem): boolean => item.labels.includes(label) === on;
      return inParts(itemsOf(command.messages, mailbox, isSo), (messages) => ({
        kind: 'label',
        messages,
        label,
        on,
      }));
    }
    case 'remove':
      return inParts(
        itemsOf(command.messages, mailbox, () => false),
        (messages) => ({ kind: 'remove', messages }),
      );
    case 'standing':
      return [command, ...moves(requestsOf(command.address, mailbox), placeFor(command.standing))];
    case 'verified': {
      const { kind, address, identityKey } = command;
      return [{ kind, address, identityKey: identityKey === null ? null : fromHex(identityKey), at: now }];
    }
    case 'rule':
      return [{ ...command, id: fromHex(command.id) }];
    default:
      return [command];
  }
}

/** Ids that the command names. */
export function messagesNamedBy(command: MailboxCommand): readonly string[] | undefined {
  return 'messages' in command ? command.messages : undefined;
}

function placeFor(standing: Standing | null): Folder {
  if (standing === 'blocked') return 'spam';
  if (standing === 'muted') return 'archive';
  return standing === 'accepted' ? 'inbox' : 'requests';
}

function requestsOf(address: string, mailbox: Mailbox): MailItem[] {
  return [...mailbox.items()].filter(
    (item) => item.folder === 'requests' && !item.removed && item.added?.headers.from.address === address,
  );
}

function moves(items: readonly MailItem[], folder: Folder): Change[] {
  const moving = items.filter((item) => item.folder !== folder);
  return inParts(moving, (messages) => ({ kind: 'move', messages, folder }));
}

function itemsOf(
  ids: readonly string[],
  mailbox: Mailbox,
  isSo: (item: MailItem) => boolean,
): readonly MailItem[] {
  return [...new Set(ids)].flatMap((id) => {
    const item = mailbox.item(id);
    return item?.added === undefined || item.removed || isSo(item) ? [] : [item];
  });
}

/** One change for at most MESSAGES_MAX messages. */
function inParts(items: readonly MailItem[], change: (messages: Bytes[]) => Change): Change[] {
  const changes: Change[] = [];
  for (let i = 0; i < items.length; i += MESSAGES_MAX)
    changes.push(change(items.slice(i, i + MESSAGES_MAX).map(({ id }) => fromHex(id))));
  return changes;
}
