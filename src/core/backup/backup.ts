/** What back-up, restore and check need of a member's node, and how they tell how far they are. */
import { toHex } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { sentence } from './sentences.ts';
import type { RingTrust } from '../identity/certificates.ts';
import { logWriters } from '../identity/identity-block.ts';
import type { Membership } from '../identity/join.ts';
import type { PublicKeys, Vault } from '../identity/vault.ts';
import type { Mail } from '../mail/mail.ts';
import type { Accounts } from '../post/accounts.ts';
import { readHead, type CheckedHead } from '../post/log-reader.ts';
import type { Storage } from '../storage/storage.ts';
import type { MailboxParts, Problem } from './mailbox-blocks.ts';

/** Problems that a report names one by one; further ones are counted. */
export const PROBLEMS_MAX = 100;

export interface BackupPorts {
  readonly storage: Storage;
  readonly vault: Pick<Vault, 'sign'>;
  readonly clock: Clock;
  readonly trust: RingTrust;
  readonly membership: Membership;
  readonly keys: PublicKeys;
  readonly accounts: Pick<Accounts, 'own' | 'device' | 'adopt'>;
  readonly mail: Pick<Mail, 'ids' | 'view' | 'blocks' | 'flush' | 'refresh' | 'follow'>;
}

/** How a long piece of work is followed and ended. */
export interface Watch {
  readonly signal?: AbortSignal;
  /** Of the bytes or blocks that there are to do; `total` is 0 while it is not yet known. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * `not-published`: the ring has nothing of this person yet; `stopped`: the person ended it; `too-large`: over a named maximum.
 * What the ring or the disk refuses rejects with StorageError.
 */
export type BackupErrorCode = 'not-published' | 'stopped' | 'too-large';

export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: BackupErrorCode;
  constructor(code: BackupErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Throws BackupError `stopped`. */
export function assertGoingOn({ signal }: Watch): void {
  if (signal?.aborted === true) throw new BackupError('stopped', sentence('backup/stopped'));
}

/** The first PROBLEMS_MAX problems, and how many there were. */
export class Problems {
  readonly list: Problem[] = [];
  count = 0;

  add(what: string, reason: string): void {
    this.count += 1;
    if (this.list.length < PROBLEMS_MAX) this.list.push({ what, reason });
  }
}

/** The newest messages first, so that a file that is cut off has them. */
export function mailboxParts({ storage, mail }: BackupPorts): MailboxParts {
  const views = [...mail.ids()].flatMap((id) => mail.view(id) ?? []);
  const messages = views.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
  return { storage, messages, blocksOf: (id) => mail.blocks(id) };
}

/** The heads that the ring has of all devices' logs. What is not sound is a problem. Rejects with StorageError. */
export async function ownHeads(
  { storage, accounts }: BackupPorts,
  problems: Problems,
): Promise<CheckedHead[]> {
  const heads: CheckedHead[] = [];
  for (const { device } of accounts.own === undefined ? [] : logWriters(accounts.own.block)) {
    const head = await readHead(storage, device);
    if (!head.ok) problems.add(`log of device ${toHex(device).slice(0, 8)}`, head.reason);
    else if (head.value !== undefined) heads.push(head.value);
  }
  return heads;
}
