/** Finds web addresses in a text, so that they can be opened by a click; nothing is fetched. */

export type TextPart = { readonly text: string; readonly href: string | undefined };

const WEB_ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/gi;
/** What usually belongs to the sentence and not to the address. */
const TRAILING = /[.,;:!?…'")\]}]+$/;

/** The parts of `text` in order; joined they give it again. Only http and https become links. */
export function linkParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(WEB_ADDRESS)) {
    const address = withoutTrailing(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: undefined });
    parts.push({ text: address, href: new URL(address).href });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: undefined });
  return parts;
}

/** A closing bracket stays when it was opened inside the address. */
function withoutTrailing(address: string): string {
  const trailing = TRAILING.exec(address)?.[0] ?? '';
  const bare = address.slice(0, address.length - trailing.length);
  return trailing.startsWith(')') && bare.includes('(') ? `${bare})` : bare;
}
