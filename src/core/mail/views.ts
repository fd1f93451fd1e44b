/** What a person sees of the mail: plain, structured-cloneable views of the mailbox, for any user interface. */
import type { Bytes } from '../codec/bytes.ts';
import type { Standing } from './entries.ts';
import type { Folder, FolderView, LabelId, LabelView } from './folders.ts';
import type { Rule } from './rules.ts';
import type { SettingValues } from './settings.ts';

/** States of a delivery in their order; `bounced` ends it too (promise 2). */
export const deliveryStates = ['queued', 'stored', 'notified', 'received', 'read'] as const;
export type DeliveryState = (typeof deliveryStates)[number] | 'bounced';

export interface PersonView {
  /** Display name, as its owner wrote it; the address when unknown. */
  readonly name: string;
  /** Canonical `local@domain`. */
  readonly address: string;
  /** Hexadecimal identity key, from which the person's mark is drawn; undefined before it is known. */
  readonly identityKey: string | undefined;
  /** This key was compared with its owner. */
  readonly verified: boolean;
  /** Another key was: somebody else may have taken over the address. */
  readonly keyChanged: boolean;
}

/** Somebody whom the person has met. */
export interface ContactView extends PersonView {
  readonly standing: Standing | undefined;
}

/** What the person chose and made, on all of their devices. */
export interface OrganizationView {
  readonly folders: readonly FolderView[];
  readonly labels: readonly LabelView[];
  /** In the order in which they are applied. */
  readonly rules: readonly { readonly id: string; readonly rule: Rule }[];
  readonly readReceipts: boolean;
  readonly requests: SettingValues['requests'];
}

export interface AttachmentView {
  /** Its place in the message: 0, 1 … */
  readonly index: number;
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/** The proof of one step of a delivery, in words and in exact terms. */
export interface EvidenceView {
  readonly state: DeliveryState;
  readonly at: number;
  /** "Kept by 3 devices of your organization." */
  readonly summary: string;
  /** One line per signature: who signed what, when (node ids and keys shortened hexadecimal). */
  readonly details: readonly string[];
}

export interface RecipientDeliveryView {
  readonly person: PersonView;
  readonly state: DeliveryState;
  /** Why it bounced, or what it waits for; a sentence. */
  readonly reason: string | undefined;
}

/** How a message got to one recipient: each step with its proof. */
export interface RecipientEvidenceView {
  readonly address: string;
  readonly evidence: readonly EvidenceView[];
}

export interface DeliveryView {
  /** The least advanced recipient's state; `bounced` if any bounced. */
  readonly state: DeliveryState;
  readonly recipients: readonly RecipientDeliveryView[];
  /** Bytes replicated so far, while the message is being stored. */
  readonly progress: { readonly doneBytes: number; readonly totalBytes: number } | undefined;
}

/** What the list shows of a message. */
export interface MessageView {
  /** Hexadecimal, unique. */
  readonly id: string;
  /** Hexadecimal, the same for sender and recipients: what `inReplyTo` of an answer names. */
  readonly sharedId: string;
  readonly folder: Folder;
  readonly from: PersonView;
  readonly to: readonly PersonView[];
  readonly cc: readonly PersonView[];
  readonly subject: string;
  /** First words of the text. */
  readonly preview: string;
  /** Milliseconds since 1970, as the sender's clock said. */
  readonly at: number;
  readonly unread: boolean;
  readonly starred: boolean;
  readonly labels: readonly LabelId[];
  readonly attachments: readonly AttachmentView[];
  /** Of messages that we sent. */
  readonly delivery: DeliveryView | undefined;
  /** Shared id of the message that this one answers. */
  readonly inReplyTo: string | undefined;
}

/** The content of a message, fetched when it is opened. */
export interface BodyView {
  readonly text: string;
  /** As received: hostile. Only to be shown sanitised, in a sandboxed frame. */
  readonly html: string | undefined;
}

/** What the composer hands over. */
export interface Draft {
  /** Names or addresses: `bob` or `bob@example.org`. */
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The same letter with its formatting, beside the text; undefined when it has none. */
  readonly html: string | undefined;
  /** New files. */
  readonly files: readonly DraftFile[];
  /** Attachments of a forwarded message: their references are used again, nothing is uploaded. */
  readonly forwarded: readonly { readonly messageId: string; readonly index: number }[];
  readonly inReplyTo: string | undefined;
  /** Hexadecimal, 16 random bytes: a draft that is handed over again with the same key is one message. Unset: it is a new one. */
  readonly sendKey?: string;
}

/** A mail from elsewhere, as RFC 5322 has it. */
export interface ImportedMail {
  readonly raw: Bytes;
  readonly folder: Folder;
  readonly unread: boolean;
  readonly starred: boolean;
}

export interface ImportReport {
  readonly added: number;
  /** Those that the mailbox had already. */
  readonly known: number;
}

export interface DraftFile {
  readonly name: string;
  readonly type: string;
  /** A File in a browser; in Node any Blob. */
  readonly content: Blob;
}
