/**
 * The state of a mailbox: the deterministic merge of its devices' logs. Messages are an add/remove set; folder, flags, labels and
 * whatever else one chooses are last-writer-wins by (Lamport time, device); deliveries keep the first proof of each step. Any
 * order, any interleaving and any repetition of the same entries gives the same state.
 */
import { fromHex, toHex, type Bytes } from '../codec/bytes.ts';
import { KeptAdded, Shared, type Added } from './added.ts';
import {
  isMessageChange,
  messagesOf,
  registerOf,
  type Change,
  type ChangeOf,
  type MailEntry,
  type MessageChange,
  type RegisterChange,
  type Standing,
} from './entries.ts';
import type { Evidence } from './evidence-schema.ts';
import { isSystemFolder, type Folder, type FolderView, type LabelId, type LabelView } from './folders.ts';
import type { Rule } from './rules.ts';
import { settingDefaults, type SettingName, type SettingValues } from './settings.ts';
import type { DeliveryState } from './views.ts';

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

const NO_STEPS: ReadonlyMap<DeliveryState, Step> = new Map();

export class MailItem {
  readonly id: string;
  /** Undefined while only later changes of it are known. */
  added: Added | undefined = undefined;
  removed = false;
  moved: Stamped<Folder> | undefined = undefined;
  flagged: Stamped<boolean> | undefined = undefined;
  starring: Stamped<boolean> | undefined = undefined;
  /** By label: whether it was put on or taken off last. */
  labelled: Map<LabelId, Stamped<boolean>> | undefined = undefined;
  /** By address, then by state. */
  deliveries: Map<string, Map<DeliveryState, Step>> | undefined = undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** Where it was put; an own folder may be no more (`Mailbox.folderOf`). */
  get folder(): Folder {
    return this.moved?.value ?? this.added?.folder ?? 'inbox';
  }

  get unread(): boolean {
    return this.flagged?.value ?? this.added?.unread ?? false;
  }

  get starred(): boolean {
    return this.starring?.value ?? false;
  }

  /** Labels that are on it, those that are no more included. */
  get labels(): readonly LabelId[] {
    return [...(this.labelled ?? [])].flatMap(([label, { value }]) => (value ? [label] : []));
  }

  /** The most advanced state of a recipient. */
  stateOf(address: string): DeliveryState {
    let best: DeliveryState = 'queued';
    for (const state of this.stepsOf(address).keys()) if (ranks[state] > ranks[best]) best = state;
    return best;
  }

  stepsOf(address: string): ReadonlyMap<DeliveryState, Step> {
    return this.deliveries?.get(address) ?? NO_STEPS;
  }
}

export interface KnownPerson {
  readonly address: string;
  readonly name: string;
  readonly identityKey: Bytes;
}

/** What an entry concerns. */
export interface Touched {
  /** Ids of messages. */
  readonly ids: readonly string[];
  /** The address of somebody whose name, key or verification it gives. */
  readonly person: string | undefined;
  /** An own folder or a label came, went or has another name. */
  readonly filing: boolean;
}

export class Mailbox {
  readonly #items = new Map<string, MailItem>();
  readonly #registers = new Map<RegisterChange['kind'], Map<string, Stamped<RegisterChange>>>();
  readonly #shared = new Shared();
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

  item(id: string): MailItem | undefined {
    return this.#items.get(id);
  }

  /** Removed and not yet added ones too. */
  items(): IterableIterator<MailItem> {
    return this.#items.values();
  }

  /** Where a message is shown: in the archive when its folder is no more. */
  folderOf({ folder }: MailItem): Folder {
    return isSystemFolder(folder) || this.#isNamed('folder', folder) ? folder : 'archive';
  }

  /** Labels on a message that exist. */
  labelsOf(item: MailItem): readonly LabelId[] {
    if (item.labelled === undefined) return [];
    return item.labels.filter((label) => this.#isNamed('label-name', label));
  }

  person(address: string): KnownPerson | undefined {
    return this.#register('person', address);
  }

  people(): readonly KnownPerson[] {
    return this.#all('person');
  }

  /** What the person said of somebody who writes to them. */
  standingOf(address: string): Standing | undefined {
    return this.#register('standing', address)?.standing ?? undefined;
  }

  /** The key that the person compared with its owner, and when. */
  verifiedKeyOf(address: string): { readonly identityKey: Bytes; readonly at: number } | undefined {
    const said = this.#register('verified', address);
    if (said === undefined || said.identityKey === null) return undefined;
    return { identityKey: said.identityKey, at: said.at };
  }

  /** The person's own folders, by name. */
  folders(): readonly FolderView[] {
    return this.#all('folder')
      .flatMap(({ folder, name }) => (name === null ? [] : [{ id: folder, name }]))
      .sort(byName);
  }

  labels(): readonly LabelView[] {
    return this.#all('label-name')
      .flatMap(({ label, name, hue }) => (name === null ? [] : [{ id: label, name, hue }]))
      .sort(byName);
  }

  /** By hexadecimal id, in the order in which they are applied. */
  rules(): readonly { readonly id: string; readonly rule: Rule }[] {
    return this.#all('rule')
      .flatMap(({ id, rule }) => (rule === null ? [] : [{ id: toHex(id), rule }]))
      .sort((a, b) => a.rule.place - b.rule.place || (a.id < b.id ? -1 : 1));
  }

  setting<N extends SettingName>(name: N): SettingValues[N] {
    const said = this.#register('setting', name)?.setting;
    return said === undefined ? settingDefaults[name] : (said.value as SettingValues[N]);
  }

  /** Applies an entry of the log of `device` (hexadecimal). */
  apply(device: string, { lamport, change }: MailEntry): Touched {
    this.#lamport = Math.max(this.#lamport, lamport);
    const stamp = { lamport, device };
    if (!isMessageChange(change)) {
      const known = this.#registersOf(change.kind);
      const place = registerOf(change);
      known.set(place, newer(known.get(place), { value: change, stamp }));
      const isOfPerson = change.kind === 'person' || change.kind === 'verified';
      const filing = change.kind === 'folder' || change.kind === 'label-name';
      return { ids: [], person: isOfPerson ? change.address : undefined, filing };
    }
    const ids = messagesOf(change).map(toHex);
    for (const id of ids) {
      const item = this.#itemOf(id);
      const wasLive = isLive(item);
      applyToItem(item, change, stamp, this.#shared);
      this.#liveCount += Number(isLive(item)) - Number(wasLive);
    }
    return { ids, person: undefined, filing: false };
  }

  /**
   * Changes which, made now, give this mailbox what `found` (of entries that cannot be had as entries any more) has and it lacks: the
   * state is then that of a mailbox that knows the entries of both. Devices that add one message add it alike.
   */
  *lacking(found: Mailbox): Generator<Change> {
    for (const theirs of found.items()) yield* lackingOf(this.#items.get(theirs.id), theirs);
    for (const [kind, registers] of found.#registers)
      for (const [place, { value, stamp }] of registers)
        if (isNews(this.#registersOf(kind).get(place), stamp)) yield value;
  }

  #isNamed(kind: 'folder' | 'label-name', place: string): boolean {
    return typeof this.#register(kind, place)?.name === 'string';
  }

  #itemOf(id: string): MailItem {
    let item = this.#items.get(id);
    if (item === undefined) this.#items.set(id, (item = new MailItem(id)));
    return item;
  }

  #registersOf(kind: RegisterChange['kind']): Map<string, Stamped<RegisterChange>> {
    let known = this.#registers.get(kind);
    if (known === undefined) this.#registers.set(kind, (known = new Map()));
    return known;
  }

  #register<K extends RegisterChange['kind']>(kind: K, place: string): RegisterOf<K> | undefined {
    return this.#registers.get(kind)?.get(place)?.value as RegisterOf<K> | undefined;
  }

  #all<K extends RegisterChange['kind']>(kind: K): RegisterOf<K>[] {
    return [...(this.#registers.get(kind)?.values() ?? [])].map(({ value }) => value as RegisterOf<K>);
  }
}

type RegisterOf<K extends RegisterChange['kind']> = Extract<RegisterChange, { kind: K }>;

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name.localeCompare(b.name);
}

function isLive({ added, removed }: MailItem): boolean {
  return added !== undefined && !removed;
}

function applyToItem(item: MailItem, change: MessageChange, stamp: Stamp, shared: Shared): void {
  switch (change.kind) {
    case 'add':
      // Both devices may have received it: the first entry in the order counts, whichever arrives first here.
      if (item.added === undefined || before(stamp, item.added.stamp))
        item.added = new KeptAdded(change, stamp, shared);
      return;
    case 'move':
      item.moved = newer(item.moved, { value: change.folder, stamp });
      return;
    case 'flag': {
      const flag = { value: change.on, stamp };
      if (change.flag === 'unread') item.flagged = newer(item.flagged, flag);
      else item.starring = newer(item.starring, flag);
      return;
    }
    case 'label':
      item.labelled ??= new Map();
      item.labelled.set(change.label, newer(item.labelled.get(change.label), { value: change.on, stamp }));
      return;
    case 'remove':
      item.removed = true;
      return;
    case 'delivery':
      for (const address of change.recipients) applyStep(item, address, change, stamp);
  }
}

function applyStep(item: MailItem, address: string, change: ChangeOf<'delivery'>, stamp: Stamp): void {
  item.deliveries ??= new Map();
  let steps = item.deliveries.get(address);
  if (steps === undefined) item.deliveries.set(address, (steps = new Map()));
  const known = steps.get(change.state);
  if (known !== undefined && !before(stamp, known.stamp)) return;
  const { at, reason, evidence } = change;
  steps.set(change.state, { at, reason: reason ?? undefined, evidence, stamp });
}

function* lackingOf(ours: MailItem | undefined, theirs: MailItem): Generator<Change> {
  const message = fromHex(theirs.id);
  const messages = [message];
  if (ours?.removed === true) return;
  if (theirs.removed) return yield { kind: 'remove', messages };
  const { added, moved, flagged, starring } = theirs;
  if (added !== undefined && ours?.added === undefined) {
    const { from, headers, reference, folder, unread } = added;
    yield { kind: 'add', message, folder, unread, from, headers, reference };
  }
  const folder = newsOf(ours?.moved, moved);
  if (folder !== undefined) yield { kind: 'move', messages, folder };
  const unread = newsOf(ours?.flagged, flagged);
  if (unread !== undefined) yield { kind: 'flag', messages, flag: 'unread', on: unread };
  const starred = newsOf(ours?.starring, starring);
  if (starred !== undefined) yield { kind: 'flag', messages, flag: 'starred', on: starred };
  for (const [label, found] of theirs.labelled ?? []) {
    const on = newsOf(ours?.labelled?.get(label), found);
    if (on !== undefined) yield { kind: 'label', messages, label, on };
  }
  for (const [address, steps] of theirs.deliveries ?? [])
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
