/** What two devices that share a code say to each other: formats, each sealed under the code's channel key for its slot. */
import * as v from 'valibot';
import { utf8, type Bytes } from '../codec/bytes.ts';
import { refuse, type Result } from '../codec/result.ts';
import { bytesMax, bytesOf, codec, text, type Codec } from '../codec/schema.ts';
import { sentence } from './sentences.ts';
import { X25519_KEY_BYTES } from '../crypto/hpke.ts';
import type { Random } from '../crypto/random.ts';
import { seal, sealKey, unseal } from '../crypto/seal.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import type { Slot } from './rendezvous.ts';

const version = v.literal(1);

/** In `opened` and `answered`: `account` of who has one and can give it, `key` of who has none and would take one. */
export const helloCodec = codec(
  'pairing hello',
  v.strictObject({
    v: version,
    /** What the device is called: "Chromium on Linux". */
    label: text(64),
    account: v.optional(v.strictObject({ address: text(320), identityKey: bytesOf(PUBLIC_KEY_BYTES) })),
    /** Raw X25519 key, made for this pairing. */
    key: v.optional(bytesOf(X25519_KEY_BYTES)),
  }),
  1024,
);
export type Hello = ReturnType<typeof helloCodec.decode> extends Result<infer T> ? T : never;

/** In `given`: the sealed entropy, or why there is none. */
export const givenCodec = codec(
  'pairing gift',
  v.strictObject({
    v: version,
    sealed: v.optional(
      v.strictObject({ encapsulated: bytesOf(X25519_KEY_BYTES), ciphertext: bytesMax(256) }),
    ),
    not: v.optional(v.picklist(['declined', 'no-entropy'])),
  }),
  1024,
);

/** In `taken`: whether the device uses the account now. */
export const takenCodec = codec('pairing end', v.strictObject({ v: version, done: v.boolean() }), 256);

/** Sealed for this slot under a code's channel key. */
export async function sealMessage<T>(
  format: Codec<T>,
  message: T,
  slot: Slot,
  channelKey: Bytes,
  random: Random,
): Promise<Bytes> {
  return seal(await sealKey(channelKey), format.encode(message), contextOf(slot), random);
}

/** Refusals: `wrong-code` (it was not sealed by who knows the code, for this slot), and those of decoding. */
export async function openMessage<T>(
  format: Codec<T>,
  bytes: Bytes,
  slot: Slot,
  channelKey: Bytes,
): Promise<Result<T>> {
  const opened = await unseal(await sealKey(channelKey), bytes, contextOf(slot));
  if (!opened.ok) return refuse('wrong-code', sentence('pairing/wrong-code'));
  return format.decode(opened.value);
}

function contextOf(slot: Slot): Bytes {
  return utf8(`epost/pairing/${slot}/v1`);
}
