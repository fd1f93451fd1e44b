/** The leases on this node's disk: one of each member and block, the newest; and what each member is charged. */
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Id, type Key } from '../codec/id.ts';
import { refuse, type Refusal } from '../codec/result.ts';
import type { RingTrust } from '../identity/certificates.ts';
import { Accounts, type AccountStatement } from './accounts.ts';
import { accountOf, compareLeases, isLapsed, isRelease } from './lease.ts';
import type { KeyValueStore, Write } from './key-value-store.ts';
import { leaseKey, leasePrefix, releaseKey } from './layout.ts';
import { prefixRange } from './namespace.ts';
import { verifyLease } from './verify.ts';
import { LEASES_MAX, leaseCodec, type Lease, type LeaseAnswer } from './wire.ts';

export interface LeaseBookOptions {
  readonly store: KeyValueStore;
  readonly trust: RingTrust;
  readonly clock: Clock;
  readonly counters: Counters;
}

/** What becomes of leases that were offered. */
export interface LeasePlan {
  /** One for each lease that was offered. */
  readonly answers: readonly LeaseAnswer[];
  readonly writes: readonly Write[];
  /** To be called when the writes are on disk. */
  readonly done: () => void;
  /** Whether the block has a reason to be here, with these and those that are here. */
  readonly protects: boolean;
  /** Why the first one was refused, if any was. */
  readonly refusal: Refusal | undefined;
}

/** Leases read at once when the book is opened. */
const PAGE = 500;

export class LeaseBook {
  readonly #options: LeaseBookOptions;
  readonly #accounts = new Accounts();

  private constructor(options: LeaseBookOptions) {
    this.#options = options;
  }

  /** Adds up what each member is charged. Rejects with StoreError. */
  static async open(options: LeaseBookOptions): Promise<LeaseBook> {
    const book = new LeaseBook(options);
    const range = prefixRange(leasePrefix(new Uint8Array(0)), PAGE);
    let { gte } = range;
    for (;;) {
      const entries = await options.store.entries({ ...range, gte });
      for (const [, bytes] of entries) book.#accounts.changed(undefined, book.#decode(bytes));
      if (entries.length < PAGE) return book;
      gte = new Uint8Array([...entries[PAGE - 1]![0], 0]);
    }
  }

  accounts(): readonly AccountStatement[] {
    return this.#accounts.statements(this.#options.clock.now());
  }

  /** Bytes that a member is charged here. */
  bytesOf(account: Id): number {
    return this.#accounts.bytesOf(account);
  }

  /** In the order of their accounts, from the one after `after`; at most `limit`. */
  async of(key: Key, after?: Id, limit = LEASES_MAX): Promise<readonly Lease[]> {
    const range = prefixRange(leasePrefix(key), limit);
    const gte = after === undefined ? range.gte : new Uint8Array([...leaseKey(key, after), 0]);
    const entries = await this.#options.store.entries({ ...range, gte });
    return entries.flatMap(([, bytes]) => this.#decode(bytes) ?? []);
  }

  async ofAccount(key: Key, account: Id): Promise<Lease | undefined> {
    const bytes = await this.#options.store.get(leaseKey(key, account));
    return bytes && this.#decode(bytes);
  }

  /**
   * Checks leases on a block that is or will be here; nothing is written yet. `isNew`: the block is not here, and so only what the same
   * members hold is looked at: something may be left of it, or claimed without a copy. To be used while nobody else changes the block.
   */
  async plan(key: Key, sizeBytes: number, offered: readonly Lease[], isNew = false): Promise<LeasePlan> {
    const { trust, clock } = this.#options;
    const now = clock.now();
    const known = isNew ? await this.#ofSameHolders(key, offered) : await this.of(key);
    const here = new Map(known.map((lease) => [idText(accountOf(lease)), lease]));
    const changes = new Map<string, { before: Lease | undefined; after: Lease }>();
    const answers: LeaseAnswer[] = [];
    let refusal: Refusal | undefined;
    for (const lease of offered) {
      const checked = await verifyLease(lease, key, sizeBytes, trust, now);
      const name = idText(accountOf(lease));
      const before = here.get(name);
      const kept = checked.ok ? this.#judge(lease, before, here.size) : checked;
      answers.push(typeof kept === 'string' ? kept : answerOf(kept));
      if (typeof kept !== 'string') refusal ??= kept;
      if (typeof kept !== 'string' || (before && compareLeases(before, lease) >= 0)) continue;
      here.set(name, lease);
      changes.set(name, { before: changes.get(name)?.before ?? before, after: lease });
    }
    return {
      answers,
      refusal,
      protects: !isLapsed([...here.values()], now),
      writes: [...changes.values()].map(({ after }) => leaseWrite(after)),
      done: () => {
        for (const { before, after } of changes.values()) this.#accounts.changed(before, after);
      },
    };
  }

  /** Our own user's lease: nobody checks it here. */
  async own(lease: Lease): Promise<Pick<LeasePlan, 'writes' | 'done'>> {
    const before = await this.ofAccount(lease.body.key, accountOf(lease));
    if (before !== undefined && compareLeases(before, lease) >= 0)
      return { writes: [], done: () => undefined };
    return { writes: [leaseWrite(lease)], done: () => this.#accounts.changed(before, lease) };
  }

  /** All leases of a block that goes. */
  async without(key: Key): Promise<Pick<LeasePlan, 'writes' | 'done'>> {
    const entries = await this.#options.store.entries(prefixRange(leasePrefix(key)));
    return {
      writes: entries.map(([name]) => ({ type: 'delete', key: name })),
      done: () => {
        for (const [, bytes] of entries) this.#accounts.changed(this.#decode(bytes), undefined);
      },
    };
  }

  /** Releases of our own that were not yet heard, at most `limit`. */
  async releases(limit: number): Promise<readonly Lease[]> {
    const entries = await this.#options.store.entries(prefixRange(releaseKey(), limit));
    return entries.flatMap(([, bytes]) => this.#decode(bytes) ?? []);
  }

  /** Our own release of a block, while the replicas have still to hear of it. */
  async releaseOf(key: Key): Promise<Lease | undefined> {
    const bytes = await this.#options.store.get(releaseKey(key));
    return bytes && this.#decode(bytes);
  }

  #judge(lease: Lease, before: Lease | undefined, count: number): 'kept' | Refusal {
    if (before !== undefined && !isRelease(before.body)) return 'kept';
    if (isRelease(lease.body)) return before ? 'kept' : refuse('missing', 'a release of what was not held');
    if (before === undefined && count >= LEASES_MAX)
      return refuse('crowded', 'a lease beyond those that one block has');
    const { quotaBytes, name } = lease.certificate.body;
    if (this.#accounts.bytesOf(accountOf(lease)) + lease.body.sizeBytes > quotaBytes)
      return refuse('over-quota', `${name} stores ${quotaBytes} bytes already`);
    return 'kept';
  }

  async #ofSameHolders(key: Key, offered: readonly Lease[]): Promise<readonly Lease[]> {
    const leases = await Promise.all(offered.map((lease) => this.ofAccount(key, accountOf(lease))));
    return leases.filter((lease) => lease !== undefined);
  }

  #decode(bytes: Bytes): Lease | undefined {
    const decoded = leaseCodec.decode(bytes);
    if (decoded.ok) return decoded.value;
    this.#options.counters.refused('storage', { code: 'damaged', reason: decoded.reason });
    return undefined;
  }
}

function answerOf({ code }: Refusal): LeaseAnswer {
  return code === 'missing' ? 'kept' : code === 'crowded' || code === 'over-quota' ? code : 'refused';
}

function leaseWrite(lease: Lease): Write {
  const { key } = lease.body;
  return { type: 'put', key: leaseKey(key, accountOf(lease)), value: leaseCodec.encode(lease) };
}

/** A release that the replicas have still to hear of; `heard`: they have. */
export function releaseWrite(release: Lease, heard: boolean): Write {
  const key = releaseKey(release.body.key);
  return heard ? { type: 'delete', key } : { type: 'put', key, value: leaseCodec.encode(release) };
}
