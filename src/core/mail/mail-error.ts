/** Why a mail operation cannot be done; the message is a sentence for the person who asked for it. */
import { sentence } from './sentences.ts';
import { PostError } from '../post/post-error.ts';
import { StoreError } from '../storage/key-value-store.ts';
import { StorageError } from '../storage/storage.ts';

export type MailErrorCode =
  | 'no-such-recipient'
  | 'no-recipient'
  | 'bad-address'
  | 'too-many-recipients'
  | 'too-large'
  | 'disk-full'
  | 'not-found'
  | 'unreachable';

export class MailError extends Error {
  override readonly name = 'MailError';
  readonly code: MailErrorCode;
  constructor(code: MailErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The same failure as a sentence for a person; what is our own mistake stays as it is. `nobody`: for a name that is denied. */
export function explain(error: unknown, nobody = sentence('mail/nobody-of-name')): unknown {
  if (error instanceof StoreError && error.code === 'full') return diskFull();
  if (error instanceof StorageError) {
    if (error.code === 'full') return diskFull();
    if (error.code === 'over-quota') return new MailError('disk-full', error.message);
    if (error.code === 'not-found') return new MailError('not-found', sentence('mail/nowhere'));
    return new MailError('unreachable', sentence('mail/out-of-reach'));
  }
  if (!(error instanceof PostError)) return error;
  if (error.code === 'unknown-person') return new MailError('no-such-recipient', nobody);
  if (error.code === 'too-large') return new MailError('too-large', error.message);
  return new MailError('not-found', sentence('mail/damaged'));
}

function diskFull(): MailError {
  return new MailError('disk-full', sentence('mail/disk-full'));
}
