/**
 * A letter as the editor has it, and what is sent of it: small HTML without classes and styles, and a text that says the
 * same. Paragraphs are lines, as people write mail: an empty one is a blank line.
 */

/** A node as ProseMirror's `toJSON` gives it. */
export interface LetterNode {
  readonly type: string;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly marks?: readonly LetterMark[];
  readonly content?: readonly LetterNode[];
}

export interface LetterMark {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
}

const MARK_TAGS: Readonly<Record<string, string>> = {
  bold: 'strong',
  italic: 'em',
  underline: 'u',
  strike: 's',
  code: 'code',
};

/** `<div>` a line, `<ul>`, `<ol>`, `<blockquote>`, `<h3>`; marks as `<strong>`, `<em>`, `<u>`, `<s>`, `<code>`, `<a href>`. */
export function htmlOf(node: LetterNode): string {
  const blocks = (): string => children(node).map(htmlOf).join('');
  switch (node.type) {
    case 'paragraph':
      return `<div>${lineHtml(node)}</div>`;
    case 'heading':
      return `<h3>${lineHtml(node)}</h3>`;
    case 'blockquote':
      return `<blockquote>${blocks()}</blockquote>`;
    case 'bulletList':
      return `<ul>${blocks()}</ul>`;
    case 'orderedList': {
      const start = startOf(node);
      return `<ol${start === 1 ? '' : ` start="${start}"`}>${blocks()}</ol>`;
    }
    case 'listItem':
      return `<li>${itemHtml(children(node))}</li>`;
    default:
      return blocks();
  }
}

/** A list's items begin with `- ` or `1. `, quoted lines with `>`; a link is followed by its address where it does not say it. */
export function textOf(node: LetterNode): string {
  return linesOf(node).join('\n');
}

function linesOf(node: LetterNode): string[] {
  const lines = (): string[] => children(node).flatMap(linesOf);
  switch (node.type) {
    case 'paragraph':
    case 'heading':
      return lineText(node).split('\n').map(plainSpaces);
    case 'blockquote':
      return lines().map(quotedLine);
    case 'bulletList':
      return children(node).flatMap((item) => itemLines(item, '- '));
    case 'orderedList': {
      const start = startOf(node);
      return children(node).flatMap((item, i) => itemLines(item, `${start + i}. `));
    }
    default:
      return lines();
  }
}

/** `Text` → `> Text`, `> Text` → `>> Text`. */
export function quotedLine(line: string): string {
  return line === '' || line.startsWith('>') ? `>${line}` : `> ${line}`;
}

function itemLines(item: LetterNode, marker: string): string[] {
  const indent = ' '.repeat(marker.length);
  return children(item)
    .flatMap(linesOf)
    .map((line, i) => (i === 0 ? marker : indent) + line);
}

/** An item of one line needs no element for it. */
function itemHtml([first, ...rest]: readonly LetterNode[]): string {
  if (first === undefined) return '';
  const isOneLine = first.type === 'paragraph' && !rest.some(({ type }) => type === 'paragraph');
  return (isOneLine ? lineHtml(first) : htmlOf(first)) + rest.map(htmlOf).join('');
}

function lineHtml(node: LetterNode): string {
  const html = marked(children(node), 0);
  return html === '' ? '<br>' : html.replace(/^ | $/g, '&nbsp;');
}

/** Neighbours that share their mark number `depth` share its element. */
function marked(nodes: readonly LetterNode[], depth: number): string {
  let html = '';
  for (let i = 0; i < nodes.length;) {
    const mark = nodes[i]!.marks?.[depth];
    if (mark === undefined) {
      html += inlineHtml(nodes[i++]!);
      continue;
    }
    const start = i;
    while (i < nodes.length && isSame(nodes[i]!.marks?.[depth], mark)) i++;
    html += withMark(mark, marked(nodes.slice(start, i), depth + 1));
  }
  return html;
}

function withMark(mark: LetterMark, html: string): string {
  const href = hrefOf(mark);
  if (href !== undefined) return `<a href="${escaped(href)}">${html}</a>`;
  const tag = MARK_TAGS[mark.type];
  return tag === undefined ? html : `<${tag}>${html}</${tag}>`;
}

function inlineHtml({ type, text = '' }: LetterNode): string {
  return type === 'hardBreak' ? '<br>' : escaped(text).replaceAll('  ', ' &nbsp;');
}

function lineText(node: LetterNode): string {
  const nodes = children(node);
  let line = '';
  for (let i = 0; i < nodes.length;) {
    const href = linkOf(nodes[i]!);
    let text = '';
    do text += inlineText(nodes[i++]!);
    while (i < nodes.length && href !== undefined && linkOf(nodes[i]!) === href);
    line += href === undefined || saysIt(text, href) ? text : `${text} <${href.replace(/^mailto:/, '')}>`;
  }
  return line;
}

function inlineText({ type, text = '' }: LetterNode): string {
  return type === 'hardBreak' ? '\n' : text;
}

/** The words of a link are its address. */
function saysIt(text: string, href: string): boolean {
  const bare = (address: string): string =>
    address
      .trim()
      .replace(/^(https?:\/\/|mailto:)/, '')
      .replace(/\/$/, '');
  return bare(text) === bare(href);
}

function linkOf({ marks = [] }: LetterNode): string | undefined {
  for (const mark of marks) {
    const href = hrefOf(mark);
    if (href !== undefined) return href;
  }
  return undefined;
}

function hrefOf({ type, attrs }: LetterMark): string | undefined {
  const href = attrs?.['href'];
  return type === 'link' && typeof href === 'string' ? href : undefined;
}

function startOf({ attrs }: LetterNode): number {
  const start = attrs?.['start'];
  return typeof start === 'number' ? start : 1;
}

function isSame(a: LetterMark | undefined, b: LetterMark): boolean {
  return a !== undefined && a.type === b.type && hrefOf(a) === hrefOf(b);
}

function children({ content = [] }: LetterNode): readonly LetterNode[] {
  return content;
}

/** No-break spaces that only hold a run of spaces together are spaces in a text. */
function plainSpaces(line: string): string {
  return line.replace(/[ \u00a0]{2,}|^\u00a0|\u00a0$/g, (run) => ' '.repeat(run.length));
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
