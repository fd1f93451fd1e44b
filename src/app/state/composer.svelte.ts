/** A letter being written: what its sheet shows, and what is kept of it. */
import { ATTACHMENT_BYTES_MAX } from '../../core/codec/limits.ts';
import type { AttachmentView, Draft } from '../../core/mail/views.ts';
import { parseRecipients } from '../format/recipients.ts';
import { listText, sizeText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';
import { speaksOfFiles } from '../letter/forgotten.ts';
import { htmlOfText } from '../letter/html-of-text.ts';
import { htmlToSend, type LetterBody } from '../letter/letter-body.ts';
import { aboveSignature } from '../letter/start-body.ts';
import type { KeptDraft } from '../session/draft-store.ts';

export interface ForwardedPart {
  readonly messageId: string;
  readonly attachment: AttachmentView;
}

/** What a new sheet begins with. */
export interface ComposerStart {
  readonly to?: string;
  readonly cc?: string;
  readonly subject?: string;
  /** Quoted or forwarded below what is written. */
  readonly quote?: LetterBody;
  readonly inReplyTo?: string;
  readonly forwarded?: readonly ForwardedPart[];
}

export type ComposerField = 'to' | 'cc' | 'files' | 'form';

/** Handed over for sending: the time, milliseconds since 1970, and the key under which it is one message (`Draft.sendKey`). */
export type Waiting = NonNullable<KeptDraft['waiting']>;

export interface SendOptions {
  /** The person was asked: the file that the letter speaks of does not go with it. */
  readonly withoutFiles?: boolean;
  /** It waits until then: milliseconds since 1970. */
  readonly sendAt?: number;
}

/** One letter. */
export class Composer {
  readonly id: string;
  readonly inReplyTo: string | undefined;
  to = $state('');
  cc = $state('');
  subject = $state('');
  body = $state.raw<LetterBody>({ text: '', html: undefined });
  files = $state.raw<readonly File[]>([]);
  forwarded = $state.raw<readonly ForwardedPart[]>([]);
  ccShown = $state(false);
  minimised = $state(false);
  sending = $state(false);
  /** Set: it is not being written any more, unless it is taken back. */
  waiting = $state.raw<Waiting>();
  /** Asked: does it go out, as it was to, without the file that it speaks of? */
  asking = $state.raw<SendOptions>();
  /** A toast offers to take it back. */
  undoable = $state(false);
  /** While sending, the part of the files that is safe on this device: 0 to 1. */
  keptPart = $state(0);
  /** What is wrong, by field. */
  problems = $state.raw<Readonly<Partial<Record<ComposerField, string>>>>({});
  /** Names of attachments that a kept draft had: files are not kept. */
  lostFiles = $state.raw<readonly string[]>([]);
  /** What was turned into plain text last. */
  #formatted: LetterBody | undefined;

  constructor(id: string, start: Omit<ComposerStart, 'quote'>, body: LetterBody) {
    this.id = id;
    this.to = start.to ?? '';
    this.cc = start.cc ?? '';
    this.subject = start.subject ?? '';
    this.body = body;
    this.inReplyTo = start.inReplyTo;
    this.forwarded = start.forwarded ?? [];
    this.ccShown = this.cc !== '';
  }

  get attachedBytes(): number {
    const files = this.files.reduce((sum, file) => sum + file.size, 0);
    return this.forwarded.reduce((sum, part) => sum + part.attachment.sizeBytes, files);
  }

  /** Nothing worth keeping. */
  get empty(): boolean {
    return (
      [this.to, this.cc, this.subject, aboveSignature(this.body.text)].every((text) => text.trim() === '') &&
      this.files.length + this.forwarded.length === 0
    );
  }

  /** Files that would pass the limit are left out, and said. */
  attach(added: readonly File[]): void {
    const taken: File[] = [];
    const refused: string[] = [];
    let bytes = this.attachedBytes;
    for (const file of added) {
      if (bytes + file.size > ATTACHMENT_BYTES_MAX)
        refused.push(t.composer.refusedFile({ name: file.name, size: sizeText(file.size) }));
      else {
        taken.push(file);
        bytes += file.size;
      }
    }
    this.files = [...this.files, ...taken];
    if (taken.length > 0) this.asking = undefined;
    this.lostFiles = this.lostFiles.filter((name) => !taken.some((file) => file.name === name));
    const limit = sizeText(ATTACHMENT_BYTES_MAX);
    this.say(
      'files',
      refused.length === 0 ? undefined : t.composer.cannotAttach({ files: listText(refused), limit }),
    );
  }

  detach(file: File): void {
    this.files = this.files.filter((one) => one !== file);
    this.say('files', undefined);
  }

  detachForwarded(part: ForwardedPart): void {
    this.forwarded = this.forwarded.filter((one) => one !== part);
    this.say('files', undefined);
  }

  /** From formatted to plain text and back; the formatting returns as long as the text has not changed. */
  switchFormat(): void {
    const { text, html } = this.body;
    if (html !== undefined) {
      this.#formatted = { text, html };
      this.body = { text, html: undefined };
    } else this.body = this.#formatted?.text === text ? this.#formatted : { text, html: htmlOfText(text) };
  }

  say(field: ComposerField, problem: string | undefined): void {
    this.problems = { ...this.problems, [field]: problem };
  }

  kept(): KeptDraft {
    return {
      v: 1,
      to: this.to,
      cc: this.cc,
      subject: this.subject,
      text: this.body.text,
      html: this.body.html,
      waiting: this.waiting,
      inReplyTo: this.inReplyTo,
      forwarded: this.forwarded.map(({ messageId, attachment }) => ({
        messageId,
        attachment: { ...attachment },
      })),
      files: [...this.files.map((file) => file.name), ...this.lostFiles],
    };
  }

  /** Speaks of a file, and has none. */
  get lacksFiles(): boolean {
    return this.files.length + this.forwarded.length === 0 && speaksOfFiles(this.body.text);
  }

  /** What the node is given. */
  draft(): Draft {
    return {
      to: parseRecipients(this.to),
      cc: parseRecipients(this.cc),
      subject: this.subject.trim(),
      text: this.body.text,
      html: htmlToSend(this.body),
      files: this.files.map((file) => ({ name: file.name, type: file.type, content: file })),
      forwarded: this.forwarded.map(({ messageId, attachment }) => ({ messageId, index: attachment.index })),
      inReplyTo: this.inReplyTo,
      ...(this.waiting && { sendKey: this.waiting.sendKey }),
    };
  }
}
