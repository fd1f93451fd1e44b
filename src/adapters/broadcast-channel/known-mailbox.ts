/** What a follower knows of the mailbox: the updates that it heard, put together for listeners that come later. */
import type { MessageView } from '../../core/mail/views.ts';
import type { NodeState, NodeUpdate } from '../../core/node/client.ts';

export class KnownMailbox {
  readonly #messages = new Map<string, MessageView>();
  #state: NodeState | undefined;

  /** Whether it is of use: changes of a mailbox that was never told as a whole are not. */
  take({ state, messages }: NodeUpdate): boolean {
    if (messages.all) this.#messages.clear();
    else if (this.#state === undefined) return false;
    this.#state = state;
    for (const message of messages.changed) this.#messages.set(message.id, message);
    for (const id of messages.removed) this.#messages.delete(id);
    return true;
  }

  /** Undefined before the whole was told. */
  all(): NodeUpdate | undefined {
    if (this.#state === undefined) return undefined;
    return {
      state: this.#state,
      messages: { all: true, changed: [...this.#messages.values()], removed: [] },
    };
  }
}
