/** Assertions for contract cases, which run under vitest and inside a browser page alike. */
import { assert } from '../../src/core/codec/assert.ts';

/** Deep equality; byte strings by their bytes. */
export function same(found: unknown, wanted: unknown): void {
  assert(show(found) === show(wanted), `found ${show(found)}, wanted ${show(wanted)}`);
}

/** `found` has all properties of `wanted`, deeply; it may have more. */
export function matches(found: unknown, wanted: object): void {
  for (const [key, value] of Object.entries(wanted)) {
    const inner = (found as Record<string, unknown> | undefined)?.[key];
    if (isPlain(value)) matches(inner, value);
    else assert(show(inner) === show(value), `${key}: found ${show(inner)}, wanted ${show(value)}`);
  }
}

export async function rejects(promise: Promise<unknown>, wanted: object): Promise<void> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  assert('error' in outcome, `resolved with ${show('value' in outcome && outcome.value)}, should reject`);
  matches(outcome.error, wanted);
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Uint8Array) return `bytes ${[...inner].join(' ')}`;
    if (!isPlain(inner) || Array.isArray(inner)) return inner === undefined ? 'undefined' : inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
