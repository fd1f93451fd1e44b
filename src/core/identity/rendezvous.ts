/** The Rendezvous port: where two devices that share a code leave each other messages. What lies there is sealed. */
import type { Bytes } from '../codec/bytes.ts';
import type { Result } from '../codec/result.ts';

/** Who shows the code opens the place; the other device answers; the account is given, and taken. */
export const slots = ['opened', 'answered', 'given', 'taken'] as const;
export type Slot = (typeof slots)[number];

/** How long a place lasts, and with it the code: 10 minutes. */
export const PLACE_MS = 10 * 60 * 1000;
/** What one slot holds at most. */
export const SLOT_BYTES_MAX = 4 * 1024;
/** Form of a place's name. */
export const PLACE_PATTERN = /^[0-9a-f]{32}$/;

export interface Rendezvous {
  /**
   * Fills a slot, once for ever; the same bytes again are welcome. `opened` makes the place. Refusals: `slot-taken`, `place-unknown`
   * (or over), `too-many-places`, `unreachable`.
   */
  post(place: string, slot: Slot, bytes: Bytes): Promise<Result<true>>;
  /** What is in a slot, as soon as it is there. Refusals: `place-unknown` (or over), `unreachable`, `cancelled`. */
  wait(place: string, slot: Slot): Promise<Result<Bytes>>;
}
