/** A plain text as formatted letters have it: a line each, quoted lines in block quotes, web addresses as links. */
import { linkParts } from '../format/links.ts';
import { escaped } from './document.ts';

/** Deeper quotations lie in the innermost one. */
const LEVELS_MAX = 20;

export function htmlOfText(text: string): string {
  let html = '';
  let level = 0;
  const toLevel = (wanted: number): void => {
    for (; level < wanted; level++) html += '<blockquote>';
    for (; level > wanted; level--) html += '</blockquote>';
  };
  for (const line of text.split('\n')) {
    const marks = /^(?:>[ ]?)*/.exec(line)![0];
    toLevel(Math.min(LEVELS_MAX, marks.replaceAll(' ', '').length));
    html += `<div>${lineHtml(line.slice(marks.length))}</div>`;
  }
  toLevel(0);
  return html;
}

function lineHtml(line: string): string {
  if (line === '') return '<br>';
  const html = linkParts(line).map(({ text, href }) =>
    href === undefined ? spaced(escaped(text)) : `<a href="${escaped(href)}">${escaped(text)}</a>`,
  );
  return html.join('').replace(/^ | $/g, '&nbsp;');
}

function spaced(text: string): string {
  return text.replaceAll('  ', ' &nbsp;');
}
