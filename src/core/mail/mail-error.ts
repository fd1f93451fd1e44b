/** Why a mail operation cannot be done; the message is a sentence for the person who asked for it. */
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
export function explain(error: unknown, nobody = 'There is nobody of that name.'): unknown {
  if (error instanceof StoreError && error.code === 'full') return diskFull();
  if (error instanceof StorageError) {
    if (error.code === 'full') return diskFull();
    if (error.code === 'over-quota') return new MailError('disk-full', error.message);
    if (error.code === 'not-found')
      return new MailError('not-found', 'Nobody in the ring holds this any more.');
    return new MailError(
      'unreachable',
      'This is not on this device, and the devices that hold it cannot be reached. Try again when you are online.',
    );
  }
  if (!(error instanceof PostError)) return error;
  if (error.code === 'unknown-person') return new MailError('no-such-recipient', nobody);
  if (error.code === 'too-large') return new MailError('too-large', error.message);
  return new MailError('not-found', 'What was stored is damaged and cannot be opened.');
}

function diskFull(): MailError {
  return new MailError(
    'disk-full',
    'The disk of this device is full, so this could not be kept. Free some space, then try again; nothing was lost.',
  );
}
