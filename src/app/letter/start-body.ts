/** What a letter begins with: room to write, the signature, and below it what is answered or passed on. */
import { htmlOfText } from './html-of-text.ts';
import type { LetterBody } from './letter-body.ts';

/** The line before a signature, with its space (RFC 3676, 4.3). */
export const SIGNATURE_LINE = '-- ';

export function startBody(signature: string, quote: LetterBody | undefined): LetterBody {
  const above = [''];
  if (signature !== '') above.push('', SIGNATURE_LINE, ...signature.split('\n'));
  if (quote === undefined) {
    const text = above.join('\n');
    return { text, html: htmlOfText(text) };
  }
  above.push('');
  const html = quote.html ?? htmlOfText(quote.text);
  return { text: [...above, quote.text].join('\n'), html: htmlOfText(above.join('\n')) + html };
}

/** A text as it was before its signature and all that is below; whole when it has none. */
export function aboveSignature(text: string): string {
  const lines = text.split('\n');
  const end = lines.indexOf(SIGNATURE_LINE);
  return (end < 0 ? lines : lines.slice(0, end)).join('\n');
}
