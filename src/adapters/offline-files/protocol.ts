/** What a page asks of the service worker that keeps the app's files. */

/** From a page whose mailbox is shown: files that a first visit left out are to be kept now. */
export interface KeepFiles {
  readonly type: 'KEEP_FILES';
  /** Their addresses, others may be among them; without them all files. */
  readonly urls?: readonly string[];
}

export function isKeepFiles(message: unknown): message is KeepFiles {
  const request = message as Partial<KeepFiles> | null;
  if (typeof request !== 'object' || request?.type !== 'KEEP_FILES') return false;
  const { urls = [] } = request;
  return Array.isArray(urls) && urls.every((url) => typeof url === 'string');
}
