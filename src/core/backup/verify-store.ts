/**
 * Walks a node's disk and proves that everything on it is what it was written as: blocks, records, certificates, inboxes, leases,
 * tombstones, and the logs that a member's node keeps. Reads only, a page at a time.
 */
import { concat, equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import { ID_BYTES, type Key } from '../codec/id.ts';
import { refuse, type Refusal, type Result } from '../codec/result.ts';
import type { RingTrust } from '../identity/certificates.ts';
import { MAILBOX_LABEL } from '../identity/identity-block.ts';
import { checkHead } from '../post/log-reader.ts';
import { inOrder } from '../post/pipeline.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { claimCodec } from '../storage/claims.ts';
import {
  claimKey,
  dataKey,
  heldIndex,
  indexKey,
  indexPrefix,
  leasePrefix,
  placeOf,
  placeOfIndexKey,
  tombstoneKey,
  type HeldIndex,
  type Place,
} from '../storage/layout.ts';
import { accountOf } from '../storage/lease.ts';
import { after, namespace, prefixRange } from '../storage/namespace.ts';
import { StorageError } from '../storage/storage.ts';
import { verifyLease } from '../storage/verify.ts';
import { leaseCodec, recordCodec } from '../storage/wire.ts';
import { assertGoingOn, type Watch } from './backup.ts';
import { logBlocks } from './mailbox-blocks.ts';
import { verifyJournals } from './verify-journals.ts';
import { verifyThing } from './verify-things.ts';

/** Entries of the disk that are listed at once, and things that are read at once (each at most 1 MiB). */
const PAGE = 500;
const READS_AT_ONCE = 4;
/** Faults that are named one by one; further ones are counted. */
export const FAULTS_MAX = 1000;
/** Bytes of the first and longest part of an index key: letter, kind, key. */
const INDEX_KEY_BYTES = 2 + ID_BYTES;
const KINDS = 5;
const DATA_PREFIX: Bytes = Uint8Array.of(dataKey(placeOf('block', new Uint8Array(ID_BYTES)))[0]!);
const LEASE_PREFIX: Bytes = leasePrefix(new Uint8Array(0));
const NOT_HERE = 'it is not on this disk';

export type VerifiedKind = Place['kind'] | 'lease' | 'tombstone' | 'log' | 'journal' | 'index' | 'data';

export interface Fault {
  readonly kind: VerifiedKind;
  /** Hexadecimal; of a journal its name. */
  readonly key: string;
  /** Short, stable, kebab-case; the reason is for people. */
  readonly code: string;
  readonly reason: string;
}

export interface StoreReport {
  /** How many of each kind were looked at. */
  readonly checked: Readonly<Record<VerifiedKind, number>>;
  /** Bytes of things that were hashed. */
  readonly bytes: number;
  /** Blocks of logs that other nodes keep: none of this disk's business. */
  readonly elsewhere: number;
  readonly faults: readonly Fault[];
  readonly faultCount: number;
}

/**
 * For a node that runs meanwhile: what is written or removed between two reads may look wrong once, so only what is found wrong
 * in the same way twice is a fault. Rejects like verifyStore.
 */
export async function verifyLiveStore(
  disk: KeyValueStore,
  trust: RingTrust,
  now: number,
  watch: Watch = {},
): Promise<StoreReport> {
  const first = await verifyStore(disk, trust, now, watch);
  if (first.faultCount === 0) return first;
  const again = await verifyStore(disk, trust, now, watch);
  const name = ({ kind, key, code }: Fault): string => `${kind}/${key}/${code}`;
  const before = new Set(first.faults.map(name));
  const faults = again.faults.filter((fault) => before.has(name(fault)));
  // Of more faults than are named one by one, the others are taken at their count.
  const unnamed = again.faultCount - again.faults.length;
  return { ...again, faults, faultCount: faults.length + unnamed };
}

/** The node must not run meanwhile. Progress is in things looked at. `now` is for leases. Rejects with StoreError, or BackupError `stopped`. */
export async function verifyStore(
  disk: KeyValueStore,
  trust: RingTrust,
  now: number,
  watch: Watch = {},
): Promise<StoreReport> {
  const walk = new Walk(namespace(disk, 'storage'), trust, now, watch);
  await walk.things();
  await walk.orphans();
  await walk.leases();
  await walk.tombstones();
  for await (const { name, result } of verifyJournals(disk)) walk.tell('journal', name, result);
  return walk.report();
}

class Walk {
  readonly #store: KeyValueStore;
  readonly #trust: RingTrust;
  readonly #now: number;
  readonly #watch: Watch;
  readonly #checked: Record<VerifiedKind, number> = {
    ...{ block: 0, record: 0, certificate: 0, inbox: 0, clear: 0 },
    ...{ lease: 0, tombstone: 0, log: 0, journal: 0, index: 0, data: 0 },
  };
  readonly #faults: Fault[] = [];
  #faultCount = 0;
  #bytes = 0;
  #elsewhere = 0;
  #done = 0;

  constructor(store: KeyValueStore, trust: RingTrust, now: number, watch: Watch) {
    this.#store = store;
    this.#trust = trust;
    this.#now = now;
    this.#watch = watch;
  }

  report(): StoreReport {
    return {
      checked: this.#checked,
      bytes: this.#bytes,
      elsewhere: this.#elsewhere,
      faults: this.#faults,
      faultCount: this.#faultCount,
    };
  }

  /** Each index entry with its data. */
  async things(): Promise<void> {
    const results = inOrder(this.#entries(indexPrefix()), READS_AT_ONCE, async ([key, value]) => {
      const found = openIndex(key, value);
      if (!found.ok) return { kind: 'index' as const, key, result: found };
      const { place, index } = found.value;
      const data = await this.#store.get(dataKey(place));
      const result = await verifyThing(place, index, data, this.#trust);
      return { kind: place.kind, key: place.key, result, place, data };
    });
    for await (const { kind, key, result, place, data } of results) {
      this.tell(kind, toHex(key), result);
      this.#bytes += data?.length ?? 0;
      if (result.ok && place?.kind === 'record' && data !== undefined) await this.#log(data);
    }
  }

  /** Data that no index entry leads to take up space for ever. */
  async orphans(): Promise<void> {
    for await (const key of this.#keys(DATA_PREFIX)) {
      const place = placeIn(key);
      const known = place && (await this.#store.get(indexKey(place)));
      if (known === undefined)
        this.tell('data', toHex(key.slice(2)), refuse('orphan', 'data without an index entry'));
    }
  }

  async leases(): Promise<void> {
    for await (const [name, value] of this.#entries(LEASE_PREFIX)) {
      const key = name.slice(1, 1 + ID_BYTES) as Key;
      this.tell('lease', toHex(name.slice(1)), await this.#lease(name, key, value));
    }
  }

  async tombstones(): Promise<void> {
    for await (const [name, value] of this.#entries(tombstoneKey())) {
      const sound = name.length === 1 + 2 * ID_BYTES && value.length === 8;
      const result = sound ? { ok: true as const } : refuse('malformed', 'a tombstone of another form');
      this.tell('tombstone', toHex(name.slice(1)), result);
    }
  }

  tell(kind: VerifiedKind, key: string, result: { readonly ok: true } | Refusal): void {
    this.#checked[kind] += 1;
    this.#done += 1;
    this.#watch.onProgress?.(this.#done, 0);
    if (!result.ok) this.#fault({ kind, key, code: result.code, reason: result.reason });
  }

  /** What of a log is on this disk has to fit its head. */
  async #log(data: Bytes): Promise<void> {
    const record = recordCodec.decode(data);
    if (!record.ok || record.value.body.label !== MAILBOX_LABEL) return;
    const head = await checkHead(record.value, record.value.body.writer);
    if (!head.ok) return;
    this.#checked.log += 1;
    for await (const reached of logBlocks({ fetch: (key) => this.#local(key) }, head.value)) {
      if (reached.ok) continue;
      if (reached.reason.endsWith(NOT_HERE)) this.#elsewhere += 1;
      else {
        const key = toHex(record.value.body.writer);
        this.#fault({ kind: 'log', key, code: 'broken-chain', reason: reached.reason });
      }
    }
  }

  async #local(key: Key): Promise<Bytes> {
    const data = await this.#store.get(dataKey(placeOf('block', key)));
    if (data === undefined) throw new StorageError('not-found', NOT_HERE);
    return data;
  }

  async #lease(name: Bytes, key: Key, value: Bytes): Promise<Result<true>> {
    const lease = leaseCodec.decode(value);
    if (!lease.ok) return lease;
    if (!equalBytes(name.slice(1 + ID_BYTES), accountOf(lease.value)))
      return refuse('wrong-place', 'a lease under the name of another member');
    const bytes = await this.#store.get(indexKey(placeOf('block', key)));
    const index = bytes && heldIndex.decode(bytes);
    const sizeBytes = index?.ok === true ? index.value.sizeBytes : await this.#claimedBytes(key);
    if (sizeBytes === undefined)
      return refuse('orphan', 'a lease on a block that is neither here nor claimed');
    return verifyLease(lease.value, key, sizeBytes, this.#trust, this.#now);
  }

  async #claimedBytes(key: Key): Promise<number | undefined> {
    const bytes = await this.#store.get(claimKey(key));
    const claim = bytes && claimCodec.decode(bytes);
    return claim?.ok === true ? claim.value.sizeBytes : undefined;
  }

  #fault(fault: Fault): void {
    this.#faultCount += 1;
    if (this.#faults.length < FAULTS_MAX) this.#faults.push(fault);
  }

  async *#entries(prefix: Bytes): AsyncGenerator<readonly [Bytes, Bytes]> {
    let range = prefixRange(prefix, PAGE);
    for (;;) {
      assertGoingOn(this.#watch);
      const page = await this.#store.entries(range);
      yield* page;
      if (page.length < PAGE) return;
      range = { ...range, gte: after(page.at(-1)![0]) };
    }
  }

  async *#keys(prefix: Bytes): AsyncGenerator<Bytes> {
    let range = prefixRange(prefix, PAGE);
    for (;;) {
      assertGoingOn(this.#watch);
      const page = await this.#store.keys(range);
      yield* page;
      if (page.length < PAGE) return;
      range = { ...range, gte: after(page.at(-1)!) };
    }
  }
}

function openIndex(key: Bytes, value: Bytes): Result<{ readonly place: Place; readonly index: HeldIndex }> {
  const place = placeIn(key);
  if (place === undefined) return refuse('malformed', 'an index entry under a key of another form');
  const index = heldIndex.decode(value);
  return index.ok ? { ok: true, value: { place, index: index.value } } : index;
}

/** The place that a key of an index entry or of data names; undefined when it is none. */
function placeIn(key: Bytes): Place | undefined {
  const kind = key[1] ?? 0;
  if (key.length < INDEX_KEY_BYTES || kind < 1 || kind > KINDS) return undefined;
  return placeOfIndexKey(concat(indexPrefix(), key.slice(1)));
}
