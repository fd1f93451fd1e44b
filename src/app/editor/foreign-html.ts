/** HTML that comes from elsewhere, made ready for the letter's own form. */
import { cleanHtml } from '../message/sanitise.ts';

/**
 * In a letter a paragraph is a line: where a page has space between two, a blank line says so. A break at the end of a block
 * only keeps it open and is no line of its own.
 */
export function asLines(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const last of page.querySelectorAll('br:last-child')) {
    const rest = last.nextSibling?.textContent ?? '';
    if (rest.trim() === '') last.remove();
  }
  for (const paragraph of page.querySelectorAll('p + p, p + ul, p + ol, ul + p, ol + p')) {
    paragraph.before(page.createElement('div'));
  }
  return page.body.innerHTML;
}

/** A kept or a quoted letter: nothing of it that could do harm reaches the editor. */
export function letterContent(html: string): string {
  return asLines(cleanHtml(html));
}
