/** "Check my mailbox": walks the person's own logs and asks for each block whether its replicas have it. */
import { idText, type Key } from '../codec/id.ts';
import { inOrder } from '../post/pipeline.ts';
import { StorageError, type Storage } from '../storage/storage.ts';
import { assertGoingOn, mailboxParts, ownHeads, Problems, type BackupPorts, type Watch } from './backup.ts';
import { mailboxBlocks, type Problem, type Reached } from './mailbox-blocks.ts';

/** Blocks whose replicas are asked at once. */
const QUESTIONS_AT_ONCE = 8;

export interface MailboxCheck {
  readonly logs: number;
  readonly messages: number;
  /** Blocks that the mailbox needs, and their bytes. */
  readonly blocks: number;
  readonly bytes: number;
  /** Blocks that each node of their replica set has, that only some have, and that none has. */
  readonly whole: number;
  readonly thin: number;
  readonly lost: number;
  /** Blocks of which nobody could be asked just now. */
  readonly unknown: number;
  /** Lost blocks, and what could not be followed. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

/** Progress is in blocks, as far as they are found. Rejects with BackupError `stopped`, or StorageError when the ring cannot be reached. */
export async function checkMailbox(ports: BackupPorts, watch: Watch = {}): Promise<MailboxCheck> {
  const problems = new Problems();
  const heads = await ownHeads(ports, problems);
  const parts = mailboxParts(ports);
  const counts = { blocks: 0, bytes: 0, whole: 0, thin: 0, lost: 0, unknown: 0 };
  const asked = inOrder(mailboxBlocks(parts, heads), QUESTIONS_AT_ONCE, async (reached) => {
    assertGoingOn(watch);
    return { reached, state: reached.ok ? await stateOf(ports.storage, reached.key) : undefined };
  });
  for await (const { reached, state } of asked) {
    if (!reached.ok || state === undefined) {
      addProblem(problems, reached);
      continue;
    }
    counts.blocks += 1;
    counts.bytes += reached.sizeBytes;
    counts[state] += 1;
    if (state === 'lost') problems.add(`block ${idText(reached.key)}`, 'no device of the ring has it');
    watch.onProgress?.(counts.blocks, 0);
  }
  const { list, count } = problems;
  return {
    logs: heads.length,
    messages: parts.messages.length,
    ...counts,
    problems: list,
    problemCount: count,
  };
}

function addProblem(problems: Problems, reached: Reached): void {
  if (!reached.ok) problems.add(reached.what, reached.reason);
}

async function stateOf(storage: Storage, key: Key): Promise<'whole' | 'thin' | 'lost' | 'unknown'> {
  try {
    const holders = await storage.locate(key);
    const held = holders.filter(({ holds }) => holds).length;
    if (held === 0) return holders.length === 0 ? 'unknown' : 'lost';
    return held === holders.length ? 'whole' : 'thin';
  } catch (error) {
    if (error instanceof StorageError) return 'unknown';
    throw error;
  }
}
