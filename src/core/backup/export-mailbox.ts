/** Writes a person's whole mailbox as a CAR file, as it lies in the ring: what is encrypted stays encrypted. */
import type { Bytes } from '../codec/bytes.ts';
import { idText } from '../codec/id.ts';
import { IDENTITY_LABEL } from '../identity/identity-block.ts';
import type { CheckedHead } from '../post/log-reader.ts';
import type { BlockInfo } from '../post/message-store.ts';
import { inOrder } from '../post/pipeline.ts';
import { recordCodec } from '../storage/wire.ts';
import {
  assertGoingOn,
  BackupError,
  mailboxParts,
  ownHeads,
  Problems,
  type BackupPorts,
  type Watch,
} from './backup.ts';
import { writeCar } from './car-file.ts';
import { mailboxBlocks, reasonOf, type MailboxParts, type Problem } from './mailbox-blocks.ts';
import { BACKUP_BLOCKS_MAX, backupManifestCodec, signManifest } from './manifest.ts';

/** Blocks fetched ahead of the file: at most 1 MiB each. */
const FETCHES_AHEAD = 4;

export interface ExportReport {
  readonly messages: number;
  /** Content blocks in the file, and their bytes. */
  readonly blocks: number;
  readonly bytes: number;
  /** What could not be put in: the first ones, and how many there were. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

/**
 * First looks up which blocks there are (their keys are in memory), then fetches and writes them one after another. `write` is
 * awaited: a slow disk slows it down. Progress is in bytes. What cannot be fetched is left out and reported. Rejects with
 * BackupError, with StorageError when the ring cannot be reached, or as `write` does.
 */
export async function exportMailbox(
  ports: BackupPorts,
  write: (piece: Bytes) => Promise<void>,
  watch: Watch = {},
): Promise<ExportReport> {
  const problems = new Problems();
  const { storage, mail, keys } = ports;
  const identity = await storage.getRecord(keys.identityKey, IDENTITY_LABEL);
  if (identity === undefined)
    throw new BackupError(
      'not-published',
      'Your mailbox is not in the ring yet: try again when you are online.',
    );
  await mail.flush();
  const heads = await ownHeads(ports, problems);
  const parts = mailboxParts(ports);
  const found = await listBlocks(parts, heads, problems, watch);
  const bytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { membership, accounts, clock, trust } = ports;
  const manifest = await signManifest(
    {
      v: 1,
      ring: trust.ring,
      name: membership.identityCertificate.body.name,
      identityCertificate: membership.identityCertificate,
      device: accounts.device,
      identity: recordCodec.encode(identity),
      heads: heads.map(({ record }) => recordCodec.encode(record)),
      messages: parts.messages.length,
      blocks: found.length,
      bytes,
      at: clock.now(),
    },
    ports.vault,
  );
  const done = { blocks: 0, bytes: 0 };
  watch.onProgress?.(0, bytes);
  const blocks = fetchAll(ports, found, problems, watch, (length) => {
    done.blocks += 1;
    done.bytes += length;
    watch.onProgress?.(done.bytes, bytes);
  });
  for await (const piece of writeCar(backupManifestCodec.encode(manifest), blocks)) await write(piece);
  return { messages: parts.messages.length, ...done, problems: problems.list, problemCount: problems.count };
}

async function listBlocks(
  parts: MailboxParts,
  heads: readonly CheckedHead[],
  problems: Problems,
  watch: Watch,
): Promise<BlockInfo[]> {
  const blocks: BlockInfo[] = [];
  for await (const reached of mailboxBlocks(parts, heads)) {
    assertGoingOn(watch);
    if (!reached.ok) problems.add(reached.what, reached.reason);
    else if (blocks.length < BACKUP_BLOCKS_MAX)
      blocks.push({ key: reached.key, sizeBytes: reached.sizeBytes });
    else throw new BackupError('too-large', `More than ${BACKUP_BLOCKS_MAX} blocks do not fit one file.`);
  }
  return blocks;
}

async function* fetchAll(
  { storage }: BackupPorts,
  blocks: readonly BlockInfo[],
  problems: Problems,
  watch: Watch,
  written: (lengthBytes: number) => void,
): AsyncGenerator<Bytes> {
  const fetches = inOrder(blocks, FETCHES_AHEAD, async ({ key }) => {
    assertGoingOn(watch);
    try {
      return await storage.fetch(key);
    } catch (error) {
      problems.add(`block ${idText(key)}`, reasonOf(error));
      return undefined;
    }
  });
  for await (const block of fetches) {
    if (block === undefined) continue;
    yield block;
    written(block.length);
  }
}
