/**
 * The words of received HTML, for the index alone: they are never shown, so tags are cut out as text, nothing is parsed as a document,
 * and nothing of it runs or loads.
 */

/** What is between these is not read by anybody. */
const UNREAD = /<(script|style|head|title|template|noscript)\b[\s\S]*?(?:<\/\1\s*>|$)/gi;
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
/** Ends before the next one, so that text of many beginnings is read once. */
const TAG = /<\/?([a-z][a-z0-9]*)\b[^<>]*>/gi;
/** Tags within a word. */
const INLINE =
  /^(?:a|abbr|b|big|bdi|bdo|cite|code|em|font|i|ins|del|kbd|mark|q|s|small|span|strong|sub|sup|u|wbr)$/i;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi;
/** Those that mails have; accents of letters are folded away in any case. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  szlig: 'ß',
};
const ACCENTED = /^([a-z])(?:acute|grave|circ|uml|tilde|cedil|ring|caron|slash)$/i;

export function textOfHtml(html: string): string {
  return html
    .replace(COMMENT, ' ')
    .replace(UNREAD, ' ')
    .replace(TAG, (_, name: string) => (INLINE.test(name) ? '' : ' '))
    .replace(ENTITY, (_, decimal?: string, hexadecimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? ACCENTED.exec(name)?.[1] ?? ' ';
      const code = decimal === undefined ? parseInt(hexadecimal!, 16) : Number(decimal);
      return code > 0x10ffff ? ' ' : String.fromCodePoint(code);
    });
}
