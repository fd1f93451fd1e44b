/** The mailbox as runes: snapshots of the node, with what the person just did already in them. */
import type { Client, NodeSnapshot } from '../../core/node/client.ts';
import type { Folder, MessageView, PersonView } from '../../core/mail/views.ts';
import { worded } from '../format/worded.ts';
import { t } from '../i18n/translate.svelte.ts';
import { Patches, type Patch } from './patches.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Mailbox {
  readonly client: Client;
  readonly #toasts: Toasts;
  readonly #patches = new Patches();
  #snapshot = $state.raw<NodeSnapshot | undefined>(undefined);
  /** Counts changes of the patches, which are no runes themselves. */
  #patched = $state(0);

  readonly messages = $derived.by<readonly MessageView[]>(() => {
    void this.#patched;
    return this.#patches.applyTo(this.#snapshot?.messages ?? []);
  });
  readonly unread = $derived(
    this.messages.filter((message) => message.folder === 'inbox' && message.unread).length,
  );

  constructor(client: Client, toasts: Toasts) {
    this.client = client;
    this.#toasts = toasts;
  }

  /** Follows the node until the returned function is called. */
  follow(): () => void {
    return this.client.subscribe((snapshot) => {
      this.#patches.dropSettled();
      this.#snapshot = snapshot;
    });
  }

  /** Undefined before the node has spoken. */
  get snapshot(): NodeSnapshot | undefined {
    return this.#snapshot;
  }

  get self(): PersonView | undefined {
    return this.#snapshot?.account.person;
  }

  message(id: string): MessageView | undefined {
    return this.messages.find((message) => message.id === id);
  }

  inFolder(folder: Folder): readonly MessageView[] {
    return this.messages.filter((message) => message.folder === folder);
  }

  /** Moves at once, and says so with an undo. */
  move(message: MessageView, folder: Folder): void {
    const from = message.folder;
    void this.#act(message.id, { change: { folder } }, () => this.client.move(message.id, folder));
    this.#toasts.done(t.mailbox.moved[folder], {
      action: {
        label: t.app.undo,
        run: () =>
          void this.#act(message.id, { change: { folder: from } }, () => this.client.move(message.id, from)),
      },
    });
  }

  /** To the trash; from the trash for good, once the time for an undo is over. */
  discard(message: MessageView): void {
    if (message.folder !== 'trash') return this.move(message, 'trash');
    const patch = this.#patches.add(message.id, { removed: true });
    this.#patched++;
    const finish = (): void => void this.#run(patch, () => this.client.remove(message.id));
    const undo = (): void => {
      this.#patches.drop(patch);
      this.#patched++;
    };
    this.#toasts.done(t.mailbox.deletedForGood, { action: { label: t.app.undo, run: undo }, gone: finish });
  }

  /** Everything in the trash goes for good, once the time for an undo is over. */
  emptyTrash(): void {
    const patches = this.inFolder('trash').map(
      ({ id }) => [id, this.#patches.add(id, { removed: true })] as const,
    );
    if (patches.length === 0) return;
    this.#patched++;
    const finish = async (): Promise<void> => {
      for (const [id, patch] of patches) await this.#run(patch, () => this.client.remove(id));
    };
    const undo = (): void => {
      for (const [, patch] of patches) this.#patches.drop(patch);
      this.#patched++;
    };
    this.#toasts.done(t.mailbox.trashEmptied, {
      action: { label: t.app.undo, run: undo },
      gone: () => void finish(),
    });
  }

  markRead(message: MessageView, read: boolean): void {
    if (message.unread !== read) return;
    void this.#act(message.id, { change: { unread: !read } }, () => this.client.markRead(message.id, read));
  }

  retry(messageId: string): void {
    void this.#report(this.client.retry(messageId));
  }

  allowReadReceipts(allowed: boolean): void {
    void this.#report(this.client.allowReadReceipts(allowed));
  }

  dismiss(noticeId: string): void {
    void this.#report(this.client.dismiss(noticeId));
  }

  async #act(messageId: string, patch: Patch, command: () => Promise<void>): Promise<void> {
    const id = this.#patches.add(messageId, patch);
    this.#patched++;
    await this.#run(id, command);
  }

  /** Gives the command; a failure takes the patch back and says why. */
  async #run(patch: number, command: () => Promise<void>): Promise<void> {
    try {
      await command();
      this.#patches.settle(patch);
    } catch (error) {
      this.#patches.drop(patch);
      this.#patched++;
      this.#toasts.error(sentenceOf(error));
    }
  }

  async #report(command: Promise<void>): Promise<void> {
    try {
      await command;
    } catch (error) {
      this.#toasts.error(sentenceOf(error));
    }
  }
}

/** The sentence of a failed command for the person. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? worded(error.message) : t.app.didNotWork;
}
