/** Checks the contacts inside messages before the machine sees them, each certificate once. */
import type { Counters } from '../codec/counters.ts';
import { toHex } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { ok, type Result } from '../codec/result.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { sha256 } from '../crypto/hash.ts';
import { checkDates, type RingTrust } from '../identity/certificates.ts';
import { checkContact, contactOf, type Introduction, type WireContact } from './contact.ts';

/** Good certificates remembered by their hash. */
export const CHECKED_CERTIFICATES_MAX = 2_048;

export class ContactChecker {
  readonly #trust: RingTrust;
  readonly #clock: Clock;
  readonly #counters: Counters;
  /** SHA-256 of signed certificates that were found good, the longest known first. */
  readonly #good = new Set<string>();

  constructor(trust: RingTrust, clock: Clock, counters: Counters) {
    this.#trust = trust;
    this.#clock = clock;
    this.#counters = counters;
  }

  /** The good ones, in their order; the others are counted. Never rejects. */
  async check(contacts: readonly WireContact[]): Promise<readonly Introduction[]> {
    const results = await Promise.all(contacts.map((contact) => this.#checkOne(contact)));
    return results.flatMap((result) => {
      if (result.ok) return [result.value];
      this.#counters.refused('overlay', result);
      return [];
    });
  }

  async #checkOne(wire: WireContact): Promise<Result<Introduction>> {
    const hash = toHex(sha256(encodeCbor(wire.certificate)));
    const { body } = wire.certificate;
    const now = this.#clock.now();
    if (this.#good.has(hash)) {
      const dates = checkDates('node certificate', body, now);
      if (!dates.ok) return dates;
      return ok({ contact: contactOf(wire), via: wire.via });
    }
    const checked = await checkContact(wire, this.#trust, now);
    if (!checked.ok) return checked;
    this.#remember(hash);
    return ok({ contact: checked.value, via: wire.via });
  }

  #remember(hash: string): void {
    if (this.#good.size >= CHECKED_CERTIFICATES_MAX) this.#good.delete(this.#good.values().next().value!);
    this.#good.add(hash);
  }
}
