/**
 * Puts a back-up back into the ring. Nothing in the file is believed unchecked, and what is there and newer stays. The device
 * that restores is a new one: it names the devices of the file as writers of their logs and follows them, and continues none,
 * since a log that went back in time would be two histories under one name.
 */
import type { Bytes } from '../codec/bytes.ts';
import { toHex } from '../codec/bytes.ts';
import { idText } from '../codec/id.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import { sentence } from './sentences.ts';
import { inOrder } from '../post/pipeline.ts';
import { StorageError, type Storage } from '../storage/storage.ts';
import { assertGoingOn, mailboxParts, Problems, type BackupPorts, type Watch } from './backup.ts';
import { readCar, type CarItem } from './car-file.ts';
import { reasonOf, type Problem } from './mailbox-blocks.ts';
import { backupManifestCodec, checkManifest, type CheckedManifest } from './manifest.ts';

/** Blocks that are put at once: at most 1 MiB each. */
const PUTS_AT_ONCE = 4;

export interface RestoreReport {
  /** When the file was written, and by which device. */
  readonly at: number;
  readonly device: string;
  /** Messages that the mailbox had then, and has now. */
  readonly messagesThen: number;
  readonly messagesNow: number;
  /** Blocks that were put into the ring, that all their replicas had, and that the manifest counts but the file lacks. */
  readonly restored: number;
  readonly present: number;
  readonly missing: number;
  /** Logs whose heads were put back, and of which the ring has newer ones. */
  readonly logs: number;
  readonly newerLogs: number;
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

/**
 * Reads the file once; `sizeBytes` is for the progress, in bytes. May be done again: it goes on with what is missing. Refusals:
 * `not-a-backup`, those of checkManifest. Rejects with BackupError `stopped`, with StorageError when disk or ring fail for
 * good, or as `pieces` does.
 */
export async function restoreMailbox(
  ports: BackupPorts,
  pieces: AsyncIterable<Bytes>,
  sizeBytes: number,
  watch: Watch = {},
): Promise<Result<RestoreReport>> {
  const items = readCar(counted(pieces, sizeBytes, watch));
  try {
    const first = await items.next();
    const manifest = first.done === true ? notABackup('it is empty') : await openManifest(first.value, ports);
    if (!manifest.ok) return manifest;
    return ok(await restore(ports, manifest.value, items, watch));
  } finally {
    await items.return(undefined);
  }
}

async function openManifest(item: CarItem, { keys, trust }: BackupPorts): Promise<Result<CheckedManifest>> {
  if (item.kind === 'damaged' || item.kind === 'broken') return notABackup(item.reason);
  if (item.kind !== 'dag-cbor' || !item.isRoot) return notABackup('it does not begin with its manifest');
  const manifest = backupManifestCodec.decode(item.bytes);
  return manifest.ok ? checkManifest(manifest.value, keys.identityKey, trust) : notABackup(manifest.reason);
}

function notABackup(reason: string): Refusal {
  return refuse('not-a-backup', sentence('backup/unsound', { reason }));
}

async function restore(
  ports: BackupPorts,
  { contents, identity, heads, problems: headProblems }: CheckedManifest,
  items: AsyncIterable<CarItem>,
  watch: Watch,
): Promise<RestoreReport> {
  const problems = new Problems();
  for (const reason of headProblems) problems.add('a log', reason);
  const blocks = await putBlocks(ports.storage, items, contents.blocks, problems, watch);
  let newerLogs = 0;
  let logs = 0;
  for (const { record } of heads) {
    const put = await putHead(ports.storage, record);
    if (put === 'newer') newerLogs += 1;
    else if (put === 'put') logs += 1;
    else problems.add(`log of device ${toHex(record.body.writer).slice(0, 8)}`, put.reason);
  }
  await ports.accounts.adopt(identity);
  const { own } = ports.accounts;
  if (own !== undefined) await ports.mail.follow(own);
  await ports.mail.refresh();
  return {
    at: contents.at,
    device: contents.device.body.label,
    messagesThen: contents.messages,
    messagesNow: mailboxParts(ports).messages.length,
    ...blocks,
    missing: Math.max(0, contents.blocks - blocks.sound),
    logs,
    newerLogs,
    problems: problems.list,
    problemCount: problems.count,
  };
}

interface PutBlocks {
  readonly restored: number;
  readonly present: number;
  /** Distinct sound blocks in the file. */
  readonly sound: number;
}

/** Each block behind the manifest; more than it counts are none of this person's and end the reading. */
async function putBlocks(
  storage: Storage,
  items: AsyncIterable<CarItem>,
  countMax: number,
  problems: Problems,
  watch: Watch,
): Promise<PutBlocks> {
  const seen = new Set<string>();
  const counts = { restored: 0, present: 0 };
  const puts = inOrder(items, PUTS_AT_ONCE, async (item) => {
    assertGoingOn(watch);
    if (item.kind === 'damaged') return problems.add(`block ${item.cid}`, item.reason);
    if (item.kind === 'broken')
      return problems.add('the file', `nothing can be read from byte ${item.atByte} on: ${item.reason}`);
    const name = idText(item.key);
    if (item.kind !== 'raw' || seen.has(name)) return;
    if (seen.size >= countMax) return problems.add(`block ${name}`, 'more blocks than the manifest counts');
    seen.add(name);
    const put = await putBlock(storage, item, problems);
    if (put !== undefined) counts[put] += 1;
  });
  for await (const done of puts) void done;
  return { ...counts, sound: seen.size };
}

/** Undefined when the ring did not take it. Rejects with StorageError `full`. */
async function putBlock(
  storage: Storage,
  { key, bytes }: Extract<CarItem, { readonly kind: 'raw' | 'dag-cbor' }>,
  problems: Problems,
): Promise<'restored' | 'present' | undefined> {
  try {
    const holders = await storage.locate(key);
    if (holders.length > 0 && holders.every(({ holds }) => holds)) return 'present';
    await storage.keep(bytes);
    await storage.insert(key);
    return 'restored';
  } catch (error) {
    if (!(error instanceof StorageError) || error.code === 'full') throw error;
    problems.add(`block ${idText(key)}`, reasonOf(error));
    return undefined;
  }
}

async function putHead(
  storage: Storage,
  record: CheckedManifest['heads'][number]['record'],
): Promise<'put' | 'newer' | { readonly reason: string }> {
  try {
    await storage.putRecord(record);
    return 'put';
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return error.code === 'conflict' ? 'newer' : { reason: error.message };
  }
}

async function* counted(
  pieces: AsyncIterable<Bytes>,
  sizeBytes: number,
  watch: Watch,
): AsyncGenerator<Bytes> {
  let done = 0;
  for await (const piece of pieces) {
    assertGoingOn(watch);
    yield piece;
    done += piece.length;
    watch.onProgress?.(done, sizeBytes);
  }
}
