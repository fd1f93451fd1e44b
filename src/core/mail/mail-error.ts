/** Why a mail operation cannot be done; the message is a sentence for the person who asked for it. */

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
