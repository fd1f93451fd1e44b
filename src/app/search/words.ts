/** What a word is, for what is indexed and for what is looked for alike. */

/** Longer words are cut: what is no word of a language (keys, encoded data) would fill the index. */
const WORD_CHARS_MAX = 40;
const WORD = /[\p{L}\p{N}]+/gu;
/** Scripts written without spaces: each letter is a word, and a word is a phrase. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Case and accents do not matter. */
export function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The words of a text in their order, folded. */
export function wordsOf(text: string): string[] {
  const words = folded(text).match(WORD) ?? [];
  return words.flatMap((word) =>
    UNSPACED.test(word)
      ? piecesOf(word)
      : word.length > WORD_CHARS_MAX
        ? word.slice(0, WORD_CHARS_MAX)
        : word,
  );
}

function piecesOf(word: string): string[] {
  const pieces: string[] = [];
  let spaced = '';
  for (const letter of word) {
    if (!UNSPACED.test(letter)) spaced += letter;
    else {
      if (spaced !== '') pieces.push(spaced);
      pieces.push(letter);
      spaced = '';
    }
  }
  return spaced === '' ? pieces : [...pieces, spaced];
}
