/** Which mail has come since the page was opened. */
import type { MessageView } from '../../core/mail/views.ts';
import type { NodeUpdate } from '../../core/node/client.ts';

/** What is older is found, not news: a device that was just added fetches a whole mailbox. One day. */
const NEWS_MS = 24 * 60 * 60 * 1000;

export class Arrivals {
  readonly #known = new Set<string>();

  /** Each message of the inbox once, while it is unread; nothing of what is there at the beginning. */
  take({ all, changed }: NodeUpdate['messages'], now: number): readonly MessageView[] {
    const news = changed.filter(
      ({ id, unread, folder, at, delivery }) =>
        unread && folder === 'inbox' && delivery === undefined && now - at < NEWS_MS && !this.#known.has(id),
    );
    for (const { id } of changed) this.#known.add(id);
    return all ? [] : news;
  }
}
