/** How the services of POST fail when it is not our own mistake. */

/**
 * `damaged`: what was stored does not open to what was put in; `too-large`: over a named maximum; `unknown-person`: all
 * live replicas deny the name; `no-devices`: the person has published nothing to write to yet.
 */
export type PostErrorCode = 'damaged' | 'too-large' | 'unknown-person' | 'no-devices';

export class PostError extends Error {
  override readonly name = 'PostError';
  readonly code: PostErrorCode;
  constructor(code: PostErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
