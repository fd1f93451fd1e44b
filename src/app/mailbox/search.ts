/** Finds messages of a list by what is seen of them: people, subject, first words, names of attachments. */
import type { MessageView } from '../../core/mail/views.ts';

/** Messages in which every word of `query` occurs; all for an empty one. Case and accents do not matter. */
export function matching(messages: readonly MessageView[], query: string): readonly MessageView[] {
  const words = folded(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return messages;
  return messages.filter((message) => {
    const text = folded(searchable(message));
    return words.every((word) => text.includes(word));
  });
}

function searchable({ from, to, cc, subject, preview, attachments }: MessageView): string {
  const people = [from, ...to, ...cc].map((person) => `${person.name} ${person.address}`);
  return [...people, subject, preview, ...attachments.map((attachment) => attachment.name)].join('\n');
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
