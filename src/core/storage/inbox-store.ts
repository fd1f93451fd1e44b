/** One node's copies of inboxes: entries that members append, and the owner's word that entries may go. */
import { concat, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { ID_BYTES, idText, type Id, type Key } from '../codec/id.ts';
import { INBOX_ENTRIES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import type { RingTrust } from '../identity/certificates.ts';
import { inboxTally, InboxTallies, SenderDays } from './inbox-tallies.ts';
import type { Write } from './key-value-store.ts';
import {
  indexPrefix,
  placeOf,
  placeOfIndexKey,
  timeBytes,
  timeFromBytes,
  tombstoneKey,
  type Place,
} from './layout.ts';
import { prefixRange } from './namespace.ts';
import { freshIndex, type Change, type Shelves } from './shelves.ts';
import type { InboxEntry } from './storage.ts';
import { forgottenAt, verifyCertifiedEntry, verifyClear, type Held } from './verify.ts';
import {
  certifiedEntryCodec,
  INBOX_LISTED_MAX,
  INBOX_PAGE_BYTES,
  inboxClearCodec,
  OFFER_ITEMS_MAX,
  type CertifiedEntry,
  type InboxClear,
} from './wire.ts';

/** Entries of one sender in one inbox. */
export const INBOX_SENDER_ENTRIES_MAX = 1000;
/** Entries that one sender may leave in one inbox on one day. */
export const INBOX_SENDER_DAY_MAX = 500;
/** Clears of one inbox that are remembered, and tombstones; over that the oldest tenth of the clears is forgotten. */
export const INBOX_CLEARS_MAX = 10_000;
export const INBOX_TOMBSTONES_MAX = 50_000;
/** Things looked at in one step of a sweep. */
const SWEEP_PAGE = 500;

/** An entry by its name. */
export interface ListedEntry {
  /** SHA-256 of its body. */
  readonly held: Id;
  /** What it takes of a page. */
  readonly sizeBytes: number;
}

export interface InboxPage {
  /** A small inbox, whole. */
  readonly entries: readonly InboxEntry[];
  /** Of a larger one, the names of as many entries as one list holds. */
  readonly listed: readonly ListedEntry[];
  /** Where the next list starts, if there is one. */
  readonly next: Bytes | undefined;
}

/** An inbox on this disk has more entries now, or fewer. */
export type InboxListener = (key: Key, change: 'grew' | 'shrank') => void;

export interface InboxStoreOptions {
  readonly trust: RingTrust;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly hasRoomFor: (bytes: number) => Promise<boolean>;
}

export class InboxStore {
  readonly #shelves: Shelves;
  readonly #options: InboxStoreOptions;
  readonly #tallies = new InboxTallies((key) => inboxTally(this.#shelves.store, key));
  readonly #days = new SenderDays();
  readonly #sweeps = new Map<'inbox' | 'clear' | 'tombstone', Bytes | undefined>();
  readonly #listeners = new Set<InboxListener>();

  constructor(shelves: Shelves, options: InboxStoreOptions) {
    this.#shelves = shelves;
    this.#options = options;
  }

  /** Refusals: `cleared`, `full`, `too-many`, those of verifyCertifiedEntry. The same entry twice is one. */
  async append(certified: CertifiedEntry): Promise<Result<Held>> {
    const { trust, clock } = this.#options;
    const checked = await verifyCertifiedEntry(certified, trust, clock.now());
    if (!checked.ok) return this.#refused(checked);
    const { key, held } = checked.value;
    const { from, at } = certified.entry.body;
    const place = placeOf('inbox', key, concat(held, from));
    return this.#shelves.exclusively(place, async () => {
      if (await this.#isCleared(key, held))
        return this.#refused(refuse('cleared', 'an inbox entry that its owner has cleared'));
      if ((await this.#shelves.peek(place)) !== undefined) return ok(checked.value);
      const data = certifiedEntryCodec.encode(certified);
      const room = await this.#checkRoom(key, from, at, data.length);
      if (!room.ok) return this.#refused(room);
      const before = await this.#shelves.index(place);
      const after = await freshIndex(data, checked.value);
      const written = await this.#shelves.write([{ place, before, after, data }]);
      if (!written.ok) return this.#refused(written);
      if (before === undefined) {
        this.#tallies.appended(key, from);
        this.#days.appended(key, from, at);
      }
      this.#tell(key, 'grew');
      return ok(checked.value);
    });
  }

  /** Removes entries and remembers that they are gone. Refusals: `full`, those of verifyClear. */
  async clear(clear: InboxClear): Promise<Result<Held>> {
    const checked = await verifyClear(clear, this.#options.clock.now());
    if (!checked.ok) return this.#refused(checked);
    const { key, held } = checked.value;
    const { at, entries } = clear.body;
    const place = placeOf('clear', key, concat(held, timeBytes(at)));
    return this.#shelves.exclusively(placeOf('inbox', key), async () => {
      if ((await this.#shelves.peek(place)) !== undefined) return ok(checked.value);
      const bounded = await this.#forgetOldest(key);
      if (!bounded.ok) return this.#refused(bounded);
      const data = inboxClearCodec.encode(clear);
      const before = await this.#shelves.index(place);
      const changes: Change[] = [{ place, before, after: await freshIndex(data, checked.value), data }];
      const named = new Set(entries.map(idText));
      let freedBytes = 0;
      for (const gone of await this.#placesUnder(indexPrefix('inbox', key))) {
        if (!named.has(idText(hashIn(gone)))) continue;
        const removal = await this.#removal(gone);
        freedBytes += removal.before?.sizeBytes ?? 0;
        changes.push(removal);
      }
      // Who clears makes room, also on a full disk; a clear of nothing needs some.
      if (data.length > freedBytes && !(await this.#options.hasRoomFor(data.length - freedBytes)))
        return this.#refused(refuse('full', 'This node has no space for more inbox clears.'));
      const tombstones = entries.map((entry): Write => {
        return { type: 'put', key: tombstoneKey(key, entry), value: timeBytes(at) };
      });
      const written = await this.#shelves.write(changes, tombstones);
      this.#tallies.forget(key);
      this.#tell(key, 'shrank');
      return written.ok ? ok(checked.value) : this.#refused(written);
    });
  }

  /** The result ends it. */
  subscribe(listener: InboxListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Inboxes that hold something here, at most so many. */
  async keys(max: number): Promise<readonly Key[]> {
    const keys: Key[] = [];
    const all = prefixRange(indexPrefix('inbox'), 1);
    let from = all.gte;
    while (keys.length < max) {
      const [found] = await this.#shelves.store.keys({ ...all, gte: from });
      if (found === undefined) break;
      const { key } = placeOfIndexKey(found);
      keys.push(key);
      from = prefixRange(indexPrefix('inbox', key)).lt;
    }
    return keys;
  }

  /** Entries of one inbox here. */
  async count(key: Key): Promise<number> {
    return (await this.#tallies.of(key)).entries;
  }

  /** The inbox if it fits a page, else what is in it, after a place. */
  async read(key: Key, after?: Bytes): Promise<InboxPage> {
    const prefix = indexPrefix('inbox', key);
    const cursor = after && concat(prefix, after);
    const { things, next } = await this.#shelves.page(cursor, INBOX_LISTED_MAX, prefix);
    const sizeBytes = things.reduce((sum, { index }) => sum + index.sizeBytes, 0);
    if (after === undefined && things.length <= OFFER_ITEMS_MAX && sizeBytes <= INBOX_PAGE_BYTES) {
      const certified = await Promise.all(things.map(({ place }) => this.#entryAt(place)));
      const entries = certified.flatMap((one) => (one === undefined ? [] : [one.entry]));
      return { entries, listed: [], next: undefined };
    }
    const whole = things.filter(({ index }) => !index.damaged);
    const listed = whole.map(({ place, index }) => ({ held: hashIn(place), sizeBytes: index.sizeBytes }));
    return { entries: [], listed, next: next === undefined ? undefined : things.at(-1)!.place.sub };
  }

  /** Those of the named entries that are here, as many as fit a page; one always does. */
  async entries(key: Key, held: readonly Id[]): Promise<readonly InboxEntry[]> {
    const entries: InboxEntry[] = [];
    let bytes = 0;
    for (const name of held) {
      const place = await this.#find('inbox', key, name);
      const data = place && (await this.#shelves.read(place));
      const decoded = data && certifiedEntryCodec.decode(data);
      if (!decoded?.ok) continue;
      if (entries.length > 0 && bytes + data!.length > INBOX_PAGE_BYTES) break;
      entries.push(decoded.value.entry);
      bytes += data!.length;
    }
    return entries;
  }

  /** One entry with its sender's certificate, as repair passes it on. */
  async entry(key: Key, held: Id): Promise<CertifiedEntry | undefined> {
    const place = await this.#find('inbox', key, held);
    return place && this.#entryAt(place);
  }

  async clearOf(key: Key, held: Id): Promise<InboxClear | undefined> {
    const place = await this.#find('clear', key, held);
    const bytes = place && (await this.#shelves.read(place));
    const decoded = bytes && inboxClearCodec.decode(bytes);
    return decoded?.ok ? decoded.value : undefined;
  }

  /** Whether the entry is here, or was cleared. */
  async knowsEntry(key: Key, held: Id): Promise<boolean> {
    return (await this.#isCleared(key, held)) || (await this.#find('inbox', key, held)) !== undefined;
  }

  async knowsClear(key: Key, held: Id): Promise<boolean> {
    return (await this.#find('clear', key, held)) !== undefined;
  }

  /** One step: forgets some of the entries, clears and tombstones that are over their retention everywhere. */
  async sweep(): Promise<void> {
    await this.#sweepIndex('inbox');
    await this.#sweepIndex('clear');
    const now = this.#options.clock.now();
    const cursor = this.#sweeps.get('tombstone');
    const range = prefixRange(tombstoneKey(), SWEEP_PAGE);
    const page = await this.#shelves.store.entries(cursor === undefined ? range : { ...range, gte: cursor });
    const old = page.filter(([, at]) => forgottenAt(timeFromBytes(at)) < now);
    await this.#shelves.write(
      [],
      old.map(([key]) => ({ type: 'delete', key })),
    );
    this.#sweeps.set('tombstone', page.length === SWEEP_PAGE ? page.at(-1)![0] : undefined);
  }

  async #sweepIndex(kind: 'inbox' | 'clear'): Promise<void> {
    const prefix = indexPrefix(kind);
    const { things, next } = await this.#shelves.page(this.#sweeps.get(kind), SWEEP_PAGE, prefix);
    this.#sweeps.set(kind, next);
    for (const { place, index } of things) {
      if (forgottenAt(index.version) >= this.#options.clock.now()) continue;
      await this.#shelves.exclusively(placeOf('inbox', place.key), async () => {
        const removal = await this.#removal(place);
        if (removal.before !== undefined) await this.#shelves.write([removal]);
        this.#tallies.forget(place.key);
      });
      this.#tell(place.key, 'shrank');
    }
  }

  async #checkRoom(key: Key, from: Bytes, at: number, bytes: number): Promise<Result<true>> {
    const tally = await this.#tallies.of(key);
    if ((tally.bySender.get(idText(from)) ?? 0) >= INBOX_SENDER_ENTRIES_MAX)
      return refuse(
        'too-many',
        `${INBOX_SENDER_ENTRIES_MAX} of your messages wait in their inbox: it takes more when they have fetched them.`,
      );
    if (this.#days.of(key, from, at) >= INBOX_SENDER_DAY_MAX)
      return refuse(
        'too-many',
        `Their inbox has taken ${INBOX_SENDER_DAY_MAX} messages from you today: it takes more tomorrow.`,
      );
    if (tally.entries >= INBOX_ENTRIES_MAX)
      return refuse('full', 'Their inbox is full: it takes more when they have fetched what is in it.');
    if (!(await this.#options.hasRoomFor(bytes)))
      return refuse('full', 'This node has no space for more inbox entries.');
    return ok(true);
  }

  /** Keeps clears and tombstones of one inbox within their bounds before another clear is written. */
  async #forgetOldest(key: Key): Promise<Result<true>> {
    const { clears, tombstones } = await this.#tallies.of(key);
    if (clears < INBOX_CLEARS_MAX && tombstones < INBOX_TOMBSTONES_MAX) return ok(true);
    const places = await this.#placesUnder(indexPrefix('clear', key));
    places.sort((a, b) => timeFromBytes(a.sub.slice(ID_BYTES)) - timeFromBytes(b.sub.slice(ID_BYTES)));
    const changes: Change[] = [];
    const deletions: Write[] = [];
    for (const place of places.slice(0, Math.ceil(places.length / 10))) {
      const clear = await this.clearOf(key, hashIn(place));
      for (const entry of clear?.body.entries ?? [])
        deletions.push({ type: 'delete', key: tombstoneKey(key, entry) });
      changes.push(await this.#removal(place));
    }
    this.#tallies.forget(key);
    return this.#shelves.write(changes, deletions);
  }

  async #isCleared(key: Key, held: Id): Promise<boolean> {
    return (await this.#shelves.store.get(tombstoneKey(key, held))) !== undefined;
  }

  async #find(kind: 'inbox' | 'clear', key: Key, held: Id): Promise<Place | undefined> {
    const range = prefixRange(concat(indexPrefix(kind, key), held), 1);
    const [found] = await this.#shelves.store.keys(range);
    return found && placeOfIndexKey(found);
  }

  async #placesUnder(prefix: Bytes): Promise<Place[]> {
    return (await this.#shelves.store.keys(prefixRange(prefix))).map(placeOfIndexKey);
  }

  async #removal(place: Place): Promise<Change> {
    return { place, before: await this.#shelves.index(place), after: undefined };
  }

  async #entryAt(place: Place): Promise<CertifiedEntry | undefined> {
    const bytes = await this.#shelves.read(place);
    const decoded = bytes && certifiedEntryCodec.decode(bytes);
    return decoded?.ok ? decoded.value : undefined;
  }

  #tell(key: Key, change: 'grew' | 'shrank'): void {
    for (const listener of this.#listeners) listener(key, change);
  }

  #refused(refusal: Refusal): Refusal {
    this.#options.counters.refused('inbox', refusal);
    return refusal;
  }
}

/** Entries and clears start their place in the inbox with the hash of their body. */
function hashIn(place: Place): Id {
  return place.sub.slice(0, ID_BYTES) as Id;
}
