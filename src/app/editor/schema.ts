/** What a formatted letter may have in it; whatever else is pasted is reduced to this. */
import type { Extensions } from '@tiptap/core';
import { Blockquote } from '@tiptap/extension-blockquote';
import { Bold } from '@tiptap/extension-bold';
import { Code } from '@tiptap/extension-code';
import { Document } from '@tiptap/extension-document';
import { HardBreak } from '@tiptap/extension-hard-break';
import { Heading } from '@tiptap/extension-heading';
import { Italic } from '@tiptap/extension-italic';
import { Link } from '@tiptap/extension-link';
import { BulletList, ListItem, OrderedList } from '@tiptap/extension-list';
import { Paragraph } from '@tiptap/extension-paragraph';
import { Strike } from '@tiptap/extension-strike';
import { Text } from '@tiptap/extension-text';
import { Underline } from '@tiptap/extension-underline';
import { Placeholder, UndoRedo } from '@tiptap/extensions';

/** What a link in a letter may lead to, as in the letters that are shown. */
export const LINK_TARGET = /^(https?:\/\/|mailto:)/i;
const BLOCKS = [
  'article',
  'blockquote',
  'div',
  'dl',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'li',
  'ol',
  'p',
  'pre',
  'section',
  'ul',
];

/** A line. Elements that only hold other blocks together are none. */
const Line = Paragraph.extend({
  parseHTML: () => [
    { tag: 'p' },
    { tag: 'div', getAttrs: (element) => (element.querySelector(BLOCKS.join()) === null ? {} : false) },
  ],
  renderHTML: () => ['div', 0],
});

/** Ctrl+Enter sends the letter. */
const Break = HardBreak.extend({
  addKeyboardShortcuts() {
    return { 'Shift-Enter': () => this.editor.commands.setHardBreak() };
  },
});

/** One size of heading: those of other pages become it. */
const SmallHeading = Heading.extend({
  parseHTML: () => [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level: 3 } })),
}).configure({ levels: [3] });

export function letterExtensions(placeholder: () => string): Extensions {
  return [
    Document,
    Line,
    Text,
    Break,
    Bold,
    Italic,
    Underline,
    Strike,
    Code,
    SmallHeading,
    BulletList,
    OrderedList,
    ListItem,
    Blockquote,
    UndoRedo,
    Link.configure({
      openOnClick: false,
      HTMLAttributes: { target: null, rel: null },
      isAllowedUri: (address, { defaultValidate }) => LINK_TARGET.test(address) && defaultValidate(address),
    }),
    Placeholder.configure({ placeholder }),
  ];
}
