/**
 * What lies in the trash goes for good after 30 days. Entries of a log carry no date, so each device counts from when it first saw
 * the message there; the first one whose time is over removes it for all.
 */
import * as v from 'valibot';
import { concat, fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { codec, text, timeSchema, whole } from '../codec/schema.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { prefixRange } from '../storage/namespace.ts';
import { changesOf } from './commands.ts';
import type { Mailbox, MailItem, Stamp } from './mailbox.ts';
import type { MailboxLog } from './mailbox-log.ts';

/** How long a message stays in the trash: 30 days. */
export const TRASH_MS = 30 * 24 * 60 * 60 * 1000;

/** Since when a message lies in the trash, as kept on disk. */
export const trashedCodec = codec(
  'trashed',
  v.strictObject({
    v: v.literal(1),
    since: timeSchema,
    /** The move that brought it there: another one begins anew. */
    lamport: whole(2 ** 48),
    /** Hexadecimal device key. */
    device: text(64),
  }),
  256,
);
type Trashed = v.InferOutput<typeof trashedCodec.schema>;
const PREFIX = utf8('trash/');

export interface TrashPorts {
  readonly store: KeyValueStore;
  readonly log: Pick<MailboxLog, 'record'> & { readonly mailbox: Mailbox };
  readonly clock: Clock;
}

export class Trash {
  readonly #ports: TrashPorts;
  readonly #trashed: Map<string, Trashed>;

  private constructor(ports: TrashPorts, trashed: Map<string, Trashed>) {
    this.#ports = ports;
    this.#trashed = trashed;
  }

  /** Rejects with StoreError. */
  static async open(ports: TrashPorts): Promise<Trash> {
    const trashed = new Map<string, Trashed>();
    for (const [key, value] of await ports.store.entries(prefixRange(PREFIX))) {
      const decoded = trashedCodec.decode(value);
      if (decoded.ok) trashed.set(toHex(key.slice(PREFIX.length)), decoded.value);
    }
    return new Trash(ports, trashed);
  }

  /** Notes what came, forgets what left, removes what has been there for so long. Rejects with StoreError. */
  async lookAfter(): Promise<void> {
    const { log, clock, store } = this.#ports;
    const inTrash = inTrashOf(log.mailbox);
    const noted: [string, Trashed][] = [];
    const over: string[] = [];
    for (const [id, stamp] of inTrash) {
      const known = this.#trashed.get(id);
      if (known === undefined || !isOf(known, stamp))
        noted.push([id, { v: 1, since: clock.now(), ...stamp }]);
      else if (clock.now() >= known.since + TRASH_MS) over.push(id);
    }
    const left = [...this.#trashed.keys()].filter((id) => !inTrash.has(id));
    if (noted.length + left.length > 0) {
      await store.write([
        ...noted.map(([id, one]): Write => ({
          type: 'put',
          key: keyOf(id),
          value: trashedCodec.encode(one),
        })),
        ...left.map((id): Write => ({ type: 'delete', key: keyOf(id) })),
      ]);
      for (const [id, one] of noted) this.#trashed.set(id, one);
      for (const id of left) this.#trashed.delete(id);
    }
    await this.#remove(over);
  }

  async #remove(ids: readonly string[]): Promise<void> {
    const { log, clock } = this.#ports;
    const changes = changesOf({ kind: 'remove', messages: ids }, log.mailbox, clock.now());
    if (changes.length > 0) await log.record(changes);
  }
}

/** Ids of messages in the trash, each with the move that brought it there. */
function inTrashOf(mailbox: Mailbox): ReadonlyMap<string, Stamp> {
  const found = new Map<string, Stamp>();
  for (const item of mailbox.items()) {
    const stamp = isInTrash(item) ? (item.moved?.stamp ?? item.added?.stamp) : undefined;
    if (stamp !== undefined) found.set(item.id, { lamport: stamp.lamport, device: stamp.device });
  }
  return found;
}

function isInTrash(item: MailItem): boolean {
  return item.added !== undefined && !item.removed && item.folder === 'trash';
}

function isOf(known: Trashed, { lamport, device }: Stamp): boolean {
  return known.lamport === lamport && known.device === device;
}

function keyOf(id: string): Bytes {
  return concat(PREFIX, fromHex(id));
}
