/** Token buckets per remote address: how often one machine may ask the authority. */

/** Addresses remembered; the one that asked longest ago goes first. */
const ADDRESSES_MAX = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Each address may make `burst` requests at once and `perSecond` lastingly. */
export class RateLimit {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  /** Whether `address` may ask now (milliseconds); counts it if so. */
  allow(address: string, now: number): boolean {
    const known = this.#buckets.get(address);
    const earned = known ? (Math.max(0, now - known.at) / 1000) * this.#perSecond : this.#burst;
    const bucket = { tokens: Math.min(this.#burst, (known?.tokens ?? 0) + earned), at: now };
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    // Re-inserted: a Map keeps the order of insertion, so the first one is the one that asked longest ago.
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > ADDRESSES_MAX) this.#buckets.delete(this.#buckets.keys().next().value!);
    return allowed;
  }
}
