/** The marked words of a message: `Press <kbd>C</kbd> to write.` */

/** What messages may mark; anything else in angle brackets is text. */
export const richTags = ['strong', 'dfn', 'code', 'kbd', 'link'] as const;
export type RichTag = (typeof richTags)[number];

export interface RichPart {
  readonly tag: RichTag | undefined;
  readonly text: string;
}

const MARKED = new RegExp(`<(${richTags.join('|')})>(.*?)</\\1>`, 'gs');

/** In order; joined, they are the text without its marks. Marks do not stand within each other. */
export function richParts(message: string): readonly RichPart[] {
  const parts: RichPart[] = [];
  let end = 0;
  for (const match of message.matchAll(MARKED)) {
    if (match.index > end) parts.push({ tag: undefined, text: message.slice(end, match.index) });
    parts.push({ tag: match[1] as RichTag, text: match[2]! });
    end = match.index + match[0].length;
  }
  if (end < message.length) parts.push({ tag: undefined, text: message.slice(end) });
  return parts;
}
