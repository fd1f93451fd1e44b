/** What a person sees of the mail: plain, structured-cloneable views of the mailbox, for any user interface. */

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
  readonly evidence: readonly EvidenceView[];
}

export interface DeliveryView {
  /** The least advanced recipient's state; `bounced` if any bounced. */
  readonly state: DeliveryState;
  readonly recipients: readonly RecipientDeliveryView[];
  /** Bytes replicated so far, while the message is being stored. */
  readonly progress: { readonly doneBytes: number; readonly totalBytes: number } | undefined;
}

export const folders = ['inbox', 'sent', 'archive', 'trash'] as const;
export type Folder = (typeof folders)[number];

export interface MessageView {
  /** Hexadecimal, unique; the same for sender and recipients. */
  readonly id: string;
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
  readonly attachments: readonly AttachmentView[];
  /** Of messages that we sent. */
  readonly delivery: DeliveryView | undefined;
  /** Id of the message that this one answers. */
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
  /** New files. */
  readonly files: readonly DraftFile[];
  /** Attachments of a forwarded message: their references are used again, nothing is uploaded. */
  readonly forwarded: readonly { readonly messageId: string; readonly index: number }[];
  readonly inReplyTo: string | undefined;
  /** Hexadecimal, 16 random bytes: a draft that is handed over again with the same key is one message. Unset: it is a new one. */
  readonly sendKey?: string;
}

export interface DraftFile {
  readonly name: string;
  readonly type: string;
  /** A File in a browser; in Node any Blob. */
  readonly content: Blob;
}
