/** The code that two devices share while they are paired: 80 random bits that a person can type, and what follows from them. */
import type { Bytes } from '../codec/bytes.ts';
import { toHex } from '../codec/bytes.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { sentence } from './sentences.ts';
import { deriveKey } from '../crypto/hash.ts';
import type { Random } from '../crypto/random.ts';

/** Of a code's secret: 80 bits. */
export const CODE_BYTES = 10;
/** Five bits each. */
export const CODE_CHARACTERS = (CODE_BYTES * 8) / 5;
const GROUP_CHARACTERS = 4;
/** Crockford's base 32: no I, L, O and U, which are read and typed wrongly. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What follows from a code, by HKDF-SHA-256, one purpose each. */
export interface CodeKeys {
  /** Where the devices meet at the relay: 32 hexadecimal digits. The code does not follow from it. */
  readonly place: string;
  /** AES-256 key of what they say there: 32 bytes. */
  readonly channelKey: Bytes;
  /** Pre-shared key under which the entropy is sealed besides: 32 bytes. */
  readonly accountKey: Bytes;
}

/** A fresh code of 4 groups: `K7PM-2Q4X-…`. */
export function makeCode(random: Random): string {
  return codeText(random.bytes(CODE_BYTES));
}

/** The code of 10 secret bytes. */
export function codeText(secret: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of secret) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31]!;
    held &= (1 << bits) - 1;
  }
  return (text.match(new RegExp(`.{1,${GROUP_CHARACTERS}}`, 'g')) ?? []).join('-');
}

/**
 * The 10 secret bytes of what was typed, scanned or pasted (a whole link too). Case, blanks and dashes are forgiven, O is 0, I and L
 * are 1. Refusals: `code-length`, `code-character`, each with a sentence for the person.
 */
export function parseCode(typed: string): Result<Bytes> {
  const characters = typed
    .slice(0, 500)
    .replace(/^.*#\/pair\//s, '')
    .replace(/[\s\-–—_.]/g, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  const strange = [...characters].find((character) => !ALPHABET.includes(character));
  if (strange !== undefined)
    return refuse('code-character', sentence('pairing/character', { character: strange }));
  if (characters.length !== CODE_CHARACTERS)
    return refuse(
      'code-length',
      sentence('pairing/length', { length: CODE_CHARACTERS, count: characters.length }),
    );
  const secret = new Uint8Array(CODE_BYTES);
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const character of characters) {
    held = (held << 5) | ALPHABET.indexOf(character);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    secret[length++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  return ok(secret);
}

export function keysOfCode(secret: Uint8Array): CodeKeys {
  return {
    place: toHex(deriveKey(secret, 'epost/pairing-place/v1', 16)),
    channelKey: deriveKey(secret, 'epost/pairing-channel/v1'),
    accountKey: deriveKey(secret, 'epost/pairing-account/v1'),
  };
}
