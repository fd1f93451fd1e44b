/** Who stores how much on this node: what each member holds leases on, in bytes of blocks. */
import { assert } from '../codec/assert.ts';
import { idText, type Id } from '../codec/id.ts';
import { accountOf, isRelease, LEASE_GRACE_MS, RELEASE_GRACE_MS, type LeaseBody } from './lease.ts';
import type { Lease } from './wire.ts';

export interface AccountStatement {
  /** Address of the member. */
  readonly name: string;
  /** Blocks here that the member holds a lease on, and their bytes: each is charged in full to everybody who holds it. */
  readonly blocks: number;
  readonly bytes: number;
  /** What the member may store, by the certificate of its newest lease. */
  readonly quotaBytes: number;
  /** Bytes of blocks whose lease has run out, or was released, before today (UTC), and which stay for its grace. */
  readonly graceBytes: number;
}

interface Account {
  readonly name: string;
  quotaBytes: number;
  /** When the lease was signed that named the quota. */
  quotaAt: number;
  /** Releases too. */
  leases: number;
  blocks: number;
  bytes: number;
  /** Bytes by the day on which leases run out, or did, and on which they were released: some 30 days of each member. */
  readonly ends: Map<number, number>;
  readonly releases: Map<number, number>;
}

const DAY_MS = 24 * 60 * 60_000;

/** One entry a member who holds anything here: bounded by the disk's leases. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();

  bytesOf(account: Id): number {
    return this.#accounts.get(idText(account))?.bytes ?? 0;
  }

  /** A member's lease on a block is another one now; undefined: there was, or is, none. */
  changed(before: Lease | undefined, after: Lease | undefined): void {
    this.#charge(before, -1);
    this.#charge(after, 1);
    for (const lease of [before, after])
      if (lease !== undefined) this.#forgetIfEmpty(idText(accountOf(lease)));
  }

  /** All who store anything, or have anything in grace; who stores most first. */
  statements(now: number): readonly AccountStatement[] {
    return [...this.#accounts.values()]
      .map(({ name, blocks, bytes, quotaBytes, ends, releases }) => ({
        ...{ name, blocks, bytes, quotaBytes },
        graceBytes: bytesSince(ends, now, LEASE_GRACE_MS) + bytesSince(releases, now, RELEASE_GRACE_MS),
      }))
      .filter(({ blocks, graceBytes }) => blocks > 0 || graceBytes > 0)
      .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  }

  #charge(lease: Lease | undefined, sign: 1 | -1): void {
    if (lease === undefined) return;
    const { body, certificate } = lease;
    const account = this.#accountFor(lease);
    if (body.at >= account.quotaAt) {
      account.quotaAt = body.at;
      account.quotaBytes = certificate.body.quotaBytes;
    }
    account.leases += sign;
    addTo(isRelease(body) ? account.releases : account.ends, body, sign);
    if (isRelease(body)) return;
    account.blocks += sign;
    account.bytes += sign * body.sizeBytes;
    assert(account.blocks >= 0 && account.bytes >= 0, 'nobody stores less than nothing');
  }

  #accountFor({ certificate }: Lease): Account {
    const { name, quotaBytes } = certificate.body;
    const account = idText(accountOf({ certificate }));
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const none = { quotaAt: 0, leases: 0, blocks: 0, bytes: 0 };
    const fresh = { name, quotaBytes, ...none, ends: new Map(), releases: new Map() };
    this.#accounts.set(account, fresh);
    return fresh;
  }

  #forgetIfEmpty(name: string): void {
    if (this.#accounts.get(name)?.leases === 0) this.#accounts.delete(name);
  }
}

function addTo(days: Map<number, number>, { until, sizeBytes }: LeaseBody, sign: 1 | -1): void {
  const day = Math.floor(until / DAY_MS);
  const bytes = (days.get(day) ?? 0) + sign * sizeBytes;
  if (bytes === 0) days.delete(day);
  else days.set(day, bytes);
}

/** Bytes of days before today, as long as the grace of their last moment runs. */
function bytesSince(days: ReadonlyMap<number, number>, now: number, graceMs: number): number {
  let sum = 0;
  for (const [day, bytes] of days) {
    const endsAt = (day + 1) * DAY_MS;
    if (endsAt <= now && now < endsAt + graceMs) sum += bytes;
  }
  return sum;
}
