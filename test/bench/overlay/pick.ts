/** Random keys and nodes: what is measured is chosen anew in each run. */
import { randomBytes, randomInt } from 'node:crypto';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';

/** One of them, but not `except`. */
export function pick<T>(all: readonly T[], except?: T): T {
  const others = all.filter((one) => one !== except);
  assert(others.length > 0, 'there is one to pick');
  return others[randomInt(others.length)]!;
}

export function someBytes(length: number): Bytes {
  return new Uint8Array(randomBytes(length));
}
