/** What asking a storage node comes to. */
import type { Bytes } from '../codec/bytes.ts';
import type { Held } from './verify.ts';
import type { Lease } from './wire.ts';

/** A peer answered with what it may not: counted, and the peer is passed over. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

export interface FoundBlock {
  readonly block: Bytes;
  /** None for who only reads. */
  readonly leases: readonly Lease[];
}

/** Something with versions and the proof of its state. */
export interface Versioned<T> extends Held {
  readonly thing: T;
}
