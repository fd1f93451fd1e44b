/**
 * DAG-CBOR (IPLD; RFC 8949, section 4.2.3), without links: whole and other finite numbers, texts, bytes, lists, objects,
 * true, false and null. One value has one form: the decoder takes nothing that the encoder would not have written.
 */
import type { Bytes } from './bytes.ts';
import { CborReader, Malformed } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { ok, refuse, type Result } from './result.ts';

/** Where values are encoded before their length is known. */
const scratch = new Uint8Array(16 * 1024);

/** The value's one form. What DAG-CBOR does not have is our own mistake: InvariantError. */
export function encodeCbor(value: unknown): Bytes {
  const writer = new CborWriter(scratch);
  writer.value(value);
  return writer.taken();
}

/** Refusal: `malformed`, for all that is not the one form of a value. Never throws. */
export function decodeCbor(bytes: Uint8Array): Result<unknown> {
  const reader = new CborReader(bytes);
  try {
    const value = reader.value(0);
    return reader.ended ? ok(value) : refuse('malformed', 'more bytes than a value has');
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return refuse('malformed', error.message);
  }
}
