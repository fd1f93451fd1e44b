/** What a tab and the worker with its index say to each other. All values are structured-cloneable. */
import type { TextTerm } from './query.ts';

/** A message as the tab tells of it: the parts that stand in front of its text, each as one string. */
export interface ToldMessage {
  /** Short name of the message in this session, given by the tab: 0, 1 … */
  readonly number: number;
  readonly id: string;
  /** Digest of the parts. */
  readonly head: number;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  /** Names of attachments. */
  readonly files: string;
  /** Indexed until the whole text is there. */
  readonly preview: string;
}

export type ToWorker =
  | { readonly type: 'open'; readonly key: CryptoKey }
  | { readonly type: 'tell'; readonly messages: readonly ToldMessage[] }
  /** All that there are have been told: what else is in the index is no more. */
  | { readonly type: 'told-all' }
  | {
      readonly type: 'body';
      readonly number: number;
      readonly text: string;
      readonly html: string | undefined;
    }
  | { readonly type: 'remove'; readonly numbers: readonly number[] }
  | { readonly type: 'find'; readonly id: number; readonly terms: readonly TextTerm[] };

export type FromWorker =
  /** The answer to each `tell`: those of its messages whose text is not in the index. */
  | { readonly type: 'wanted'; readonly numbers: readonly number[] }
  | { readonly type: 'found'; readonly id: number; readonly numbers: Uint32Array<ArrayBuffer> }
  /** The index could not be kept on disk; it goes on in memory. */
  | { readonly type: 'not-kept'; readonly reason: string }
  /** Our own mistake: nothing is answered any more. */
  | { readonly type: 'failed'; readonly reason: string };
