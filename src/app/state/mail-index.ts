/**
 * All messages in the order in which each place lists them, as threads: a change costs what it changes, not what there is. An answer
 * and what it answers are of one thread (`inReplyTo`), also when what is between them is not here.
 */
import type { MessageView } from '../../core/mail/views.ts';
import { placesOf, type Place } from './places.ts';
import { ThreadKeys } from './thread-keys.ts';

/** A thread as one place lists it. */
export interface ThreadRow {
  /** Of the thread; unique in a place. */
  readonly id: string;
  /** Those that the place lists, oldest first. */
  readonly messages: readonly MessageView[];
  /** Of the newest of them. */
  readonly at: number;
  /** How many of them are unread. */
  readonly unread: number;
}

interface Listing {
  rows: readonly ThreadRow[];
  readonly byThread: Map<string, ThreadRow>;
  messages: number;
  unread: number;
}

/** With more threads changed at once, a list is sorted anew. */
const SPLICED_MAX = 64;
const NOTHING: Listing = { rows: [], byThread: new Map(), messages: 0, unread: 0 };

export class MailIndex {
  readonly #messages = new Map<string, MessageView>();
  readonly #keys = new ThreadKeys();
  /** Ids of the messages of a thread. */
  readonly #threads = new Map<string, Set<string>>();
  readonly #listings = new Map<Place, Listing>();
  /** Where a thread is listed. */
  readonly #places = new Map<string, readonly Place[]>();

  get size(): number {
    return this.#messages.size;
  }

  message(id: string): MessageView | undefined {
    return this.#messages.get(id);
  }

  messages(): IterableIterator<MessageView> {
    return this.#messages.values();
  }

  /** Newest first; the same array until something of it changes. */
  rows(place: Place): readonly ThreadRow[] {
    return this.#listing(place).rows;
  }

  /** How many messages the place lists, and how many of them are unread. */
  counts(place: Place): { readonly messages: number; readonly unread: number } {
    return this.#listing(place);
  }

  /** All messages of the thread of a message, wherever they are, oldest first; empty when it is not here. */
  thread(id: string): readonly MessageView[] {
    const message = this.#messages.get(id);
    if (message === undefined) return [];
    return this.#membersOf(this.#keys.keyOf(message.sharedId));
  }

  /** Threads with those of their messages that are given, newest first. */
  rowsOf(messages: readonly MessageView[]): readonly ThreadRow[] {
    const members = new Map<string, MessageView[]>();
    for (const message of messages) {
      const key = this.#keys.keyOf(message.sharedId);
      const some = members.get(key);
      if (some === undefined) members.set(key, [message]);
      else some.push(message);
    }
    return [...members].map(([id, some]) => rowOf(id, some.sort(oldestFirst))).sort(byTime);
  }

  clear(): void {
    for (const map of [this.#messages, this.#threads, this.#listings, this.#places]) map.clear();
    this.#keys.clear();
  }

  /** Takes in what came or changed, and what is gone. */
  apply(changed: readonly MessageView[], removed: readonly string[] = []): void {
    const touched = new Set<string>();
    for (const id of removed) this.#remove(id, touched);
    for (const message of changed) this.#put(message, touched);
    const dirty = new Map<Place, { gone: ThreadRow[]; come: ThreadRow[] }>();
    for (const key of touched) this.#relist(key, dirty);
    for (const [place, { gone, come }] of dirty) this.#reorder(place, gone, come);
  }

  #put(message: MessageView, touched: Set<string>): void {
    const { id, sharedId, inReplyTo } = message;
    this.#messages.set(id, message);
    for (const merged of this.#keys.join(sharedId, inReplyTo)) {
      touched.add(merged.from);
      touched.add(merged.into);
      for (const member of this.#threads.get(merged.from) ?? []) this.#membersSet(merged.into).add(member);
      this.#threads.delete(merged.from);
    }
    const key = this.#keys.keyOf(sharedId);
    this.#membersSet(key).add(id);
    touched.add(key);
  }

  #remove(id: string, touched: Set<string>): void {
    const message = this.#messages.get(id);
    if (message === undefined) return;
    this.#messages.delete(id);
    const key = this.#keys.keyOf(message.sharedId);
    this.#threads.get(key)?.delete(id);
    touched.add(key);
  }

  /** Notes how a thread's rows change. */
  #relist(key: string, dirty: Map<Place, { gone: ThreadRow[]; come: ThreadRow[] }>): void {
    const of = (place: Place): { gone: ThreadRow[]; come: ThreadRow[] } => {
      let entry = dirty.get(place);
      if (entry === undefined) dirty.set(place, (entry = { gone: [], come: [] }));
      return entry;
    };
    for (const place of this.#places.get(key) ?? []) {
      const { byThread } = this.#listing(place);
      of(place).gone.push(byThread.get(key)!);
    }
    const rows = rowsOf(key, this.#membersOf(key));
    for (const [place, row] of rows) of(place).come.push(row);
    if (rows.size === 0) this.#places.delete(key);
    else this.#places.set(key, [...rows.keys()]);
  }

  #reorder(place: Place, gone: readonly ThreadRow[], come: readonly ThreadRow[]): void {
    let listing = this.#listings.get(place);
    if (listing === undefined)
      this.#listings.set(place, (listing = { rows: [], byThread: new Map(), messages: 0, unread: 0 }));
    for (const row of gone) {
      listing.byThread.delete(row.id);
      listing.messages -= row.messages.length;
      listing.unread -= row.unread;
    }
    for (const row of come) {
      listing.byThread.set(row.id, row);
      listing.messages += row.messages.length;
      listing.unread += row.unread;
    }
    if (gone.length + come.length > SPLICED_MAX) {
      listing.rows = [...listing.byThread.values()].sort(byTime);
      return;
    }
    const rows = [...listing.rows];
    for (const row of gone) rows.splice(placeIn(rows, row), 1);
    for (const row of come) rows.splice(placeIn(rows, row), 0, row);
    listing.rows = rows;
  }

  #membersOf(key: string): MessageView[] {
    const ids = this.#threads.get(key);
    if (ids === undefined) return [];
    const members = [...ids].map((id) => this.#messages.get(id)!);
    return members.length > 1 ? members.sort(oldestFirst) : members;
  }

  #membersSet(key: string): Set<string> {
    let ids = this.#threads.get(key);
    if (ids === undefined) this.#threads.set(key, (ids = new Set()));
    return ids;
  }

  #listing(place: Place): Listing {
    return this.#listings.get(place) ?? NOTHING;
  }
}

/** `members`: oldest first. */
function rowsOf(id: string, members: readonly MessageView[]): ReadonlyMap<Place, ThreadRow> {
  const listed = new Map<Place, MessageView[]>();
  for (const message of members)
    for (const place of placesOf(message)) {
      const messages = listed.get(place);
      if (messages === undefined) listed.set(place, [message]);
      else messages.push(message);
    }
  const rows = new Map<Place, ThreadRow>();
  for (const [place, messages] of listed) rows.set(place, rowOf(id, messages));
  return rows;
}

/** `messages`: at least one, oldest first. */
function rowOf(id: string, messages: readonly MessageView[]): ThreadRow {
  const unread = messages.reduce((count, message) => count + Number(message.unread), 0);
  return { id, messages, at: messages.at(-1)!.at, unread };
}

function oldestFirst(a: MessageView, b: MessageView): number {
  return a.at - b.at || (a.id < b.id ? -1 : 1);
}

function byTime(a: ThreadRow, b: ThreadRow): number {
  return b.at - a.at || (a.id < b.id ? -1 : 1);
}

/** Where the row is in the sorted rows, or belongs. */
function placeIn(rows: readonly ThreadRow[], row: ThreadRow): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.id !== row.id && byTime(rows[middle]!, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
