/** Handles: where a stored thing is, ring included, as text `post:<ring>/<key>` (design: names and encodings). */
import * as v from 'valibot';
import { fromBase32, toBase32 } from './bytes.ts';
import { ID_BYTES, type Key, type RingId } from './id.ts';
import { ok, refuse, type Result } from './result.ts';
import { idSchema } from './schema.ts';

export const handleSchema = v.strictObject({ ring: idSchema, key: idSchema });

/** A key in a ring; looking it up from another organization needs both. */
export interface Handle {
  readonly ring: RingId;
  readonly key: Key;
}

export function handleText(handle: Handle): string {
  return `post:${toBase32(handle.ring)}/${toBase32(handle.key)}`;
}

/** Refusal: `malformed`. */
export function parseHandle(text: string): Result<Handle> {
  const match = /^post:(b[a-z2-7]+)\/(b[a-z2-7]+)$/.exec(text);
  if (!match) return refuse('malformed', 'a handle looks like post:<ring>/<key>');
  try {
    const ring = fromBase32(match[1]!);
    const key = fromBase32(match[2]!);
    if (ring.length === ID_BYTES && key.length === ID_BYTES) return ok({ ring, key });
  } catch {
    return refuse('malformed', 'a handle whose ring or key is not base32');
  }
  return refuse('malformed', `a handle whose ring or key has not ${ID_BYTES} bytes`);
}
