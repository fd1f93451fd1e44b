/** What the person just did, shown before the node has confirmed it: patches over the messages of a snapshot. */
import type { MessageView } from '../../core/mail/views.ts';

export type Patch =
  { readonly change: Partial<Pick<MessageView, 'folder' | 'unread'>> } | { readonly removed: true };

interface Pending {
  readonly id: number;
  readonly messageId: string;
  readonly patch: Patch;
  /** The command succeeded: the next snapshot says it itself. */
  settled: boolean;
}

/** Patches in the order in which they were made; later ones win. */
export class Patches {
  #pending: Pending[] = [];
  #nextId = 0;

  add(messageId: string, patch: Patch): number {
    const id = this.#nextId++;
    this.#pending.push({ id, messageId, patch, settled: false });
    return id;
  }

  /** The command failed, or was undone before it was given. */
  drop(id: number): void {
    this.#pending = this.#pending.filter((one) => one.id !== id);
  }

  settle(id: number): void {
    for (const one of this.#pending) if (one.id === id) one.settled = true;
  }

  /** A snapshot arrived: what is settled is in it. */
  dropSettled(): void {
    this.#pending = this.#pending.filter((one) => !one.settled);
  }

  /** The messages as the person expects them; the same list when nothing is pending. */
  applyTo(messages: readonly MessageView[]): readonly MessageView[] {
    if (this.#pending.length === 0) return messages;
    const byMessage = new Map<string, Pending[]>();
    for (const one of this.#pending) {
      const list = byMessage.get(one.messageId);
      if (list) list.push(one);
      else byMessage.set(one.messageId, [one]);
    }
    return messages.flatMap((message) => {
      let patched: MessageView = message;
      for (const { patch } of byMessage.get(message.id) ?? []) {
        if ('removed' in patch) return [];
        patched = { ...patched, ...patch.change };
      }
      return [patched];
    });
  }
}
