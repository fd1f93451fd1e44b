/**
 * One reading of an inbox: all replicas are asked at once what is in it, then each entry is asked of one of those that name
 * it, in pages, all at once. So it takes two round trips, whatever is in it, and each entry comes once. Whoever is slow, or
 * names what it does not give, is not waited for: others are asked too, and what comes late is still taken.
 */
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { idText, type Id } from '../codec/id.ts';
import { INBOX_ENTRIES_MAX } from '../codec/limits.ts';
import type { InboxPage, ListedEntry } from './inbox-store.ts';
import type { Target } from './replica-set.ts';
import type { InboxEntry } from './storage.ts';
import { bodyHash } from './verify.ts';
import { INBOX_LISTED_MAX, INBOX_PAGE_BYTES, OFFER_ITEMS_MAX } from './wire.ts';

/** Pages asked of one replica at once. */
export const PAGES_AT_ONCE = 64;
/** How long slow replicas' lists are waited for when another has answered. */
export const LISTS_GRACE_MS = 300;
/** A page that has not come after this is asked of another replica too. */
export const PAGE_HEDGE_MS = 500;
/** How long a reader who takes late entries waits for pages when the lists are there. */
export const PAGES_GRACE_MS = 1_000;
/** Lists asked of one replica: the last may be short, the others are full. */
const LISTS_MAX = Math.ceil(INBOX_ENTRIES_MAX / INBOX_LISTED_MAX) + 1;

/** Entries that came after the reading's promise had resolved. */
export type LateEntries = (entries: readonly InboxEntry[]) => void;

export interface InboxReadingPorts {
  readonly clock: Clock;
  readonly targets: readonly Target[];
  readonly isSelf: (target: Target) => boolean;
  /** What a replica says that is in the inbox. */
  readonly list: (target: Target, after: Bytes | undefined) => Promise<InboxPage>;
  /** Authentic entries of these names. */
  readonly entries: (target: Target, held: readonly Id[]) => Promise<readonly InboxEntry[]>;
  /** Unset: everything is waited for until it has come or failed. */
  readonly late?: LateEntries | undefined;
}

/** Authentic entries, each once; undefined when nobody but this node has answered. Never rejects. */
export function readInbox(ports: InboxReadingPorts): Promise<readonly InboxEntry[] | undefined> {
  return new Promise((resolve) => new Reading(ports, resolve).start());
}

interface Source {
  readonly target: Target;
  /** What it has named and was not asked for yet; some of it may have come from others since. */
  queue: Item[];
  named: number;
  listing: boolean;
  pages: number;
}

interface Item extends ListedEntry {
  readonly sources: Source[];
  readonly tried: Set<Source>;
  /** Requests under way that ask for it. */
  asked: number;
  /** It is under way for too long: somebody else may be asked too. */
  overdue: boolean;
  found: boolean;
}

class Reading {
  readonly #ports: InboxReadingPorts;
  readonly #resolve: (entries: readonly InboxEntry[] | undefined) => void;
  readonly #sources: readonly Source[];
  readonly #items = new Map<string, Item>();
  readonly #found: InboxEntry[] = [];
  #othersAnswered = false;
  #listsDue = false;
  #resolved = false;

  constructor(ports: InboxReadingPorts, resolve: (entries: readonly InboxEntry[] | undefined) => void) {
    this.#ports = ports;
    this.#resolve = resolve;
    this.#sources = ports.targets.map((target) => ({
      target,
      queue: [],
      named: 0,
      listing: true,
      pages: 0,
    }));
  }

  start(): void {
    for (const source of this.#sources) void this.#list(source);
    if (this.#sources.length === 0) this.#end();
  }

  async #list(source: Source): Promise<void> {
    try {
      let after: Bytes | undefined;
      for (let lists = 0; lists < LISTS_MAX && source.listing; lists++) {
        const page = await this.#ports.list(source.target, after);
        after = page.next;
        this.#heard(source, page);
        source.listing = after !== undefined && source.named < INBOX_ENTRIES_MAX;
        this.#askPages(source, this.#share(source));
      }
    } catch {
      // Silent, or it answers with what it may not: the others have the inbox too.
    }
    source.listing = false;
    this.#askRest();
  }

  #heard(source: Source, { entries, listed }: InboxPage): void {
    if (!this.#ports.isSelf(source.target) && !this.#othersAnswered) {
      this.#othersAnswered = true;
      this.#ports.clock.after(LISTS_GRACE_MS, () => this.#endLists());
    }
    this.#take(entries);
    for (const { held, sizeBytes } of listed.slice(0, INBOX_ENTRIES_MAX - source.named)) {
      source.named += 1;
      const item = this.#item(held, sizeBytes);
      if (item.found || item.sources.includes(source)) continue;
      item.sources.push(source);
      source.queue.push(item);
    }
  }

  #item(held: Id, sizeBytes: number): Item {
    const name = idText(held);
    const known = this.#items.get(name);
    if (known !== undefined) return known;
    const item: Item = {
      held,
      sizeBytes,
      sources: [],
      tried: new Set(),
      asked: 0,
      overdue: false,
      found: false,
    };
    this.#items.set(name, item);
    return item;
  }

  /** The lists that are there must do; those that come later are taken all the same. */
  #endLists(): void {
    this.#listsDue = true;
    if (this.#ports.late !== undefined) this.#ports.clock.after(PAGES_GRACE_MS, () => this.#end());
    this.#askRest();
  }

  #askPages(source: Source, max: number): void {
    let left = max;
    while (left > 0 && source.pages < PAGES_AT_ONCE) {
      const page = nextPage(source, left);
      if (page.length === 0) break;
      left -= page.length;
      void this.#askPage(source, page);
    }
  }

  /** How many entries this replica is asked for when it has named them: those whose lists are still to come have their part too. */
  #share(source: Source): number {
    const listing = this.#listsDue ? 0 : this.#sources.filter((one) => one.listing && one !== source).length;
    const waiting = source.queue.filter((item) => isWanted(item, source)).length;
    return Math.ceil(waiting / (listing + 1));
  }

  /** The lists are there: what nobody was asked for yet is asked of whoever names it. */
  #askRest(): void {
    const listing = !this.#listsDue && this.#sources.some((source) => source.listing);
    if (!listing) for (const source of this.#sources) this.#askPages(source, Infinity);
    this.#settle();
  }

  async #askPage(source: Source, page: readonly Item[]): Promise<void> {
    source.pages += 1;
    for (const item of page) {
      item.asked += 1;
      item.overdue = false;
      item.tried.add(source);
    }
    const cancel = this.#ports.clock.after(PAGE_HEDGE_MS, () => {
      for (const item of page) item.overdue = true;
      offerAgain(page);
      this.#askRest();
    });
    const held = page.map((item) => item.held);
    try {
      this.#take(await this.#ports.entries(source.target, held));
    } catch {
      // As for a list: the others that name these are asked.
    }
    cancel();
    source.pages -= 1;
    for (const item of page) item.asked -= 1;
    offerAgain(page);
    this.#askRest();
  }

  #take(entries: readonly InboxEntry[]): void {
    const fresh: InboxEntry[] = [];
    for (const entry of entries) {
      const item = this.#item(bodyHash(entry.body), 0);
      if (item.found) continue;
      item.found = true;
      fresh.push(entry);
    }
    if (fresh.length === 0) return;
    if (this.#resolved) this.#ports.late?.(fresh);
    else this.#found.push(...fresh);
  }

  /** Whether everything has come that will come. */
  #settle(): void {
    if (this.#sources.some((source) => source.listing) && !(this.#listsDue && this.#ports.late)) return;
    for (const item of this.#items.values()) if (!item.found && isOpen(item)) return;
    this.#end();
  }

  #end(): void {
    if (this.#resolved) return;
    this.#resolved = true;
    this.#resolve(this.#othersAnswered ? this.#found : undefined);
  }
}

/** Takes entries out of a replica's queue: as many as fit a page, at most `max`. */
function nextPage(source: Source, max: number): Item[] {
  const page: Item[] = [];
  let bytes = 0;
  let next = 0;
  for (; next < source.queue.length; next++) {
    const item = source.queue[next]!;
    if (!isWanted(item, source)) continue;
    const full = page.length >= Math.min(max, OFFER_ITEMS_MAX);
    if (full || (page.length > 0 && bytes + item.sizeBytes > INBOX_PAGE_BYTES)) break;
    page.push(item);
    bytes += item.sizeBytes;
  }
  source.queue = source.queue.slice(next);
  return page;
}

function isWanted(item: Item, source: Source): boolean {
  return !item.found && (item.asked === 0 || item.overdue) && !item.tried.has(source);
}

/** Under way, or there is somebody to ask. */
function isOpen(item: Item): boolean {
  return item.asked > 0 || item.sources.some((source) => !item.tried.has(source));
}

/** What has not come is asked of the others that name it. */
function offerAgain(page: readonly Item[]): void {
  for (const item of page) {
    if (item.found) continue;
    for (const source of item.sources) if (!item.tried.has(source)) source.queue.push(item);
  }
}
