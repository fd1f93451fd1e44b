/**
 * What a lease says, and which of two is in force. A member's lease on a block is its reference, its debit and, when released,
 * its delete (Kangasharju et al., P2P 2003, §4; PAST §2.2 reclaims by certificates of the owner in the same way).
 */
import { compareBytes, utf8, type Bytes } from '../codec/bytes.ts';
import type { Id, Key } from '../codec/id.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Lease } from './wire.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a lease runs: a year. Also the longest that is taken. */
export const LEASE_MS = 365 * DAY_MS;
/** What a lease protects after it has run out: 30 days more. */
export const LEASE_GRACE_MS = 30 * DAY_MS;
/** What is released stays so long: 7 days, in which the person's other devices and other holders are heard. */
export const RELEASE_GRACE_MS = 7 * DAY_MS;
/**
 * A lease is renewed when it has between 335 and 350 days left, each block at a time of its own. So whoever has just closed the last
 * tab, and comes back with nothing but the words, is protected for a year at least, 335 days and the grace.
 */
export const RENEW_LEFT_MS = 335 * DAY_MS;
export const RENEW_SPREAD_MS = 15 * DAY_MS;

export type LeaseBody = Lease['body'];

/** Who is charged: the member of that address, whichever of the member's nodes signed. */
export function accountOf({ certificate }: Pick<Lease, 'certificate'>): Id {
  return accountNamed(certificate.body.name);
}

export function accountNamed(address: string): Id {
  return sha256(utf8(address));
}

/** A lease that ends when it begins gives the block up. */
export function isRelease({ at, until }: LeaseBody): boolean {
  return until <= at;
}

/** Whether the member is charged for it, and counts on it. */
export function isInForce(body: LeaseBody, now: number): boolean {
  return !isRelease(body) && body.until > now;
}

/** Until when a block stays for it, in milliseconds since 1970. */
export function protectsUntil(body: LeaseBody): number {
  return body.until + (isRelease(body) ? RELEASE_GRACE_MS : LEASE_GRACE_MS);
}

/** Whether none of them keeps the block any more. Of no leases at all too. */
export function isLapsed(leases: readonly Lease[], now: number): boolean {
  return leases.every(({ body }) => protectsUntil(body) <= now);
}

/** Of two leases of one member on one block the later one wins; of the same time the longer one, then the larger signature. */
export function compareLeases(a: Lease, b: Lease): number {
  return a.body.at - b.body.at || a.body.until - b.body.until || compareBytes(a.signature, b.signature);
}

/** At most `limit` of them: those that protect longest, which is what a block's new home has to know first. */
export function longest(leases: readonly Lease[], limit: number): readonly Lease[] {
  return [...leases].sort((a, b) => protectsUntil(b.body) - protectsUntil(a.body)).slice(0, limit);
}

/** Whether its holder should renew it now; `lease`: the newest one that the holder knows of its own. */
export function isDue(key: Key, lease: Lease | undefined, now: number): boolean {
  if (lease === undefined || isRelease(lease.body)) return true;
  return lease.body.until - now < RENEW_LEFT_MS + spreadOf(key);
}

/** Blocks that were stored together are not renewed together. */
function spreadOf(key: Bytes): number {
  return (((key[0]! << 8) | key[1]!) / 0x10000) * RENEW_SPREAD_MS;
}
