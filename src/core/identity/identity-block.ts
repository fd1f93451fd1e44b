/** The identity block: a person's own signed record of display name, devices and prekeys (design: identity). */
import * as v from 'valibot';
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import { DEVICES_MAX, RECORD_BYTES_MAX, REMOVED_DEVICES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { bytesOf, codec, idSchema, listOf, text, timeSchema, whole } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES, verifyEd25519 } from '../crypto/sign.ts';
import {
  signedDeviceCertificate,
  signedIdentityCertificate,
  signedPrekey,
  verifyDeviceCertificate,
  verifyIdentityCertificate,
  type DeviceCertificate,
  type Prekey,
  type RingTrust,
} from './certificates.ts';
import { choosePrekey, PREKEYS_PUBLISHED_MAX, type ChosenPrekey } from './prekeys.ts';

/** Label of the record under which it is stored; its writer is the identity key. */
export const IDENTITY_LABEL = 'identity';
/** Label of the head record of a device's mailbox log; its writer is the device key. */
export const MAILBOX_LABEL = 'mailbox';

export const identityDevice = v.strictObject({
  certificate: signedDeviceCertificate,
  prekeys: listOf(signedPrekey, PREKEYS_PUBLISHED_MAX),
});
export type IdentityDevice = v.InferOutput<typeof identityDevice>;

const removedDevice = v.strictObject({
  deviceKey: bytesOf(PUBLIC_KEY_BYTES),
  at: timeSchema,
  /** Where its log ends for the mailbox: number of entries, and the hash chain over them. Unset: as far as it goes. */
  head: v.optional(v.strictObject({ next: whole(), chain: idSchema })),
});
/** A device that its person removed, when, and up to where its log counts. */
export type RemovedDevice = v.InferOutput<typeof removedDevice>;

export const identityBlock = v.strictObject({
  v: v.literal(1),
  /** Canonical `local@domain`. */
  name: text(320),
  displayName: text(100),
  identityCertificate: signedIdentityCertificate,
  devices: listOf(identityDevice, DEVICES_MAX),
  /** Devices that the person removed: no merge brings them back. What they wrote before stays in the mailbox. */
  removed: v.optional(listOf(removedDevice, REMOVED_DEVICES_MAX)),
});
export type IdentityBlock = v.InferOutput<typeof identityBlock>;

/** The value of the record; the record's own signature (purpose `identity-record`) is checked by storage. */
export const identityBlockCodec = codec('identity block', identityBlock, RECORD_BYTES_MAX);

/**
 * Checks everything inside a block that was found in the record of `writer`. Expired prekeys are no fault: `choosePrekey`
 * passes them over. Refusals: those of verifyIdentityCertificate, `wrong-writer`, `wrong-name`, `wrong-identity`,
 * `wrong-device`, `duplicate-device`, `removed-device`, `bad-signature`.
 */
export async function verifyIdentityBlock(
  block: IdentityBlock,
  writer: Bytes,
  trust: RingTrust,
  now: number,
): Promise<Result<IdentityBlock>> {
  const certified = await verifyIdentityCertificate(block.identityCertificate, trust, now);
  if (!certified.ok) return certified;
  if (!equalBytes(certified.value.signKey, writer))
    return refuse('wrong-writer', 'an identity block that somebody else wrote');
  if (certified.value.name !== block.name)
    return refuse('wrong-name', 'an identity block under another name than its certificate');
  const seen = new Set<string>();
  for (const { certificate } of block.devices) {
    const deviceKey = toHex(certificate.body.deviceKey);
    if (seen.has(deviceKey)) return refuse('duplicate-device', 'an identity block that names a device twice');
    if (removedAt(block, certificate.body.deviceKey) !== undefined)
      return refuse('removed-device', 'an identity block with a device that it says was removed');
    seen.add(deviceKey);
  }
  const checks = await Promise.all(block.devices.map((device) => verifyDevice(device, writer)));
  return checks.find((check) => !check.ok) ?? ok(block);
}

/** A device whose log is part of the mailbox, up to `end` when it was removed. */
export interface LogWriter {
  readonly device: Bytes;
  readonly end: RemovedDevice['head'];
}

/** All devices whose logs make up the mailbox: those in use, and removed ones, whose entries stay. */
export function logWriters({ devices, removed = [] }: IdentityBlock): LogWriter[] {
  return [
    ...devices.map(({ certificate }) => ({ device: certificate.body.deviceKey, end: undefined })),
    ...removed.map(({ deviceKey, head }) => ({ device: deviceKey, end: head })),
  ];
}

/** When this device was removed; undefined when it was not. */
export function removedAt({ removed = [] }: IdentityBlock, deviceKey: Bytes): number | undefined {
  return removed.find((one) => equalBytes(one.deviceKey, deviceKey))?.at;
}

/** For each device the prekey to seal to; devices without any are left out. */
export function sealingPrekeys(
  block: IdentityBlock,
  now: number,
): readonly (ChosenPrekey & { readonly device: DeviceCertificate })[] {
  return block.devices.flatMap(({ certificate, prekeys }) => {
    const chosen = choosePrekey(prekeys, now);
    return chosen ? [{ ...chosen, device: certificate }] : [];
  });
}

async function verifyDevice(device: IdentityDevice, writer: Bytes): Promise<Result<true>> {
  const { certificate, prekeys } = device;
  if (!equalBytes(certificate.body.identityKey, writer))
    return refuse('wrong-identity', "an identity block with somebody else's device");
  const certified = await verifyDeviceCertificate(certificate);
  if (!certified.ok) return certified;
  const checks = await Promise.all(
    prekeys.map((prekey) => verifyPrekeyOf(prekey, certificate.body.deviceKey)),
  );
  return checks.find((check) => !check.ok) ?? ok(true);
}

async function verifyPrekeyOf({ body, signature }: Prekey, deviceKey: Bytes): Promise<Result<true>> {
  if (!equalBytes(body.deviceKey, deviceKey))
    return refuse('wrong-device', "an identity block with another device's prekey");
  return (await verifyEd25519(deviceKey, 'prekey', body, signature))
    ? ok(true)
    : refuse('bad-signature', 'a prekey that its device did not sign');
}
