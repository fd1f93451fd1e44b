/** Finds threads of a list by what is seen of their messages: people, subject, first words, names of attachments. */
import type { MessageView } from '../../core/mail/views.ts';
import type { ThreadRow } from '../state/mail-index.ts';

/** Threads with a message in which every word of `query` occurs; all for an empty one. Case and accents do not matter. */
export function matching(rows: readonly ThreadRow[], query: string): readonly ThreadRow[] {
  const words = folded(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return rows;
  return rows.filter(({ messages }) =>
    messages.some((message) => {
      const text = folded(searchable(message));
      return words.every((word) => text.includes(word));
    }),
  );
}

function searchable({ from, to, cc, subject, preview, attachments }: MessageView): string {
  const people = [from, ...to, ...cc].map((person) => `${person.name} ${person.address}`);
  return [...people, subject, preview, ...attachments.map((attachment) => attachment.name)].join('\n');
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
