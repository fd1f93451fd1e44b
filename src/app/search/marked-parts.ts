/** Which words of a shown line are those that were looked for. */
import { folded, wordsOf } from './words.ts';

export interface MarkedPart {
  readonly text: string;
  readonly marked: boolean;
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** Words that begin with one of `wanted` (folded) are marked; the parts together are the text. */
export function markedParts(text: string, wanted: readonly string[]): readonly MarkedPart[] {
  const parts: MarkedPart[] = [];
  let from = 0;
  const add = (to: number, marked: boolean): void => {
    if (to > from) parts.push({ text: text.slice(from, to), marked });
    from = to;
  };
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const pieces = [folded(word), ...wordsOf(word)];
    if (!pieces.some((piece) => wanted.some((one) => piece.startsWith(one)))) continue;
    add(index, false);
    add(index + word.length, true);
  }
  add(text.length, false);
  return parts;
}
