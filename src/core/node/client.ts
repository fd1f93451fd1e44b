/**
 * What a user interface asks of the node of its profile. All values are structured-cloneable: the tab that runs the node
 * answers the other tabs of the profile over a BroadcastChannel with the same interface.
 */
import type { MailboxCheck } from '../backup/check-mailbox.ts';
import type { ExportReport } from '../backup/export-mailbox.ts';
import type { RebuildReport } from '../backup/rebuild-mailbox.ts';
import type { RestoreReport } from '../backup/restore-mailbox.ts';
import type { StoreReport } from '../backup/verify-store.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { MailErrorCode } from '../mail/mail-error.ts';
import type { MailboxCommand } from '../mail/commands.ts';
import type {
  BodyView,
  ContactView,
  Draft,
  ImportedMail,
  ImportReport,
  MessageView,
  OrganizationView,
  PersonView,
  RecipientEvidenceView,
} from '../mail/views.ts';

export interface AccountView {
  readonly person: PersonView;
  readonly domain: string;
  /** Hexadecimal node id of this device. */
  readonly nodeId: string;
  /** Whether this person's identity block is in the ring: before that nobody can write to them. */
  readonly reachable: boolean;
}

export interface ConnectionView {
  /** `offline`: no link at all; `joining`: leaf set not confirmed; `online`. */
  readonly state: 'offline' | 'joining' | 'online';
  /** Linked tabs (direct or not), and whether a relay is linked. */
  readonly peers: number;
  readonly relay: boolean;
}

export interface DiskView {
  readonly blocks: number;
  readonly usedBytes: number;
  readonly quotaBytes: number;
  /** Whether the browser promised to keep our data (navigator.storage.persist). */
  readonly persisted: boolean;
  /** A write failed for lack of space and none has succeeded since. */
  readonly full: boolean;
  /** Bytes that this person stores in the ring, as far as this device knows, and may store. Copies are not counted. */
  readonly storedBytes: number;
  readonly allowedBytes: number;
  /** Messages that came in from a file and are not in the ring yet: this device alone may have them. */
  readonly unreplicated: number;
}

/** Something a person should read; stays until dismissed. */
export interface NoticeView {
  readonly id: string;
  readonly kind: 'info' | 'warning' | 'error';
  /** What happened, what it means, what to do. */
  readonly text: string;
  /** What the person can do about it at once: remove this device (hexadecimal device key) of theirs. */
  readonly removable?: string;
  /** Or: bring back what is left of a log (`rebuildMailbox`). */
  readonly rebuildable?: true;
}

/** A device of this person. */
export interface DeviceView {
  /** Hexadecimal device key. */
  readonly id: string;
  readonly label: string;
  /** When it was added. */
  readonly since: number;
  /** When it last wrote to the mailbox, if that is known. */
  readonly lastSeen: number | undefined;
  readonly self: boolean;
  /** Only of this device: another one removed it then. */
  readonly removedAt: number | undefined;
}

/** Everything but the messages: small. */
export interface NodeState {
  readonly account: AccountView;
  readonly organization: OrganizationView;
  readonly connection: ConnectionView;
  readonly disk: DiskView;
  readonly notices: readonly NoticeView[];
}

export interface NodeSnapshot extends NodeState {
  /** All messages, newest first. */
  readonly messages: readonly MessageView[];
}

/** What changed since the update before. */
export interface NodeUpdate {
  readonly state: NodeState;
  readonly messages: {
    /** `changed` is the whole mailbox: what else was known is no more. So is the first update of each listener. */
    readonly all: boolean;
    readonly changed: readonly MessageView[];
    /** Ids. */
    readonly removed: readonly string[];
  };
}

export interface PeerView {
  readonly nodeId: string;
  readonly name: string;
  readonly role: 'tab' | 'relay' | 'bridge';
  readonly self: boolean;
  readonly inLeafSet: boolean;
  /** `direct`: WebRTC or websocket; `relayed`: bytes pass through a circuit; `none`: known, not linked. */
  readonly link: 'direct' | 'relayed' | 'none';
  readonly rttMs: number | undefined;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface NetworkView {
  /** There is a ring beyond this node, and the leaf set is confirmed. */
  readonly ready: boolean;
  /** In id order, self included. */
  readonly peers: readonly PeerView[];
  /** Refusals and other counters by name. */
  readonly counters: readonly (readonly [string, number])[];
  readonly refusals: readonly { readonly at: number; readonly text: string }[];
}

/** Where the blocks of a message are. */
export interface LocationView {
  readonly blocks: readonly {
    /** Hexadecimal key. */
    readonly key: string;
    readonly sizeBytes: number;
    /** Hexadecimal node ids of those that say they hold it. */
    readonly holders: readonly string[];
  }[];
}

/** `total` is 0 while it is not known. */
export type Progress = (done: number, total: number) => void;

/** Where a file is written to: in a browser a FileSystemFileHandle, which travels between tabs. */
export interface FileTarget {
  createWritable(): Promise<{
    write(piece: Uint8Array<ArrayBuffer>): Promise<void>;
    close(): Promise<void>;
    abort(): Promise<void>;
  }>;
}

export interface BackupFile {
  readonly report: ExportReport;
  /** Unless it was written to a target. */
  readonly file: Blob | undefined;
}

/** Commands reject with a ClientError whose message is a sentence for the person. */
export interface Client {
  snapshot(): Promise<NodeSnapshot>;
  /** Called soon with all there is, and after each change (at most once a frame) with what changed. */
  subscribe(listener: (update: NodeUpdate) => void): () => void;
  /**
   * Finds who is meant by `bob` or `bob@example.org`. Code `no-such-recipient`, `bad-address`, or `unreachable`
   * (offline and never seen: sending is still possible, it is looked up when the network is back).
   */
  findPerson(text: string): Promise<PersonView>;
  /** People seen so far: members met, senders, recipients. */
  people(): Promise<readonly ContactView[]>;
  /**
   * Resolves with the message's id when it is durable here (`queued`); progress in bytes of its files that are. Codes:
   * `bad-address`, `no-such-recipient`, `too-large`, `too-many-recipients`, `no-recipient`, `disk-full`.
   */
  send(draft: Draft, onProgress?: (doneBytes: number) => void): Promise<string>;
  /** Takes in mail from elsewhere; it is durable here when it resolves. Code `disk-full`. */
  importMail(mails: readonly ImportedMail[]): Promise<ImportReport>;
  /** The message as RFC 5322 has it, attachments included. Codes: `not-found`, `unreachable`, `disk-full`. */
  source(messageId: string): Promise<Blob>;
  /** Fetches and decrypts the body. Codes: `not-found`, `unreachable`. */
  body(messageId: string): Promise<BodyView>;
  /**
   * What the decrypted attachment has from `start` on, at most ATTACHMENT_PART_BYTES_MAX: for one that is too large to be had as
   * a whole. What was fetched once is on this disk. Codes: `not-found`, `unreachable`, `disk-full`.
   */
  attachmentPart(messageId: string, index: number, start: number): Promise<Bytes>;
  /** The decrypted attachment; progress in bytes. */
  attachment(messageId: string, index: number, onProgress?: (doneBytes: number) => void): Promise<Blob>;
  /** Files, flags, labels, removes …: resolves when it is durable here. Codes: `not-found` when all that it names is gone, `disk-full`. */
  change(command: MailboxCommand): Promise<void>;
  /** How a message that we sent got to each recipient, with proofs. Code `not-found`. */
  evidence(messageId: string): Promise<readonly RecipientEvidenceView[]>;
  /** Tries again now what waits (also happens by itself). */
  retry(messageId: string): Promise<void>;
  dismiss(noticeId: string): Promise<void>;
  network(): Promise<NetworkView>;
  locate(messageId: string): Promise<LocationView>;
  /** Devices of this person, oldest first; asks the ring for new ones in the background. */
  devices(): Promise<readonly DeviceView[]>;
  /** Gives this device another name. Code `unreachable`: it happens when the ring is back. */
  renameDevice(label: string): Promise<void>;
  /** Removes another device for good. Code `unreachable`, as before. */
  removeDevice(id: string): Promise<void>;
  /** The whole mailbox, encrypted as it is, as a CAR file; progress in bytes. Codes: `unreachable`, `disk-full`, `busy`, `ended`. */
  backUp(target: FileTarget | undefined, onProgress?: Progress): Promise<BackupFile>;
  /** Puts what is missing back into the ring; progress in bytes. Codes: those of `backUp`, `bad-file`. */
  restoreBackup(file: Blob, onProgress?: Progress): Promise<RestoreReport>;
  /** Asks for each block of the mailbox whether its replicas have it; progress in blocks. Codes: those of `backUp`. */
  checkMailbox(onProgress?: Progress): Promise<MailboxCheck>;
  /** Reads all that this device keeps, and proves that it is what was written; progress in things. Codes: those of `backUp`. */
  checkDevice(onProgress?: Progress): Promise<StoreReport>;
  /**
   * Where another device's changes cannot be read any more, brings into the mailbox what is left of them; progress in blocks looked
   * at. Codes: those of `backUp`.
   */
  rebuildMailbox(onProgress?: Progress): Promise<RebuildReport>;
  /** Ends a back-up, restore, check or rebuild that is going on. */
  endBackup(): Promise<void>;
}

/**
 * Those of the mail, and `stopped`: the node is gone; `failed`: our own mistake; `busy`: one thing at a time; `ended`: by the
 * person; `bad-file`: a back-up that cannot be used.
 */
export type ClientErrorCode = MailErrorCode | 'stopped' | 'failed' | 'busy' | 'ended' | 'bad-file';

export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  constructor(code: ClientErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
