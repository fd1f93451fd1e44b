/** The root of a back-up: whose mailbox it is, which device wrote it when, and the heads of its logs, signed by that device. */
import * as v from 'valibot';
import { encodeCbor } from '../codec/cbor.ts';
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { DEVICES_MAX, RECORD_BYTES_MAX, REMOVED_DEVICES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { bytesMax, bytesOf, codec, idSchema, listOf, text, timeSchema, whole } from '../codec/schema.ts';
import { sentence } from './sentences.ts';
import { sha256Of } from '../crypto/hash.ts';
import { SIGNATURE_BYTES, verifyEd25519 } from '../crypto/sign.ts';
import {
  signedDeviceCertificate,
  signedIdentityCertificate,
  verifyDeviceCertificate,
  verifyIdentityCertificate,
  type RingTrust,
} from '../identity/certificates.ts';
import {
  identityBlockCodec,
  logWriters,
  verifyIdentityBlock,
  type IdentityBlock,
  type LogWriter,
} from '../identity/identity-block.ts';
import type { BackupBody } from '../identity/signing-purposes.ts';
import type { Vault } from '../identity/vault.ts';
import { checkHead, type CheckedHead } from '../post/log-reader.ts';
import { verifyRecord } from '../storage/verify.ts';
import { recordCodec } from '../storage/wire.ts';

/** A record with its signature: the value and what stands around it. */
const recordBytes = bytesMax(RECORD_BYTES_MAX + 2048);
/** Logs of one mailbox: of devices in use, and of removed ones. */
const LOGS_MAX = DEVICES_MAX + REMOVED_DEVICES_MAX;
/** Heads of all devices, the identity block, and certificates. */
export const MANIFEST_BYTES_MAX = (LOGS_MAX + 1) * (RECORD_BYTES_MAX + 2048) + 64 * 1024;
/** Blocks of one back-up: with 256 KiB each, 128 GiB. */
export const BACKUP_BLOCKS_MAX = 524_288;

const body = v.strictObject({
  v: v.literal(1),
  ring: idSchema,
  /** Canonical `local@domain`. */
  name: text(320),
  identityCertificate: signedIdentityCertificate,
  /** The device that wrote the file. */
  device: signedDeviceCertificate,
  /** The person's identity block as the signed record that the ring had: it names the devices. */
  identity: recordBytes,
  /** The signed head of each device's log. */
  heads: listOf(recordBytes, LOGS_MAX),
  /** Messages in the mailbox; content blocks that the logs lead to, and their bytes. */
  messages: whole(),
  blocks: whole(BACKUP_BLOCKS_MAX),
  bytes: whole(),
  at: timeSchema,
});
export type BackupContents = v.InferOutput<typeof body>;

const schema = v.strictObject({ body, signature: bytesOf(SIGNATURE_BYTES) });
export type BackupManifest = v.InferOutput<typeof schema>;
export const backupManifestCodec = codec('back-up manifest', schema, MANIFEST_BYTES_MAX);

/** What is signed names the contents by their hash, so that the vault sees a small body. */
async function statementOf(contents: BackupContents): Promise<BackupBody> {
  const { deviceKey } = contents.device.body;
  return { v: 1, device: deviceKey, contents: await sha256Of(encodeCbor(contents)), at: contents.at };
}

export async function signManifest(
  contents: BackupContents,
  vault: Pick<Vault, 'sign'>,
): Promise<BackupManifest> {
  return { body: contents, signature: await vault.sign('backup', await statementOf(contents)) };
}

/** What of a manifest may be believed. */
export interface CheckedManifest {
  readonly contents: BackupContents;
  readonly identity: IdentityBlock;
  readonly heads: readonly CheckedHead[];
  /** What is wrong with single heads; the others are in `heads`. */
  readonly problems: readonly string[];
}

/**
 * Everything in a manifest, for the person whose identity key is `owner`; certificates have to hold at the date of the file.
 * Refusals: `other-ring`, `other-person` (with whose file it is), `wrong-device`, `bad-signature`, those of the identity block.
 */
export async function checkManifest(
  { body: contents, signature }: BackupManifest,
  owner: Bytes,
  trust: RingTrust,
): Promise<Result<CheckedManifest>> {
  const { name, ring, identityCertificate, device, at } = contents;
  if (!equalBytes(ring, trust.ring)) return refuse('other-ring', sentence('backup/other-ring', { name }));
  if (!equalBytes(identityCertificate.body.signKey, owner))
    return refuse('other-person', sentence('backup/other-person', { name }));
  const certified = await verifyIdentityCertificate(identityCertificate, trust, at);
  if (!certified.ok) return certified;
  if (certified.value.name !== name) return refuse('wrong-name', 'a back-up under another name');
  const writer = await verifyDeviceCertificate(device);
  if (!writer.ok) return writer;
  if (!equalBytes(writer.value.identityKey, owner))
    return refuse('wrong-device', "a back-up that somebody else's device wrote");
  const signed = await verifyEd25519(
    writer.value.deviceKey,
    'backup',
    await statementOf(contents),
    signature,
  );
  if (!signed) return refuse('bad-signature', 'a back-up whose manifest its device did not sign');
  const identity = await checkIdentity(contents, owner, trust);
  if (!identity.ok) return identity;
  return ok({ contents, identity: identity.value, ...(await checkHeads(contents, identity.value)) });
}

async function checkIdentity(
  { identity, at }: BackupContents,
  owner: Bytes,
  trust: RingTrust,
): Promise<Result<IdentityBlock>> {
  const record = recordCodec.decode(identity);
  if (!record.ok) return record;
  const held = await verifyRecord(record.value);
  if (!held.ok) return held;
  if (!equalBytes(record.value.body.writer, owner))
    return refuse('wrong-writer', "a back-up with somebody else's identity block");
  const block = identityBlockCodec.decode(record.value.body.value);
  return block.ok ? verifyIdentityBlock(block.value, owner, trust, at) : block;
}

async function checkHeads(
  { heads }: BackupContents,
  identity: IdentityBlock,
): Promise<Pick<CheckedManifest, 'heads' | 'problems'>> {
  const sound: CheckedHead[] = [];
  const problems: string[] = [];
  for (const [i, bytes] of heads.entries()) {
    const head = await checkOneHead(bytes, logWriters(identity));
    if (head.ok) sound.push(head.value);
    else problems.push(`Log ${i + 1} of ${heads.length} is not sound: ${head.reason}.`);
  }
  return { heads: sound, problems };
}

async function checkOneHead(bytes: Bytes, writers: readonly LogWriter[]): Promise<Result<CheckedHead>> {
  const record = recordCodec.decode(bytes);
  if (!record.ok) return record;
  const { writer } = record.value.body;
  if (!writers.some(({ device }) => equalBytes(device, writer)))
    return refuse('wrong-device', 'a log of a device that the identity block does not name');
  return checkHead(record.value, writer);
}
