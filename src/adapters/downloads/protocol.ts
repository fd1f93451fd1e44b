/** How a page lets the browser save what it has only piece by piece: a download that the service worker answers. */
import type { Bytes } from '../../core/codec/bytes.ts';

/** Addresses below this are downloads that some page feeds. */
export const DOWNLOAD_PATH = '/download/';

/** From the page to the worker, with the port over which the pieces come. */
export interface DownloadOffer {
  readonly type: 'DOWNLOAD';
  /** Names the download in its address; nobody can guess it. */
  readonly id: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

/** Keeps the worker from being stopped while a download runs: browsers do so after 30 s without an event. */
export const DOWNLOAD_AWAKE = 'DOWNLOAD_AWAKE';
export const AWAKE_MS = 10_000;

/** From the worker: the address answers now; the next piece is wanted; nobody wants more. */
export type DownloadAsk =
  { readonly kind: 'ready' } | { readonly kind: 'next' } | { readonly kind: 'cancelled' };

/** From the page, one for each `next`. */
export type DownloadAnswer =
  | { readonly kind: 'piece'; readonly bytes: Bytes }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly reason: string };

export function isDownloadOffer(message: unknown): message is DownloadOffer {
  const offer = message as Partial<DownloadOffer> | null;
  return (
    typeof offer === 'object' &&
    offer?.type === 'DOWNLOAD' &&
    typeof offer.id === 'string' &&
    typeof offer.fileName === 'string' &&
    typeof offer.sizeBytes === 'number'
  );
}
