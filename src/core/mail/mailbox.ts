/**
 * The state of a mailbox: the deterministic merge of its devices' logs. Messages are an add/remove set, folder and flag are
 * last-writer-wins by (Lamport time, device), deliveries keep the first proof of each step. Any order, any interleaving and
 * any repetition of the same entries gives the same state.
 */
import { fromHex, toHex, type Bytes } from '../codec/bytes.ts';
import type { ChangeOf, Change, Evidence, MailEntry } from './entries.ts';
import type { MailHeaders } from './headers.ts';
import type { Reference } from '../post/reference.ts';
import type { DeliveryState, Folder } from './views.ts';

/** When and where a change was made; unique for each change. */
export interface Stamp {
  readonly lamport: number;
  /** Hexadecimal device key. */
  readonly device: string;
}

export interface Step {
  readonly at: number;
  readonly reason: string | undefined;
  readonly evidence: Evidence;
  readonly stamp: Stamp;
}

export interface Added {
  readonly from: Bytes;
  readonly headers: MailHeaders;
  readonly reference: Reference;
  readonly folder: Folder;
  readonly unread: boolean;
  readonly stamp: Stamp;
}

interface Stamped<T> {
  readonly value: T;
  readonly stamp: Stamp;
}

/** Order in which states overtake each other; a receipt is stronger than a bounce. */
const ranks: Readonly<Record<DeliveryState, number>> = {
  queued: 0,
  stored: 1,
  notified: 2,
  bounced: 3,
  received: 4,
  read: 5,
};

export class MailItem {
  readonly id: string;
  /** Undefined while only later changes of it are known. */
  added: Added | undefined;
  removed = false;
  moved: Stamped<Folder> | undefined;
  flagged: Stamped<boolean> | undefined;
  /** By address, then by state. */
  readonly deliveries = new Map<string, Map<DeliveryState, Step>>();

  constructor(id: string) {
    this.id = id;
  }

  get folder(): Folder {
    return this.moved?.value ?? this.added?.folder ?? 'inbox';
  }

  get unread(): boolean {
    return this.flagged?.value ?? this.added?.unread ?? false;
  }

  /** The most advanced state of a recipient. */
  stateOf(address: string): DeliveryState {
    let best: DeliveryState = 'queued';
    for (const state of this.deliveries.get(address)?.keys() ?? [])
      if (ranks[state] > ranks[best]) best = state;
    return best;
  }

  stepsOf(address: string): ReadonlyMap<DeliveryState, Step> {
    return this.deliveries.get(address) ?? new Map<DeliveryState, Step>();
  }
}

export interface KnownPerson {
  readonly address: string;
  readonly name: string;
  readonly identityKey: Bytes;
}

export class Mailbox {
  readonly #items = new Map<string, MailItem>();
  readonly #people = new Map<string, Stamped<KnownPerson>>();
  #readReceipts: Stamped<boolean> | undefined;
  #lamport = 0;
  #liveCount = 0;

  /** Messages that are there, removed ones not counted. */
  get liveCount(): number {
    return this.#liveCount;
  }

  /** Greatest Lamport time seen. */
  get lamport(): number {
    return this.#lamport;
  }

  /** Whether senders may learn that their mail was read; off unless the person said otherwise. */
  get readReceipts(): boolean {
    return this.#readReceipts?.value ?? false;
  }

  item(id: string): MailItem | undefined {
    return this.#items.get(id);
  }

  /** Removed and not yet added ones too. */
  items(): IterableIterator<MailItem> {
    return this.#items.values();
  }

  person(address: string): KnownPerson | undefined {
    return this.#people.get(address)?.value;
  }

  people(): readonly KnownPerson[] {
    return [...this.#people.values()].map(({ value }) => value);
  }

  /** Applies an entry of the log of `device` (hexadecimal). Returns the id of the message that it concerns. */
  apply(device: string, { lamport, change }: MailEntry): string | undefined {
    this.#lamport = Math.max(this.#lamport, lamport);
    const stamp = { lamport, device };
    if (change.kind === 'person') {
      const known = { address: change.address, name: change.name, identityKey: change.identityKey };
      const newest = newer(this.#people.get(change.address), { value: known, stamp });
      this.#people.set(change.address, newest);
      return undefined;
    }
    if (change.kind === 'setting') {
      this.#readReceipts = newer(this.#readReceipts, { value: change.value, stamp });
      return undefined;
    }
    const id = toHex(change.message);
    const item = this.#itemOf(id);
    const wasLive = isLive(item);
    applyToItem(item, change, stamp);
    this.#liveCount += Number(isLive(item)) - Number(wasLive);
    return id;
  }

  /**
   * Changes which, made now, give this mailbox what `found` (of entries that cannot be had as entries any more) has and it lacks: the
   * state is then that of a mailbox that knows the entries of both. Devices that add one message add it alike.
   */
  *lacking(found: Mailbox): Generator<Change> {
    for (const theirs of found.items()) yield* lackingOf(this.#items.get(theirs.id), theirs);
    for (const [address, { value, stamp }] of found.#people)
      if (isNews(this.#people.get(address), stamp)) yield { kind: 'person', ...value, address };
    const setting = found.#readReceipts;
    if (setting !== undefined && isNews(this.#readReceipts, setting.stamp))
      yield { kind: 'setting', name: 'read-receipts', value: setting.value };
  }

  #itemOf(id: string): MailItem {
    let item = this.#items.get(id);
    if (item === undefined) this.#items.set(id, (item = new MailItem(id)));
    return item;
  }
}

function isLive({ added, removed }: MailItem): boolean {
  return added !== undefined && !removed;
}

function applyToItem(
  item: MailItem,
  change: Exclude<Change, { kind: 'person' | 'setting' }>,
  stamp: Stamp,
): void {
  switch (change.kind) {
    case 'add':
      // Both devices may have received it: the first entry in the order counts, whichever arrives first here.
      if (item.added === undefined || before(stamp, item.added.stamp)) item.added = addedBy(change, stamp);
      return;
    case 'move':
      item.moved = newer(item.moved, { value: change.folder, stamp });
      return;
    case 'flag':
      item.flagged = newer(item.flagged, { value: change.unread, stamp });
      return;
    case 'remove':
      item.removed = true;
      return;
    case 'delivery':
      for (const address of change.recipients) applyStep(item, address, change, stamp);
  }
}

function applyStep(item: MailItem, address: string, change: ChangeOf<'delivery'>, stamp: Stamp): void {
  let steps = item.deliveries.get(address);
  if (steps === undefined) item.deliveries.set(address, (steps = new Map()));
  const known = steps.get(change.state);
  if (known !== undefined && !before(stamp, known.stamp)) return;
  const { at, reason, evidence } = change;
  steps.set(change.state, { at, reason: reason ?? undefined, evidence, stamp });
}

function addedBy({ from, headers, reference, folder, unread }: ChangeOf<'add'>, stamp: Stamp): Added {
  return { from, headers, reference, folder, unread, stamp };
}

function* lackingOf(ours: MailItem | undefined, theirs: MailItem): Generator<Change> {
  const message = fromHex(theirs.id);
  if (ours?.removed === true) return;
  if (theirs.removed) return yield { kind: 'remove', message };
  const { added, moved, flagged } = theirs;
  if (added !== undefined && ours?.added === undefined) {
    const { from, headers, reference, folder, unread } = added;
    yield { kind: 'add', message, folder, unread, from, headers, reference };
  }
  const folder = newsOf(ours?.moved, moved);
  if (folder !== undefined) yield { kind: 'move', message, folder };
  const unread = newsOf(ours?.flagged, flagged);
  if (unread !== undefined) yield { kind: 'flag', message, unread };
  for (const [address, steps] of theirs.deliveries)
    for (const [state, { at, reason = null, evidence }] of steps)
      if (ours?.stepsOf(address).has(state) !== true)
        yield { kind: 'delivery', message, recipients: [address], state, at, reason, evidence };
}

/** The value that was found, when it is newer than what is known. */
function newsOf<T>(known: Stamped<T> | undefined, found: Stamped<T> | undefined): T | undefined {
  return found !== undefined && isNews(known, found.stamp) ? found.value : undefined;
}

function isNews(known: Stamped<unknown> | undefined, stamp: Stamp): boolean {
  return known === undefined || before(known.stamp, stamp);
}

function newer<T>(known: Stamped<T> | undefined, offered: Stamped<T>): Stamped<T> {
  return known === undefined || before(known.stamp, offered.stamp) ? offered : known;
}

function before(a: Stamp, b: Stamp): boolean {
  return a.lamport < b.lamport || (a.lamport === b.lamport && a.device < b.device);
}
