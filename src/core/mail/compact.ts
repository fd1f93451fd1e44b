/**
 * What a snapshot keeps of a log: the entries without which the merge of logs would come out otherwise. It rests on the merge's
 * own rules (mailbox.ts): an entry that another one of the same device always beats says nothing any more.
 */
import { toHex, type Bytes } from '../codec/bytes.ts';
import {
  isMessageChange,
  mailEntryCodec,
  messagesOf,
  registerOf,
  type Change,
  type MailEntry,
} from './entries.ts';

interface Kept {
  readonly index: number;
  readonly lamport: number;
}

/** Entries of one device's log that count, in their order. What cannot be read is kept: a newer program may read it. */
export function compactEntries(entries: readonly Bytes[]): Bytes[] {
  const decoded = entries.map((bytes) => mailEntryCodec.decode(bytes));
  const winners = new Map<string, Kept>();
  const removed = new Set<string>();
  let newest: Kept | undefined;
  const unreadable: number[] = [];
  decoded.forEach((entry, index) => {
    if (!entry.ok) return void unreadable.push(index);
    const { lamport, change } = entry.value;
    if (newest === undefined || lamport > newest.lamport) newest = { index, lamport };
    if (change.kind === 'remove') for (const message of change.messages) removed.add(toHex(message));
    for (const place of placesOf(change)) {
      const known = winners.get(place);
      const wins =
        known === undefined || (isFirstKept(change) ? lamport < known.lamport : lamport > known.lamport);
      if (wins) winners.set(place, { index, lamport });
    }
  });
  const kept = new Set(unreadable);
  // The Lamport time itself is state: later changes must be later for everybody.
  if (newest !== undefined) kept.add((newest as Kept).index);
  for (const { index } of winners.values()) {
    const entry = decoded[index]!;
    if (entry.ok && !isMoot(entry.value, removed)) kept.add(index);
  }
  return entries.filter((_, index) => kept.has(index));
}

/** Of adds, removals and steps of a delivery the first counts, of all else the last. */
function isFirstKept({ kind }: Change): boolean {
  return kind === 'add' || kind === 'remove' || kind === 'delivery';
}

/** A removal is final: nothing else of those messages can show again. */
function isMoot({ change }: MailEntry, removed: ReadonlySet<string>): boolean {
  return (
    isMessageChange(change) &&
    change.kind !== 'remove' &&
    messagesOf(change).every((message) => removed.has(toHex(message)))
  );
}

/** What an entry says something about: entries of the same place compete. */
function placesOf(change: Change): readonly string[] {
  if (!isMessageChange(change)) return [`${change.kind}/${registerOf(change)}`];
  const ids = messagesOf(change).map(toHex);
  switch (change.kind) {
    case 'delivery':
      return change.recipients.map((to) => `delivery/${ids[0]!}/${change.state}/${to}`);
    case 'flag':
      return ids.map((id) => `${change.flag}/${id}`);
    case 'label':
      return ids.map((id) => `label/${change.label}/${id}`);
    default:
      return ids.map((id) => `${change.kind}/${id}`);
  }
}
