/** HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM, base and PSK mode: sealing to a key of a device. */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { Bytes } from '../codec/bytes.ts';
import { utf8 } from '../codec/bytes.ts';
import { ok, refuse, type Result } from '../codec/result.ts';

export const X25519_KEY_BYTES = 32;

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

export interface HpkeSealed {
  /** 32 bytes: the encapsulated key. */
  readonly encapsulated: Bytes;
  readonly ciphertext: Bytes;
}

/** What both ends know besides (RFC 9180, 5.1.2): a key of at least 32 bytes with the entropy of one, and its name. */
export interface PreSharedKey {
  readonly id: Bytes;
  readonly key: Bytes;
}

/**
 * Seals to a raw X25519 public key. `info` names the purpose and is bound in; with `psk` only who knows that opens it. Rejects
 * when the key is not a valid point.
 */
export async function hpkeSeal(
  recipientKey: Bytes,
  info: string,
  plaintext: Bytes,
  psk?: PreSharedKey,
): Promise<HpkeSealed> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(recipientKey);
  const sender = await suite.createSenderContext({
    recipientPublicKey,
    info: utf8(info),
    ...(psk ? { psk } : {}),
  });
  const ciphertext = await sender.seal(plaintext);
  return { encapsulated: new Uint8Array(sender.enc), ciphertext: new Uint8Array(ciphertext) };
}

/** Opens with the pair (some engines need both halves). Refusal: `unsealable`. */
export async function hpkeOpen(
  pair: CryptoKeyPair,
  info: string,
  sealed: HpkeSealed,
  psk?: PreSharedKey,
): Promise<Result<Bytes>> {
  try {
    const recipient = await suite.createRecipientContext({
      recipientKey: pair,
      enc: sealed.encapsulated,
      info: utf8(info),
      ...(psk ? { psk } : {}),
    });
    return ok(new Uint8Array(await recipient.open(sealed.ciphertext)));
  } catch {
    return refuse('unsealable', 'the message does not open with this key');
  }
}
