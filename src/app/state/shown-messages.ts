/** Messages as the node told of them, with what the person just did already in them: kept in order by an index. */
import type { MessageView } from '../../core/mail/views.ts';
import type { NodeUpdate } from '../../core/node/client.ts';
import { MailIndex } from './mail-index.ts';
import { Patches, type Patch } from './patches.ts';

export class ShownMessages {
  readonly index = new MailIndex();
  readonly #told = new Map<string, MessageView>();
  readonly #patches = new Patches();

  take({ all, changed, removed }: NodeUpdate['messages']): void {
    if (all) {
      this.#told.clear();
      this.index.clear();
    }
    const settled = this.#patches.dropSettled();
    for (const message of changed) this.#told.set(message.id, message);
    for (const id of removed) this.#told.delete(id);
    this.#show(new Set([...changed.map(({ id }) => id), ...removed, ...settled]));
  }

  /** Shows the messages so from now on; the returned number names the patch. */
  patch(messages: readonly MessageView[], patchOf: (message: MessageView) => Patch): number {
    const patches = new Map(messages.map((message) => [message.id, patchOf(message)]));
    const patch = this.#patches.add(patches);
    this.#show(patches.keys());
    return patch;
  }

  /** The command failed, or was undone before it was given. */
  drop(patch: number): void {
    this.#show(this.#patches.drop(patch));
  }

  /** The command succeeded: the next update says it itself. */
  settle(patch: number): void {
    this.#patches.settle(patch);
  }

  #show(ids: Iterable<string>): void {
    const changed: MessageView[] = [];
    const removed: string[] = [];
    for (const id of ids) {
      const told = this.#told.get(id);
      const shown = told && this.#patches.applyTo(told);
      if (shown === undefined) removed.push(id);
      else changed.push(shown);
    }
    this.index.apply(changed, removed);
  }
}
