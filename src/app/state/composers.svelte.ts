/** The letters of this tab that are being written, or wait to be sent; kept on disk as one types. */
import { systemRandom } from '../../adapters/system/random.ts';
import { toHex } from '../../core/codec/bytes.ts';
import { ClientError, type Client } from '../../core/node/client.ts';
import { dayAndTime } from '../format/dates.ts';
import { parseRecipients } from '../format/recipients.ts';
import { t } from '../i18n/translate.svelte.ts';
import { startBody } from '../letter/start-body.ts';
import type { DraftStore } from '../session/draft-store.ts';
import { Composer, type ComposerField, type ComposerStart, type SendOptions } from './composer.svelte.ts';
import { InOrder } from './in-order.ts';
import { sentenceOf } from './mailbox.svelte.ts';
import { Timers } from './timers.ts';
import type { Toasts } from './toasts.svelte.ts';

/** A pause in typing after which the draft is written to disk. */
const SAVE_AFTER_MS = 400;
/** A timer of a browser neither runs for months nor while the machine sleeps: a waiting letter is looked at so often. */
const LOOK_MS_MAX = 60_000;

/** What a person has chosen. */
export interface ComposerPreferences {
  /** Seconds in which sending can be undone. */
  readonly undoTime: string;
  /** Lines below each new letter; empty: none. */
  readonly signature: string;
}

export interface ComposersPorts {
  readonly client: Client;
  readonly drafts: DraftStore;
  readonly toasts: Toasts;
  readonly preferences: ComposerPreferences;
  /** A letter is safe on this device. */
  readonly sent: (messageId: string) => void;
}

export class Composers {
  readonly #ports: ComposersPorts;
  readonly #saves = new Timers<string>();
  readonly #looks = new Timers<string>();
  readonly #writes = new InOrder<string>();
  /** Ids of all letters that this tab has had: what it has closed does not come back. */
  readonly #known: string[] = [];
  #list = $state.raw<readonly Composer[]>([]);

  constructor(ports: ComposersPorts) {
    this.#ports = ports;
  }

  get list(): readonly Composer[] {
    return this.#list;
  }

  open(start: ComposerStart = {}): Composer {
    const composer = new Composer(
      this.#ports.drafts.newId(),
      start,
      startBody(this.#ports.preferences.signature, start.quote),
    );
    this.#known.push(composer.id);
    this.#show(composer);
    return composer;
  }

  /** Brings back what no tab has open any more: minimised, or to be sent when its time has come. */
  async restore(): Promise<void> {
    for (const { id, draft } of await this.#ports.drafts.claim()) {
      if (this.#known.includes(id)) continue;
      this.#known.push(id);
      const { text, html, inReplyTo, waiting } = draft;
      const composer = new Composer(id, { ...draft, inReplyTo }, { text, html });
      composer.lostFiles = draft.files;
      composer.minimised = true;
      this.#list = [...this.#list, composer];
      if (waiting === undefined) continue;
      if (draft.files.length > 0)
        this.#ports.toasts.error(t.composer.filesMissing({ subject: draft.subject }));
      else {
        composer.waiting = waiting;
        this.#watch(composer);
      }
    }
  }

  /** The person typed: saved after a pause. */
  changed(composer: Composer): void {
    this.#saves.start(composer.id, SAVE_AFTER_MS, () => this.#save(composer));
  }

  /** Closes the sheet; what was typed can be brought back for a moment. */
  discard(composer: Composer): void {
    const wasEmpty = composer.empty;
    this.#close(composer);
    if (wasEmpty) return;
    const undo = (): void => {
      this.#show(composer);
      this.#save(composer);
    };
    this.#ports.toasts.done(t.composer.discarded, { action: { label: t.app.undo, run: undo } });
  }

  /** Sends when the time to undo it is over; or says beside the field what is wrong. */
  async send(composer: Composer, options: SendOptions = {}): Promise<void> {
    const { withoutFiles = false, sendAt } = options;
    if (!this.#isAddressed(composer)) return;
    composer.asking = composer.lacksFiles && !withoutFiles ? options : undefined;
    if (composer.asking) return;
    if (sendAt !== undefined) return this.#sendLater(composer, sendAt);
    const undoMs = 1000 * Number(this.#ports.preferences.undoTime);
    if (undoMs === 0) return this.#deliver(composer);
    this.#wait(composer, Date.now() + undoMs);
    composer.undoable = true;
    this.#ports.toasts.done(t.composer.goesOut, {
      action: { label: t.app.undo, run: () => this.takeBack(composer) },
      gone: () => {
        composer.undoable = false;
        void this.#deliver(composer);
      },
      countdownMs: undoMs,
    });
  }

  /** Files are not kept on disk: a letter that has some could not be sent by the next tab. */
  #sendLater(composer: Composer, sendAt: number): void {
    if (composer.files.length > 0) return composer.say('files', t.composer.filesCannotWait);
    this.#wait(composer, sendAt);
    this.#watch(composer);
    this.#ports.toasts.done(t.composer.willBeSent({ date: dayAndTime(sendAt) }), {
      action: { label: t.app.undo, run: () => this.takeBack(composer) },
    });
  }

  /** A letter that waits is one that is being written, again. */
  takeBack(composer: Composer): void {
    const isWaiting = composer.waiting !== undefined && !composer.sending;
    // What was offered may have come too late: it is on its way, or sent.
    if (isWaiting && this.#list.includes(composer)) this.#reopen(composer);
  }

  #reopen(composer: Composer): void {
    composer.undoable = false;
    composer.waiting = undefined;
    this.#looks.cancel(composer.id);
    this.#show(composer);
    this.#save(composer);
  }

  #isAddressed(composer: Composer): boolean {
    composer.problems = {};
    if (parseRecipients(`${composer.to},${composer.cc}`).length > 0) return true;
    composer.say('to', t.composer.sayToWhom);
    return false;
  }

  /** On disk from now on: whoever has it open at its time sends it, once. */
  #wait(composer: Composer, sendAt: number): void {
    composer.waiting = { sendAt, sendKey: toHex(systemRandom.bytes(16)) };
    this.#saves.cancel(composer.id);
    this.#save(composer);
  }

  #watch(composer: Composer): void {
    const leftMs = (composer.waiting?.sendAt ?? 0) - Date.now();
    if (leftMs <= 0) void this.#deliver(composer);
    else this.#looks.start(composer.id, Math.min(leftMs, LOOK_MS_MAX), () => this.#watch(composer));
  }

  /** Closes the sheet when the message is safe on this device; else says beside the field what is wrong. */
  async #deliver(composer: Composer): Promise<void> {
    composer.sending = true;
    composer.keptPart = 0;
    const filesBytes = composer.files.reduce((sum, file) => sum + file.size, 0);
    try {
      const messageId = await this.#ports.client.send(composer.draft(), (doneBytes) => {
        composer.keptPart = doneBytes / Math.max(1, filesBytes);
      });
      this.#close(composer);
      this.#ports.sent(messageId);
    } catch (error) {
      composer.say(fieldOf(error, composer), sentenceOf(error));
      if (composer.waiting === undefined) return;
      this.#reopen(composer);
      this.#ports.toasts.error(t.composer.notSent({ reason: sentenceOf(error) }));
    } finally {
      composer.sending = false;
    }
  }

  /** In front of the others. */
  #show(composer: Composer): void {
    const others = this.#list.filter((one) => one !== composer);
    for (const other of others) other.minimised = true;
    composer.minimised = false;
    this.#list = [...others, composer];
  }

  #close(composer: Composer): void {
    this.#list = this.#list.filter((one) => one !== composer);
    this.#saves.cancel(composer.id);
    this.#looks.cancel(composer.id);
    this.#write(composer.id, () => this.#ports.drafts.remove(composer.id));
  }

  #save(composer: Composer): void {
    const { drafts } = this.#ports;
    if (composer.empty) return this.#write(composer.id, () => drafts.remove(composer.id));
    const kept = composer.kept();
    this.#write(composer.id, () => drafts.save(composer.id, kept));
  }

  #write(id: string, write: () => Promise<void>): void {
    this.#writes.run(id, write, (error) =>
      this.#ports.toasts.error(t.composer.notKept({ reason: sentenceOf(error) })),
    );
  }
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
