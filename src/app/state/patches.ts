/** What the person just did, shown before the node has confirmed it: patches over the messages that the node told of. */
import type { MessageView } from '../../core/mail/views.ts';

export type Patch =
  | { readonly change: Partial<Pick<MessageView, 'folder' | 'unread' | 'starred' | 'labels'>> }
  | { readonly removed: true };

interface Pending {
  readonly id: number;
  readonly patch: Patch;
  /** The command succeeded: the next update says it itself. */
  settled: boolean;
}

/** Patches of each message in the order in which they were made; later ones win. */
export class Patches {
  readonly #pending = new Map<string, Pending[]>();
  #nextId = 0;

  /** One patch for each of the messages, by id. The returned number names all of them. */
  add(patches: ReadonlyMap<string, Patch>): number {
    const id = this.#nextId++;
    for (const [messageId, patch] of patches) {
      const list = this.#pending.get(messageId);
      if (list) list.push({ id, patch, settled: false });
      else this.#pending.set(messageId, [{ id, patch, settled: false }]);
    }
    return id;
  }

  /** The command failed, or was undone before it was given. Returns the messages concerned. */
  drop(id: number): readonly string[] {
    return this.#dropWhere((one) => one.id === id);
  }

  settle(id: number): void {
    for (const list of this.#pending.values()) for (const one of list) if (one.id === id) one.settled = true;
  }

  /** An update arrived: what is settled is in it. Returns the messages concerned. */
  dropSettled(): readonly string[] {
    return this.#dropWhere((one) => one.settled);
  }

  /** The message as the person expects it: the same when nothing is pending, undefined when it is removed. */
  applyTo(message: MessageView): MessageView | undefined {
    const list = this.#pending.get(message.id);
    if (list === undefined) return message;
    let patched = message;
    for (const { patch } of list) {
      if ('removed' in patch) return undefined;
      patched = { ...patched, ...patch.change };
    }
    return patched;
  }

  #dropWhere(condition: (one: Pending) => boolean): readonly string[] {
    const concerned: string[] = [];
    for (const [messageId, list] of [...this.#pending]) {
      const left = list.filter((one) => !condition(one));
      if (left.length === list.length) continue;
      concerned.push(messageId);
      if (left.length === 0) this.#pending.delete(messageId);
      else this.#pending.set(messageId, left);
    }
    return concerned;
  }
}
