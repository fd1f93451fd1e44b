/** Long names are cut in the middle: their beginning and their end tell more than their middle. */

const ELLIPSIS = '…';
let segmenter: Intl.Segmenter | undefined;

/** `text` with at most `max` (≥ 3) characters as people count them; an extension like `.pdf` stays whole if it fits. */
export function middleCut(text: string, max: number): string {
  // A character has at least one unit of its text.
  if (text.length <= max) return text;
  const characters = [...characterSegmenter().segment(text)].map((part) => part.segment);
  if (characters.length <= max) return text;
  const kept = max - ELLIPSIS.length;
  const dot = characters.lastIndexOf('.');
  const extension = dot > 0 ? characters.length - dot : 0;
  const tail = Math.max(Math.floor(kept / 2), Math.min(extension, Math.floor((kept * 2) / 3)));
  return [...characters.slice(0, kept - tail), ELLIPSIS, ...characters.slice(characters.length - tail)].join(
    '',
  );
}

/** One for all: making it takes longer than cutting. */
function characterSegmenter(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter;
}
