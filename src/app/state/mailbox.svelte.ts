/** The mailbox as runes: what the node told, with what the person just did already in it. */
import type { Client, NodeState, NodeUpdate } from '../../core/node/client.ts';
import type { MailboxCommand } from '../../core/mail/commands.ts';
import type { Standing } from '../../core/mail/entries.ts';
import { systemFolders, type Folder, type LabelId } from '../../core/mail/folders.ts';
import type { MessageView, OrganizationView, PersonView } from '../../core/mail/views.ts';
import { worded } from '../format/worded.ts';
import { t } from '../i18n/translate.svelte.ts';
import type { ThreadRow } from './mail-index.ts';
import type { Patch } from './patches.ts';
import { placeName, type Place } from './places.ts';
import { ShownMessages } from './shown-messages.ts';
import type { Toasts } from './toasts.svelte.ts';

type Messages = readonly MessageView[];

export class Mailbox {
  readonly client: Client;
  readonly #toasts: Toasts;
  readonly #shown = new ShownMessages();
  #state = $state.raw<NodeState | undefined>(undefined);
  /** Counts changes of what is shown, which is no rune itself. */
  #version = $state(0);

  constructor(client: Client, toasts: Toasts) {
    this.client = client;
    this.#toasts = toasts;
  }

  /** Follows the node until the returned function is called. */
  follow(): () => void {
    return this.client.subscribe((update) => this.#take(update));
  }

  /** Undefined before the node has spoken. */
  get state(): NodeState | undefined {
    return this.#state;
  }

  get self(): PersonView | undefined {
    return this.#state?.account.person;
  }

  get organization(): OrganizationView | undefined {
    return this.#state?.organization;
  }

  message(id: string): MessageView | undefined {
    void this.#version;
    return this.#shown.index.message(id);
  }

  /** The messages of its thread, oldest first; those in the trash or the spam only when it is there too. */
  thread(id: string): Messages {
    void this.#version;
    const opened = this.#shown.index.message(id);
    const isAside = ({ folder }: MessageView): boolean => folder === 'trash' || folder === 'spam';
    return this.#shown.index
      .thread(id)
      .filter((message) => !isAside(message) || message.folder === opened?.folder);
  }

  /** Newest first; the same array until something of it changes. */
  rows(place: Place): readonly ThreadRow[] {
    void this.#version;
    return this.#shown.index.rows(place);
  }

  /** Those of them that are here. */
  messages(ids: readonly string[]): Messages {
    void this.#version;
    return ids.flatMap((id) => this.#shown.index.message(id) ?? []);
  }

  /** Of all messages. */
  ids(): readonly string[] {
    return [...this.#shown.index.messages()].map(({ id }) => id);
  }

  /** Threads with those of their messages that are given, newest first. */
  rowsOf(messages: Messages): readonly ThreadRow[] {
    return this.#shown.index.rowsOf(messages);
  }

  counts(place: Place): { readonly messages: number; readonly unread: number } {
    void this.#version;
    const { messages, unread } = this.#shown.index.counts(place);
    return { messages, unread };
  }

  /** Of all folders, oldest first. */
  all(): Messages {
    void this.#version;
    return [...this.#shown.index.messages()].sort((a, b) => a.at - b.at);
  }

  /** The newest messages of all folders. */
  newest(count: number): Messages {
    void this.#version;
    const rows = systemFolders.flatMap((folder) => this.#shown.index.rows(folder).slice(0, count));
    const messages = rows.flatMap((row) => row.messages);
    return messages.sort((a, b) => b.at - a.at).slice(0, count);
  }

  get unread(): number {
    return this.counts('inbox').unread;
  }

  /** Moves at once, and says so with an undo. `name`: of a folder that the node has not told of yet. */
  move(messages: Messages, folder: Folder, name = placeName(folder, this.organization)): void {
    const moving = messages.filter((message) => message.folder !== folder);
    if (moving.length === 0) return;
    const before = Map.groupBy(moving, (message) => message.folder);
    this.put(moving, folder);
    const undo = (): void => {
      for (const [former, some] of before) this.put(some, former);
    };
    this.#toasts.done(this.#movedText(moving.length, folder, name), {
      action: { label: t.app.undo, run: undo },
    });
  }

  /** Moves at once, without a word. */
  put(messages: Messages, folder: Folder): void {
    this.#act({ kind: 'move', messages: idsOf(messages), folder }, messages, () => ({ change: { folder } }));
  }

  /** To the trash; from the trash for good, once the time for an undo is over. */
  discard(messages: Messages): void {
    const gone = messages.filter(({ folder }) => folder === 'trash');
    this.move(
      messages.filter(({ folder }) => folder !== 'trash'),
      'trash',
    );
    if (gone.length > 0) this.#removeUnlessUndone(gone, t.mailbox.deletedForGood);
  }

  /** Everything in the trash goes for good, once the time for an undo is over. */
  emptyTrash(): void {
    const messages = this.#shown.index.rows('trash').flatMap((row) => row.messages);
    if (messages.length > 0) this.#removeUnlessUndone(messages, t.mailbox.trashEmptied);
  }

  markRead(messages: Messages, read: boolean): void {
    const changing = messages.filter(({ unread }) => unread === read);
    const command = { kind: 'flag', messages: idsOf(changing), flag: 'unread', on: !read } as const;
    this.#act(command, changing, () => ({ change: { unread: !read } }));
  }

  star(messages: Messages, on: boolean): void {
    const changing = messages.filter(({ starred }) => starred !== on);
    const command = { kind: 'flag', messages: idsOf(changing), flag: 'starred', on } as const;
    this.#act(command, changing, () => ({ change: { starred: on } }));
  }

  label(messages: Messages, label: LabelId, on: boolean): void {
    const changing = messages.filter(({ labels }) => labels.includes(label) !== on);
    const command = { kind: 'label', messages: idsOf(changing), label, on } as const;
    this.#act(command, changing, ({ labels }) => ({
      change: { labels: on ? [...labels, label] : labels.filter((one) => one !== label) },
    }));
  }

  /** Folders, labels, people, rules, settings: a failure is said. Resolves with whether it succeeded. */
  async change(command: MailboxCommand): Promise<boolean> {
    return this.#report(this.client.change(command));
  }

  /**
   * Says how the person stands to somebody, with an undo: what waits of them as a request moves by itself, `along` to `folder`. Resolves
   * with whether it succeeded.
   */
  async stand(
    address: string,
    standing: Standing | null,
    said: string,
    along: Messages = [],
    folder: Folder = 'inbox',
  ): Promise<boolean> {
    const waiting = this.from(address, 'requests');
    let former: Standing | null = null;
    const say = async (): Promise<void> => {
      const people = await this.client.people();
      former = people.find((one) => one.address === address)?.standing ?? null;
      await this.client.change({ kind: 'standing', address, standing });
    };
    if (!(await this.#report(say()))) return false;
    const moving = along.filter((message) => message.folder !== folder);
    this.put(moving, folder);
    const undo = async (): Promise<void> => {
      if (!(await this.change({ kind: 'standing', address, standing: former }))) return;
      const before = Map.groupBy([...moving, ...waiting], (message) => message.folder);
      for (const [place, some] of before) this.put(some, place);
    };
    this.#toasts.done(said, { action: { label: t.app.undo, run: () => void undo() } });
    return true;
  }

  /** What of somebody's mail lies there. */
  from(address: string, folder: Folder): Messages {
    const messages = this.#shown.index.rows(folder).flatMap((row) => row.messages);
    return messages.filter((message) => message.from.address === address);
  }

  retry(messageId: string): void {
    void this.#report(this.client.retry(messageId));
  }

  dismiss(noticeId: string): void {
    void this.#report(this.client.dismiss(noticeId));
  }

  #take({ state, messages }: NodeUpdate): void {
    this.#shown.take(messages);
    this.#version++;
    this.#state = state;
  }

  #movedText(count: number, folder: Folder, name: string): string {
    if (count === 1 && (folder === 'inbox' || folder === 'archive' || folder === 'trash'))
      return t.mailbox.moved[folder];
    return t.mailbox.movedMany({ count, folder: name });
  }

  #removeUnlessUndone(messages: Messages, text: string): void {
    const patch = this.#patch(messages, () => ({ removed: true }));
    const finish = (): void =>
      void this.#run(patch, this.client.change({ kind: 'remove', messages: idsOf(messages) }));
    const undo = (): void => this.#drop(patch);
    this.#toasts.done(text, { action: { label: t.app.undo, run: undo }, gone: finish });
  }

  /** Shown at once; a failure takes it back and says why. */
  #act(command: MailboxCommand, messages: Messages, patchOf: (message: MessageView) => Patch): void {
    if (messages.length === 0) return;
    void this.#run(this.#patch(messages, patchOf), this.client.change(command));
  }

  #patch(messages: Messages, patchOf: (message: MessageView) => Patch): number {
    const patch = this.#shown.patch(messages, patchOf);
    this.#version++;
    return patch;
  }

  #drop(patch: number): void {
    this.#shown.drop(patch);
    this.#version++;
  }

  async #run(patch: number, command: Promise<void>): Promise<void> {
    if (await this.#report(command)) this.#shown.settle(patch);
    else this.#drop(patch);
  }

  async #report(command: Promise<void>): Promise<boolean> {
    try {
      await command;
      return true;
    } catch (error) {
      this.#toasts.error(sentenceOf(error));
      return false;
    }
  }
}

function idsOf(messages: Messages): string[] {
  return messages.map(({ id }) => id);
}

/** The sentence of a failed command for the person. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? worded(error.message) : t.app.didNotWork;
}
