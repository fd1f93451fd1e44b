/** Runs one rule over what is in the inbox already. */
import { fits, type Rule } from '../../core/mail/rules.ts';
import type { MessageView } from '../../core/mail/views.ts';
import type { Mailbox } from '../state/mailbox.svelte.ts';

export interface Applied {
  /** Messages that fit. */
  readonly count: number;
  /** Takes back what this run changed, and nothing else. */
  readonly undo: () => void;
}

/** Shown at once, like everything that one does to a selection. */
export function applyToInbox(mailbox: Mailbox, rule: Rule): Applied {
  const fitting = mailbox
    .rows('inbox')
    .flatMap((row) => row.messages)
    .filter((message) => fits(rule, message));
  const unread = fitting.filter((message) => rule.read && message.unread);
  const plain = fitting.filter((message) => rule.star && !message.starred);
  const known = mailbox.organization?.labels ?? [];
  const unlabelled = known
    .filter(({ id }) => rule.labels.includes(id))
    .map(({ id }) => [id, fitting.filter((message) => !message.labels.includes(id))] as const);
  const moving = rule.folder === null || rule.folder === 'inbox' ? [] : fitting;

  mailbox.markRead(unread, true);
  mailbox.star(plain, true);
  for (const [label, messages] of unlabelled) mailbox.label(messages, label, true);
  if (rule.folder !== null) mailbox.put(moving, rule.folder);

  const asTheyAre = (messages: readonly MessageView[]): readonly MessageView[] =>
    messages.flatMap(({ id }) => mailbox.message(id) ?? []);
  const undo = (): void => {
    mailbox.put(asTheyAre(moving), 'inbox');
    for (const [label, messages] of unlabelled) mailbox.label(asTheyAre(messages), label, false);
    mailbox.star(asTheyAre(plain), false);
    mailbox.markRead(asTheyAre(unread), false);
  };
  return { count: fitting.length, undo };
}
