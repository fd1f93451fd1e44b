/** All blocks that make a person's mailbox: those behind the heads of the devices' logs, and those of the messages. */
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import { idText, type Key } from '../codec/id.ts';
import { refuse, type Refusal } from '../codec/result.ts';
import { logClusterCodec, logIndexCodec } from '../post/log-head.ts';
import type { CheckedHead } from '../post/log-reader.ts';
import { piecesIn, piecesOf, type Piece } from '../post/log-tree.ts';
import type { BlockInfo } from '../post/message-store.ts';
import { inOrder } from '../post/pipeline.ts';
import { StorageError, type Storage } from '../storage/storage.ts';

/** Blocks of a log, and messages, that are looked up at once. */
const AT_ONCE = 8;

/** What can go wrong with one thing while the rest is sound. */
export interface Problem {
  /** Of what: a log, a message, a block, the file. */
  readonly what: string;
  readonly reason: string;
}

/** A block that the mailbox needs, or why a part of it cannot be followed. */
export type Reached = ({ readonly ok: true } & BlockInfo) | ({ readonly ok: false } & Problem);

/** What of a mailbox has to be known to walk it. */
export interface MailboxParts {
  readonly storage: Pick<Storage, 'fetch'>;
  /** Ids of the messages that are in the mailbox. */
  readonly messages: readonly string[];
  /** All blocks of a message. Rejects when what names them cannot be read. */
  readonly blocksOf: (messageId: string) => Promise<readonly BlockInfo[]>;
}

/** Each block once, those of the logs first; the order is the same each time. */
export async function* mailboxBlocks(
  parts: MailboxParts,
  heads: readonly CheckedHead[],
): AsyncGenerator<Reached> {
  const seen = new Set<string>();
  const isNew = (one: Reached): boolean => {
    if (!one.ok) return true;
    const name = idText(one.key);
    return !seen.has(name) && seen.add(name).size > 0;
  };
  for (const head of heads)
    for await (const reached of logBlocks(parts.storage, head)) if (isNew(reached)) yield reached;
  const lists = inOrder(parts.messages, AT_ONCE, (id) => messageBlocks(parts, id));
  for await (const list of lists) yield* list.filter(isNew);
}

/**
 * Index blocks, clusters and parts of the snapshot behind a head. What cannot be fetched or does not fit is a problem; the rest goes
 * on. Clusters that a snapshot stands for may have been given up: that nobody has them is none.
 */
export async function* logBlocks(
  storage: Pick<Storage, 'fetch'>,
  { head, record }: CheckedHead,
): AsyncGenerator<Reached> {
  const device = record.body.writer;
  yield* pieceBlocks(storage, device, piecesOf(head) ?? [], head.snapshot?.next ?? 0);
  const parts = head.snapshot?.segments.flatMap((segment) => segment.parts) ?? [];
  for await (const part of inOrder(parts, AT_ONCE, (key) => fetched(storage, key, logName(device))))
    yield 'bytes' in part ? { ok: true, key: part.key, sizeBytes: part.bytes.length } : part;
}

async function* pieceBlocks(
  storage: Pick<Storage, 'fetch'>,
  device: Bytes,
  pieces: readonly Piece[],
  coveredTo: number,
): AsyncGenerator<Reached> {
  const opened = inOrder(pieces, AT_ONCE, async (piece) => ({
    piece,
    found: await fetched(storage, piece.key, logName(device), piece.end > coveredTo),
  }));
  for await (const { piece, found } of opened) {
    if (!('bytes' in found)) {
      if (!found.isNowhere || piece.end > coveredTo) yield found;
      continue;
    }
    yield { ok: true, key: piece.key, sizeBytes: found.bytes.length };
    const inside = insideOf(device, piece, found.bytes);
    if (!Array.isArray(inside)) yield { ok: false, what: logName(device), reason: inside.reason };
    else yield* pieceBlocks(storage, device, inside, coveredTo);
  }
}

/** What an index block links to; nothing for a cluster. */
function insideOf(device: Bytes, piece: Piece, block: Bytes): Piece[] | Refusal {
  const decoded = piece.level === 0 ? logClusterCodec.decode(block) : logIndexCodec.decode(block);
  if (!decoded.ok) return decoded;
  if (!equalBytes(decoded.value.device, device)) return refuse('broken-chain', 'a block of another log');
  if (!('links' in decoded.value)) return [];
  const { level, links } = decoded.value;
  const pieces = level === piece.level - 1 ? piecesIn(links, level, piece.first) : undefined;
  if (pieces?.at(-1)?.end === piece.end) return pieces;
  return refuse('broken-chain', 'an index of a log that covers something else');
}

async function messageBlocks({ blocksOf }: MailboxParts, id: string): Promise<Reached[]> {
  try {
    return (await blocksOf(id)).map((block) => ({ ok: true, ...block }));
  } catch (error) {
    return [{ ok: false, what: `message ${id}`, reason: reasonOf(error) }];
  }
}

async function fetched(
  storage: Pick<Storage, 'fetch'>,
  key: Key,
  what: string,
  keep = true,
): Promise<
  | { readonly key: Key; readonly bytes: Bytes }
  | (Extract<Reached, { ok: false }> & { readonly isNowhere: boolean })
> {
  try {
    return { key, bytes: await storage.fetch(key, { keep }) };
  } catch (error) {
    const isNowhere = error instanceof StorageError && error.code === 'not-found';
    return { ok: false, what, reason: `block ${idText(key)}: ${reasonOf(error)}`, isNowhere };
  }
}

function logName(device: Bytes): string {
  return `log of device ${toHex(device).slice(0, 8)}`;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
