/** What the editor's buttons do, and which of them are on. */
import type { Editor } from '@tiptap/core';
import { t } from '../i18n/translate.svelte.ts';
import type { IconName } from '../icons/paths.ts';

export interface EditorCommand {
  readonly icon: IconName;
  readonly label: string;
  /** As people read it; `Mod` is Ctrl, or ⌘ on a Mac. */
  readonly key: string;
  readonly isOn: (editor: Editor) => boolean;
  readonly run: (editor: Editor) => void;
}

/** In the order in which they stand; a group each. */
export function editorCommands(): readonly (readonly EditorCommand[])[] {
  return [
    [
      mark('bold', t.editor.bold, 'B', (editor) => editor.chain().focus().toggleBold().run()),
      mark('italic', t.editor.italic, 'I', (editor) => editor.chain().focus().toggleItalic().run()),
      mark('underline', t.editor.underline, 'U', (editor) => editor.chain().focus().toggleUnderline().run()),
      mark('strike', t.editor.strike, 'Shift+S', (editor) => editor.chain().focus().toggleStrike().run()),
      mark('code', t.editor.code, 'E', (editor) => editor.chain().focus().toggleCode().run()),
    ],
    [
      mark('heading', t.editor.heading, 'Alt+3', (editor) =>
        editor.chain().focus().toggleHeading({ level: 3 }).run(),
      ),
      mark('bulletList', t.editor.bullets, 'Shift+8', (editor) =>
        editor.chain().focus().toggleBulletList().run(),
      ),
      mark('orderedList', t.editor.numbers, 'Shift+7', (editor) =>
        editor.chain().focus().toggleOrderedList().run(),
      ),
      mark('blockquote', t.editor.quote, 'Shift+B', (editor) =>
        editor.chain().focus().toggleBlockquote().run(),
      ),
    ],
  ];
}

const icons = {
  bold: 'bold',
  italic: 'italic',
  underline: 'underline',
  strike: 'strike',
  code: 'code',
  heading: 'heading',
  bulletList: 'bullets',
  orderedList: 'numbers',
  blockquote: 'quote',
} as const satisfies Readonly<Record<string, IconName>>;

function mark(
  name: keyof typeof icons,
  label: string,
  key: string,
  run: (editor: Editor) => void,
): EditorCommand {
  return { icon: icons[name], label, key: `Ctrl+${key}`, isOn: (editor) => editor.isActive(name), run };
}
