/** What the tabs of a profile say to each other: calls to the tab that runs the node, its answers and its updates. */
import type { Client, ClientErrorCode, NodeUpdate } from '../../core/node/client.ts';

/** The methods that travel; `subscribe` is the stream of updates. */
export type MethodName = Exclude<keyof Client, 'subscribe'>;

export type TabMessage =
  /** A follower is here: answered with `leader` and an update that holds all. */
  | { readonly kind: 'hello'; readonly tab: string }
  | {
      readonly kind: 'call';
      readonly tab: string;
      /** Unique with `tab`. A call may be sent again with the same number; it is done once. */
      readonly id: number;
      readonly method: MethodName;
      readonly args: readonly unknown[];
    };

export type LeaderMessage =
  /** This tab runs the node from now on (a new name), or still does (answer to `hello`). */
  | { readonly kind: 'leader'; readonly leader: string }
  | { readonly kind: 'update'; readonly leader: string; readonly update: NodeUpdate }
  /** The call has begun. */
  | { readonly kind: 'taken'; readonly tab: string; readonly id: number }
  | {
      readonly kind: 'progress';
      readonly tab: string;
      readonly id: number;
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: 'result'; readonly tab: string; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'error';
      readonly tab: string;
      readonly id: number;
      readonly code: ClientErrorCode;
      readonly message: string;
    };

export type ChannelMessage = TabMessage | LeaderMessage;

/** What carries the messages: every other tab of the profile gets them, the sender does not. */
export interface Channel {
  post(message: ChannelMessage): void;
  listen(listener: (message: ChannelMessage) => void): () => void;
}
