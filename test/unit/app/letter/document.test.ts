/** What is sent of a formatted letter: HTML and text, line by line. */
import { describe, expect, test } from 'vitest';
import '../../../support/english.ts';
import { linkTarget } from '../../../../src/app/editor/link-target.ts';
import { htmlOf, textOf, type LetterNode } from '../../../../src/app/letter/document.ts';
import { htmlOfText } from '../../../../src/app/letter/html-of-text.ts';
import { forwardedHead, htmlToSend, ownText } from '../../../../src/app/letter/letter-body.ts';
import { aboveSignature, startBody } from '../../../../src/app/letter/start-body.ts';

const doc = (...content: LetterNode[]): LetterNode => ({ type: 'doc', content });
const line = (...content: (LetterNode | string)[]): LetterNode => ({
  type: 'paragraph',
  content: content.map((one) => (typeof one === 'string' ? { type: 'text', text: one } : one)),
});
const marked = (text: string, ...types: string[]): LetterNode => ({
  type: 'text',
  text,
  marks: types.map((type) =>
    type.includes(':') ? { type: 'link', attrs: { href: type, target: null } } : { type },
  ),
});
const list = (type: string, ...items: LetterNode[][]): LetterNode => ({
  type,
  attrs: { start: 3 },
  content: items.map((content) => ({ type: 'listItem', content })),
});
const quote = (...content: LetterNode[]): LetterNode => ({ type: 'blockquote', content });

describe('a formatted letter', () => {
  test.each<[string, LetterNode, string, string]>([
    ['lines', doc(line('a'), line(), line('b')), '<div>a</div><div><br></div><div>b</div>', 'a\n\nb'],
    [
      'marks that overlap',
      doc(line(marked('a', 'bold'), marked('b', 'bold', 'italic'), marked('c', 'italic'))),
      '<div><strong>a<em>b</em></strong><em>c</em></div>',
      'abc',
    ],
    [
      'a link with words of its own',
      doc(
        line(
          'see ',
          marked('this ', 'https://a.example/?x=1&y="2"'),
          marked('page', 'https://a.example/?x=1&y="2"', 'bold'),
        ),
      ),
      '<div>see <a href="https://a.example/?x=1&amp;y=&quot;2&quot;">this <strong>page</strong></a></div>',
      'see this page <https://a.example/?x=1&y="2">',
    ],
    [
      'a link that says where it leads',
      doc(
        line(
          marked('a.example', 'https://a.example/'),
          ' or ',
          marked('bob@b.example', 'mailto:bob@b.example'),
        ),
      ),
      '<div><a href="https://a.example/">a.example</a> or <a href="mailto:bob@b.example">bob@b.example</a></div>',
      'a.example or bob@b.example',
    ],
    [
      'lists within lists',
      doc(list('bulletList', [line('a'), list('orderedList', [line('b')], [line('c')])], [line('d')])),
      '<ul><li>a<ol start="3"><li>b</li><li>c</li></ol></li><li>d</li></ul>',
      '- a\n  3. b\n  4. c\n- d',
    ],
    [
      'an item of two lines',
      doc(list('bulletList', [line('a'), line('b')])),
      '<ul><li><div>a</div><div>b</div></li></ul>',
      '- a\n  b',
    ],
    [
      'quotations within quotations',
      doc(line('Yes'), quote(line('a'), line(), quote(line('b')))),
      '<div>Yes</div><blockquote><div>a</div><div><br></div><blockquote><div>b</div></blockquote></blockquote>',
      'Yes\n> a\n>\n>> b',
    ],
    [
      'breaks, headings and signs of HTML',
      doc({ ...line('H'), type: 'heading' }, line('1 < 2 & "3"', { type: 'hardBreak' }, '<script>')),
      '<h3>H</h3><div>1 &lt; 2 &amp; &quot;3&quot;<br>&lt;script></div>',
      'H\n1 < 2 & "3"\n<script>',
    ],
    ['spaces', doc(line(' a   b ')), '<div>&nbsp;a &nbsp; b&nbsp;</div>', ' a   b '],
    [
      'spaces that were held',
      doc(line('\u00a0a \u00a0 b\u00a0')),
      '<div>\u00a0a \u00a0 b\u00a0</div>',
      ' a   b ',
    ],
    ['spaces of French print', doc(line('Oui\u00a0!')), '<div>Oui\u00a0!</div>', 'Oui\u00a0!'],
  ])('%s', (_, letter, html, text) => {
    expect(htmlOf(letter)).toBe(html);
    expect(textOf(letter)).toBe(text);
  });

  test('a node that this version does not know gives what is in it', () => {
    expect(htmlOf(doc({ type: 'table', content: [line('a')] }))).toBe('<div>a</div>');
    expect(htmlOf(doc(line(marked('a', 'glow'))))).toBe('<div>a</div>');
  });
});

describe('a plain text', () => {
  test('becomes lines, quotations and links', () => {
    expect(htmlOfText('a\n\n> b\n>> c\n> > d\ne')).toBe(
      '<div>a</div><div><br></div><blockquote><div>b</div><blockquote><div>c</div><div>d</div></blockquote></blockquote><div>e</div>',
    );
    expect(htmlOfText('See https://a.example/?x&y, <b>')).toBe(
      '<div>See <a href="https://a.example/?x&amp;y">https://a.example/?x&amp;y</a>, &lt;b></div>',
    );
    expect(htmlOfText('  a')).toBe('<div>&nbsp;&nbsp;a</div>');
  });

  test('no depth of quotation makes it long', () => {
    expect(htmlOfText('>'.repeat(10_000)).match(/<blockquote>/g)).toHaveLength(20);
  });

  test('stays plain when nothing in it is formatted', () => {
    const sent = (html: string) => htmlToSend({ text: '', html });
    expect(sent('<div>a<br>b</div><div><br></div>')).toBeUndefined();
    expect(sent(htmlOfText('See https://a.example and https://b.example/c'))).toBeUndefined();
    for (const html of [
      '<div><em>a</em></div>',
      '<div><a href="https://a.example">b</a></div>',
      '<h3>a</h3>',
    ])
      expect(sent(html)).toBe(html);
    expect(htmlToSend({ text: 'a', html: undefined })).toBeUndefined();
  });

  test('the writer’s own part is without what is quoted or forwarded', () => {
    expect(ownText('Mine\n> theirs\nmine').split('\n')).toEqual(['Mine', '', 'mine']);
    expect(ownText(`Mine\n${forwardedHead()}\nFrom: Bob\n\ntheirs`)).toBe('Mine\n');
  });
});

describe('a letter begins', () => {
  test('empty, or with the signature below it', () => {
    expect(startBody('', undefined)).toEqual({ text: '', html: '<div><br></div>' });
    expect(startBody('Ada\nLondon', undefined)).toEqual({
      text: '\n\n-- \nAda\nLondon',
      html: '<div><br></div><div><br></div><div>--&nbsp;</div><div>Ada</div><div>London</div>',
    });
  });

  test('above what it quotes', () => {
    const { text, html } = startBody('Ada', {
      text: 'Bob wrote:\n> Hello',
      html: '<blockquote>H</blockquote>',
    });
    expect(text).toBe('\n\n-- \nAda\n\nBob wrote:\n> Hello');
    expect(html).toMatch(/<div>Ada<\/div><div><br><\/div><blockquote>H<\/blockquote>$/);
    expect(startBody('', { text: '> a', html: undefined }).html).toBe(
      '<div><br></div><div><br></div><blockquote><div>a</div></blockquote>',
    );
  });

  test('what is above the signature is what somebody wrote', () => {
    expect(aboveSignature(startBody('Ada', undefined).text).trim()).toBe('');
    expect(aboveSignature('Hello\n-- \nAda')).toBe('Hello');
    expect(aboveSignature('Hello\n> -- \n> Bob')).toBe('Hello\n> -- \n> Bob');
  });
});

test.each([
  ['example.org', 'https://example.org'],
  ['example.org:8080/a', 'https://example.org:8080/a'],
  [' HTTP://example.org ', 'HTTP://example.org'],
  ['ada@example.org', 'mailto:ada@example.org'],
  ['mailto:ada@example.org', 'mailto:ada@example.org'],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['two words', undefined],
  ['', undefined],
])('a link to %j leads to %j', (typed, target) => {
  expect(linkTarget(typed)).toBe(target);
});
