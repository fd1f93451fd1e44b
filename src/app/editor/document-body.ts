/** What an editor's document says, worked out when somebody asks: not at every key. */
import { htmlOf, textOf, type LetterNode } from '../letter/document.ts';
import type { LetterBody } from '../letter/letter-body.ts';

export class DocumentBody implements LetterBody {
  readonly #document: { toJSON(): LetterNode };
  #text: string | undefined;
  #html: string | undefined;

  /** A document of ProseMirror never changes. */
  constructor(document: { toJSON(): LetterNode }) {
    this.#document = document;
  }

  get text(): string {
    return (this.#text ??= textOf(this.#document.toJSON()));
  }

  get html(): string {
    return (this.#html ??= htmlOf(this.#document.toJSON()));
  }
}
