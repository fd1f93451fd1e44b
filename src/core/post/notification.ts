/**
 * The form of a notification: signed by the sender's device, with the certificates that lead to the authority, padded to a few
 * sizes, sealed to one device's prekey. POST paper §3.3.
 */
import * as v from 'valibot';
import { concat, equalBytes, type Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS } from '../codec/clock.ts';
import { INBOX_ENTRY_BYTES_MAX, RETENTION_MS } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { bytesMax, bytesOf, codec } from '../codec/schema.ts';
import { hpkeSeal, X25519_KEY_BYTES } from '../crypto/hpke.ts';
import { SIGNATURE_BYTES, verifyEd25519 } from '../crypto/sign.ts';
import {
  signedDeviceCertificate,
  signedIdentityCertificate,
  signedNodeCertificate,
  verifyDeviceCertificate,
  verifyIdentityCertificate,
  type IdentityCertificateBody,
  type RingTrust,
} from '../identity/certificates.ts';
import { notificationBody, receiptBody, type NotificationBody } from '../identity/signing-purposes.ts';
import type { Vault } from '../identity/vault.ts';

/** Bound into HPKE: what is sealed for this purpose opens for no other. */
const SEAL_INFO = 'epost/notification/v1';

/** Padded sizes, in bytes: an observer learns one of six numbers. The largest fits an inbox entry with its envelope. */
export const SIZE_CLASSES = [2048, 4096, 8192, 16_384, 24_576, INBOX_ENTRY_BYTES_MAX - 256] as const;
const PLAIN_BYTES_MAX = SIZE_CLASSES[SIZE_CLASSES.length - 1]!;
/** Bytes of content that surely fit, with certificates and signatures. */
export const CONTENT_BYTES_MAX = PLAIN_BYTES_MAX - 3 * 1024;

const version = v.literal(1);
const signature = bytesOf(SIGNATURE_BYTES);

const innerSchema = v.strictObject({
  v: version,
  body: notificationBody,
  /** By the device, purpose `notification`. */
  signature,
  identity: signedIdentityCertificate,
  device: signedDeviceCertificate,
});
export type SignedNotification = v.InferOutput<typeof innerSchema>;
/** What is padded and sealed. */
export const notificationCodec = codec('notification', innerSchema, PLAIN_BYTES_MAX);

/** What lies in an inbox or travels to a live device. */
export const sealedNotificationCodec = codec(
  'sealed notification',
  v.strictObject({
    v: version,
    /** Of the recipient's device. */
    prekey: bytesOf(X25519_KEY_BYTES),
    encapsulated: bytesOf(X25519_KEY_BYTES),
    ciphertext: bytesMax(INBOX_ENTRY_BYTES_MAX),
  }),
  INBOX_ENTRY_BYTES_MAX,
);

/** A live device's answer: a receipt of kind `inbox` over SHA-256 of the sealed notification, which it has on disk. */
export const acknowledgementCodec = codec(
  'acknowledgement',
  v.strictObject({
    v: version,
    receipt: v.strictObject({ body: receiptBody, signature }),
    certificate: signedNodeCertificate,
  }),
  8 * 1024,
);
export type Acknowledgement = v.InferOutput<typeof acknowledgementCodec.schema>;

export async function sealNotification(notification: SignedNotification, prekey: Bytes): Promise<Bytes> {
  const sealed = await hpkeSeal(prekey, SEAL_INFO, pad(notificationCodec.encode(notification)));
  return sealedNotificationCodec.encode({ v: 1, prekey, ...sealed });
}

/** Refusals: those of the formats, `unknown-prekey` (sealed to another device), `unsealable`, `bad-padding`. */
export async function openNotification(sealed: Bytes, vault: Vault): Promise<Result<SignedNotification>> {
  const outer = sealedNotificationCodec.decode(sealed);
  if (!outer.ok) return outer;
  const { prekey, encapsulated, ciphertext } = outer.value;
  const opened = await vault.openSealed(prekey, SEAL_INFO, { encapsulated, ciphertext });
  if (!opened.ok) return opened;
  const plain = unpad(opened.value);
  return plain.ok ? notificationCodec.decode(plain.value) : plain;
}

/** A notification that was checked to the last signature. */
export interface Notification {
  readonly body: NotificationBody;
  readonly signature: Bytes;
  readonly sender: IdentityCertificateBody;
  /** Key of the device that signed. */
  readonly deviceKey: Bytes;
}

/** Refusals: those of the certificates, `wrong-sender`, `wrong-recipient`, `bad-signature`, `expired`, `not-yet-valid`. */
export async function verifyNotification(
  notification: SignedNotification,
  trust: RingTrust,
  recipient: Bytes,
  now: number,
): Promise<Result<Notification>> {
  const { body, signature, identity, device } = notification;
  if (!equalBytes(body.to, recipient)) return refuse('wrong-recipient', 'a notification to somebody else');
  if (body.at > now + CLOCK_SKEW_MS) return refuse('not-yet-valid', 'a notification from the future');
  if (body.at < now - RETENTION_MS - CLOCK_SKEW_MS)
    return refuse('expired', 'a notification that is too old');
  const sender = await verifyIdentityCertificate(identity, trust, now);
  if (!sender.ok) return sender;
  if (!equalBytes(body.from, sender.value.signKey))
    return refuse('wrong-sender', 'a notification in the name of somebody else');
  const certified = await verifyDeviceCertificate(device);
  if (!certified.ok) return certified;
  const { identityKey, deviceKey } = certified.value;
  if (!equalBytes(identityKey, sender.value.signKey))
    return refuse('wrong-sender', "a notification by somebody else's device");
  if (!(await verifyEd25519(deviceKey, 'notification', body, signature)))
    return refuse('bad-signature', 'a notification that its device did not sign');
  return ok({ body, signature, sender: sender.value, deviceKey });
}

/** 0x80 and zeros up to the next size (ISO/IEC 7816-4). */
export function pad(plain: Bytes): Bytes {
  const size = SIZE_CLASSES.find((bytes) => plain.length < bytes) ?? plain.length + 1;
  const out = concat(plain, new Uint8Array(size - plain.length));
  out[plain.length] = 0x80;
  return out;
}

/** Refusal: `bad-padding`. */
export function unpad(padded: Bytes): Result<Bytes> {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== 0x80) return refuse('bad-padding', 'a notification with wrong padding');
  return ok(padded.slice(0, end));
}
