/** The open composer sheets and what is typed in them; kept on disk as one types. */
import { ATTACHMENT_BYTES_MAX } from '../../core/codec/limits.ts';
import { ClientError, type Client } from '../../core/node/client.ts';
import type { AttachmentView, Draft } from '../../core/mail/views.ts';
import { parseRecipients } from '../format/recipients.ts';
import { listText, sizeText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';
import { htmlOfText } from '../letter/html-of-text.ts';
import { htmlToSend, type LetterBody } from '../letter/letter-body.ts';
import { aboveSignature, startBody } from '../letter/start-body.ts';
import type { DraftStore, KeptDraft } from '../session/draft-store.ts';
import { InOrder } from './in-order.ts';
import { sentenceOf } from './mailbox.svelte.ts';
import { Timers } from './timers.ts';
import type { Toasts } from './toasts.svelte.ts';

/** A pause in typing after which the draft is written to disk. */
const SAVE_AFTER_MS = 400;

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

/** One sheet. */
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
      inReplyTo: this.inReplyTo,
      forwarded: this.forwarded.map(({ messageId, attachment }) => ({
        messageId,
        attachment: { ...attachment },
      })),
      files: [...this.files.map((file) => file.name), ...this.lostFiles],
    };
  }
}

/** All sheets of this tab. */
export class Composers {
  readonly #client: Client;
  readonly #drafts: DraftStore;
  readonly #toasts: Toasts;
  readonly #timers = new Timers<string>();
  readonly #writes = new InOrder<string>();
  #list = $state.raw<readonly Composer[]>([]);

  constructor(client: Client, drafts: DraftStore, toasts: Toasts) {
    this.#client = client;
    this.#drafts = drafts;
    this.#toasts = toasts;
  }

  get list(): readonly Composer[] {
    return this.#list;
  }

  open(start: ComposerStart = {}): Composer {
    const composer = new Composer(this.#drafts.newId(), start, startBody('', start.quote));
    this.#list = [...this.#list.map(minimise), composer];
    return composer;
  }

  /** Brings back, minimised, what was being written when the last tab closed. */
  async restore(): Promise<void> {
    for (const { id, draft } of await this.#drafts.claim()) {
      if (this.#list.some((one) => one.id === id)) continue;
      const { text, html, inReplyTo } = draft;
      const composer = new Composer(id, { ...draft, inReplyTo }, { text, html });
      composer.lostFiles = draft.files;
      composer.minimised = true;
      this.#list = [...this.#list, composer];
    }
  }

  /** The person typed: saved after a pause. */
  changed(composer: Composer): void {
    this.#timers.start(composer.id, SAVE_AFTER_MS, () => this.#save(composer));
  }

  /** Closes the sheet; what was typed can be brought back for a moment. */
  discard(composer: Composer): void {
    const wasEmpty = composer.empty;
    this.#close(composer);
    if (wasEmpty) return;
    const undo = (): void => {
      this.#list = [...this.#list.map(minimise), composer];
      this.#save(composer);
    };
    this.#toasts.done(t.composer.discarded, { action: { label: t.app.undo, run: undo } });
  }

  /** Sends, and closes the sheet when the message is safe on this device; else says beside the field what is wrong. */
  async send(composer: Composer, sent: (messageId: string) => void): Promise<void> {
    const to = parseRecipients(composer.to);
    const cc = parseRecipients(composer.cc);
    composer.problems = {};
    if (to.length + cc.length === 0) return composer.say('to', t.composer.sayToWhom);
    composer.sending = true;
    composer.keptPart = 0;
    const filesBytes = composer.files.reduce((sum, file) => sum + file.size, 0);
    try {
      const draft: Draft = {
        to,
        cc,
        subject: composer.subject.trim(),
        text: composer.body.text,
        html: htmlToSend(composer.body),
        files: composer.files.map((file) => ({ name: file.name, type: file.type, content: file })),
        forwarded: composer.forwarded.map(({ messageId: from, attachment }) => ({
          messageId: from,
          index: attachment.index,
        })),
        inReplyTo: composer.inReplyTo,
      };
      const messageId = await this.#client.send(draft, (doneBytes) => {
        composer.keptPart = doneBytes / Math.max(1, filesBytes);
      });
      this.#close(composer);
      sent(messageId);
    } catch (error) {
      composer.say(fieldOf(error, composer), sentenceOf(error));
    } finally {
      composer.sending = false;
    }
  }

  #close(composer: Composer): void {
    this.#list = this.#list.filter((one) => one !== composer);
    this.#timers.cancel(composer.id);
    this.#write(composer.id, () => this.#drafts.remove(composer.id));
  }

  #save(composer: Composer): void {
    if (composer.empty) return this.#write(composer.id, () => this.#drafts.remove(composer.id));
    const kept = composer.kept();
    this.#write(composer.id, () => this.#drafts.save(composer.id, kept));
  }

  #write(id: string, write: () => Promise<void>): void {
    this.#writes.run(id, write, (error) =>
      this.#toasts.error(t.composer.notKept({ reason: sentenceOf(error) })),
    );
  }
}

function minimise(composer: Composer): Composer {
  composer.minimised = true;
  return composer;
}

/** Beside which field the node's answer belongs. */
function fieldOf(error: unknown, composer: Composer): ComposerField {
  if (!(error instanceof ClientError)) return 'form';
  switch (error.code) {
    case 'no-recipient':
    case 'too-many-recipients':
      return 'to';
    case 'bad-address':
    case 'no-such-recipient': {
      const inCc = parseRecipients(composer.cc).some((recipient) => error.message.includes(recipient));
      return inCc && !parseRecipients(composer.to).some((recipient) => error.message.includes(recipient))
        ? 'cc'
        : 'to';
    }
    case 'too-large':
      return 'files';
    default:
      return 'form';
  }
}
