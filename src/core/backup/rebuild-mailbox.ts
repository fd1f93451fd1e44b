/**
 * "Bring back what is left": where the log of another device of the person cannot be read any more, for its head or a block of it is
 * lost, what this disk, the ring and the other devices' heads still have of it comes into the mailbox, as changes of this device.
 */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { recordKey } from '../crypto/hash.ts';
import { logWriters, MAILBOX_LABEL, type LogWriter } from '../identity/identity-block.ts';
import type { Vault } from '../identity/vault.ts';
import type { Mail } from '../mail/mail.ts';
import { checkHead, type CheckedHead } from '../post/log-reader.ts';
import { rebuildLog, type RebuiltLog } from '../post/log-rebuild.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { dataKey, placeOf } from '../storage/layout.ts';
import { namespace } from '../storage/namespace.ts';
import { StorageError, type StoredRecord } from '../storage/storage.ts';
import { recordCodec } from '../storage/wire.ts';
import {
  assertGoingOn,
  BackupError,
  mailboxParts,
  Problems,
  type BackupPorts,
  type Watch,
} from './backup.ts';
import { blocksOnDisk } from './blocks-on-disk.ts';
import { logBlocks, type Problem } from './mailbox-blocks.ts';

export type RebuildPorts = BackupPorts & {
  /** The disk of this node, as a whole. */
  readonly store: KeyValueStore;
  readonly vault: Pick<Vault, 'openMailbox'>;
  readonly mail: Pick<Mail, 'logs'>;
};

/** What became of one other device's log. */
export interface LogRemains {
  /** Hexadecimal device key. */
  readonly device: string;
  /** Undefined for a removed device. */
  readonly label: string | undefined;
  /** Entries that it is known to have had, at least. */
  readonly entries: number;
  /** Of these, how many nobody has any more. */
  readonly missing: number;
  /** Changes that came into the mailbox. */
  readonly changes: number;
  /** There are two histories of it: nothing of it was taken over. */
  readonly forked: boolean;
}

export interface RebuildReport {
  readonly logs: readonly LogRemains[];
  readonly messagesBefore: number;
  readonly messagesNow: number;
  /** What could not be asked for just now. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

/**
 * May be done again: it brings what is lacking then. Progress is in blocks looked at. Rejects with BackupError `not-published` or
 * `stopped`, with StoreError when the disk fails.
 */
export async function rebuildMailbox(ports: RebuildPorts, watch: Watch = {}): Promise<RebuildReport> {
  const { own } = ports.accounts;
  if (own === undefined)
    throw new BackupError('not-published', 'This device does not know of other devices of yours yet.');
  const problems = new Problems();
  const messagesBefore = mailboxParts(ports).messages.length;
  await reached(problems, 'the other devices’ changes', () => ports.mail.refresh());
  const logs: LogRemains[] = [];
  let blocks = 0;
  const look = (): void => {
    assertGoingOn(watch);
    watch.onProgress?.((blocks += 1), 0);
  };
  for (const writer of logWriters(own.block)) {
    if (toHex(writer.device) === toHex(ports.keys.deviceKey)) continue;
    const label = own.block.devices
      .map(({ certificate }) => certificate.body)
      .find(({ deviceKey }) => toHex(deviceKey) === toHex(writer.device))?.label;
    logs.push({ device: toHex(writer.device), label, ...(await remainsOf(ports, writer, problems, look)) });
  }
  if (logs.some(({ changes }) => changes > 0))
    await reached(problems, 'your other devices', () => ports.mail.flush());
  return {
    logs,
    messagesBefore,
    messagesNow: mailboxParts(ports).messages.length,
    problems: problems.list,
    problemCount: problems.count,
  };
}

async function remainsOf(
  ports: RebuildPorts,
  { device, end }: LogWriter,
  problems: Problems,
  look: () => void,
): Promise<Omit<LogRemains, 'device' | 'label'>> {
  const { storage, store, vault, mail } = ports;
  const traces = mail.logs.tracesOf(device);
  const heads = await headsOf(ports, device, problems);
  const checked = await checkedHeads(heads, device, end);
  const quotes = [...(traces?.quotes ?? []), ...(end === undefined ? [] : [end])];
  const entries = end?.next ?? Math.max(0, ...[...checked, ...quotes].map(({ next }) => next));
  const whole = { entries, missing: 0, changes: 0, forked: false };
  // Which of two histories counts is for the person to say, by removing the device.
  if (traces?.forked === true) return { ...whole, forked: true };
  if (entries > 0 && (traces?.position.next ?? 0) >= entries) return whole;
  // What is fetched is kept here, where it is found below together with what this node holds for others.
  for (const head of checked)
    for await (const reached of logBlocks(storage, head)) {
      look();
      if (!reached.ok) problems.add(reached.what, reached.reason);
    }
  const rebuilt = await rebuildLog(device, {
    heads: checked.map(({ record }) => record),
    quotes,
    blocks: blocksOnDisk(store, look),
    open: (sealed) => vault.openMailbox(sealed),
  });
  if (rebuilt.against.length > 0) return { ...whole, forked: true };
  const found = upTo(rebuilt, end?.next ?? Infinity);
  const changes = await mail.logs.bringBack(device, found, rebuilt.parts);
  const ends = rebuilt.runs.map(({ first, entries: run }) => first + run.length);
  const known = end?.next ?? Math.max(entries, ...ends);
  return { entries: known, missing: missingOf(rebuilt, known), changes, forked: false };
}

/** Heads of the log that the ring, this disk and what was read before have, right or not. */
async function headsOf(ports: RebuildPorts, device: Bytes, problems: Problems): Promise<StoredRecord[]> {
  const heads: StoredRecord[] = [];
  const known = ports.mail.logs.tracesOf(device)?.head;
  if (known !== undefined) heads.push(known);
  const place = placeOf('record', recordKey(device, MAILBOX_LABEL));
  const held = await namespace(ports.store, 'storage').get(dataKey(place));
  const record = held && recordCodec.decode(held);
  if (record?.ok) heads.push(record.value);
  await reached(problems, `log of device ${toHex(device).slice(0, 8)}`, async () => {
    const found = await ports.storage.getRecord(device, MAILBOX_LABEL);
    if (found !== undefined) heads.push(found);
  });
  return heads;
}

/** Of a removed device no head whose snapshot stands for more than counts: it cannot be taken apart. */
async function checkedHeads(
  heads: readonly StoredRecord[],
  device: Bytes,
  end: LogWriter['end'],
): Promise<CheckedHead[]> {
  const checked = await Promise.all(heads.map((head) => checkHead(head, device)));
  return checked
    .flatMap((one) => (one.ok ? [one.value] : []))
    .filter(({ head }) => end === undefined || (head.snapshot?.next ?? 0) <= end.next);
}

function upTo({ runs }: RebuiltLog, end: number): Bytes[] {
  return runs.flatMap(({ first, entries }) => entries.slice(0, Math.max(0, end - first)));
}

/** Entries below `end` that nobody has. */
function missingOf({ missing }: RebuiltLog, end: number): number {
  return missing.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.end, end) - gap.first), 0);
}

async function reached(problems: Problems, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    problems.add(what, error.message);
  }
}
