/** The client that the pages see: first the leading tab's, and this tab's own from when it leads. */
import type { Bytes } from '../../core/codec/bytes.ts';
import type { RemoteClient } from '../../adapters/broadcast-channel/remote-client.ts';
import type { MailboxCheck } from '../../core/backup/check-mailbox.ts';
import type { RebuildReport } from '../../core/backup/rebuild-mailbox.ts';
import type { RestoreReport } from '../../core/backup/restore-mailbox.ts';
import type { StoreReport } from '../../core/backup/verify-store.ts';
import type {
  BackupFile,
  Client,
  FileTarget,
  DeviceView,
  LocationView,
  NetworkView,
  NodeSnapshot,
  NodeUpdate,
  Progress,
} from '../../core/node/client.ts';
import type { MailboxCommand } from '../../core/mail/commands.ts';
import type {
  BodyView,
  ContactView,
  Draft,
  ImportedMail,
  ImportReport,
  PersonView,
  RecipientEvidenceView,
} from '../../core/mail/views.ts';

export class ProfileClient implements Client {
  readonly #remote: RemoteClient;
  /** Each with what ends it where it is told now. */
  readonly #listeners = new Map<(update: NodeUpdate) => void, () => void>();
  #current: Client;

  constructor(remote: RemoteClient) {
    this.#remote = remote;
    this.#current = remote;
  }

  /** This tab runs the node from now on. */
  lead(own: Client): void {
    this.#current = own;
    for (const [listener, unfollow] of [...this.#listeners]) {
      unfollow();
      this.#listeners.set(listener, own.subscribe(listener));
    }
    this.#remote.handOver(own);
  }

  snapshot(): Promise<NodeSnapshot> {
    return this.#current.snapshot();
  }
  subscribe(listener: (update: NodeUpdate) => void): () => void {
    this.#listeners.set(listener, this.#current.subscribe(listener));
    return () => {
      this.#listeners.get(listener)?.();
      this.#listeners.delete(listener);
    };
  }
  findPerson(text: string): Promise<PersonView> {
    return this.#current.findPerson(text);
  }
  people(): Promise<readonly ContactView[]> {
    return this.#current.people();
  }
  send(draft: Draft, onProgress?: (doneBytes: number) => void): Promise<string> {
    return this.#current.send(draft, onProgress);
  }
  importMail(mails: readonly ImportedMail[]): Promise<ImportReport> {
    return this.#current.importMail(mails);
  }
  source(messageId: string): Promise<Blob> {
    return this.#current.source(messageId);
  }
  body(messageId: string): Promise<BodyView> {
    return this.#current.body(messageId);
  }
  attachmentPart(messageId: string, index: number, start: number): Promise<Bytes> {
    return this.#current.attachmentPart(messageId, index, start);
  }
  attachment(messageId: string, index: number, onProgress?: (doneBytes: number) => void): Promise<Blob> {
    return this.#current.attachment(messageId, index, onProgress);
  }
  change(command: MailboxCommand): Promise<void> {
    return this.#current.change(command);
  }
  evidence(messageId: string): Promise<readonly RecipientEvidenceView[]> {
    return this.#current.evidence(messageId);
  }
  retry(messageId: string): Promise<void> {
    return this.#current.retry(messageId);
  }
  dismiss(noticeId: string): Promise<void> {
    return this.#current.dismiss(noticeId);
  }
  network(): Promise<NetworkView> {
    return this.#current.network();
  }
  devices(): Promise<readonly DeviceView[]> {
    return this.#current.devices();
  }
  renameDevice(label: string): Promise<void> {
    return this.#current.renameDevice(label);
  }
  removeDevice(id: string): Promise<void> {
    return this.#current.removeDevice(id);
  }
  locate(messageId: string): Promise<LocationView> {
    return this.#current.locate(messageId);
  }

  backUp(target: FileTarget | undefined, onProgress?: Progress): Promise<BackupFile> {
    return this.#current.backUp(target, onProgress);
  }
  restoreBackup(file: Blob, onProgress?: Progress): Promise<RestoreReport> {
    return this.#current.restoreBackup(file, onProgress);
  }
  checkMailbox(onProgress?: Progress): Promise<MailboxCheck> {
    return this.#current.checkMailbox(onProgress);
  }
  checkDevice(onProgress?: Progress): Promise<StoreReport> {
    return this.#current.checkDevice(onProgress);
  }
  rebuildMailbox(onProgress?: Progress): Promise<RebuildReport> {
    return this.#current.rebuildMailbox(onProgress);
  }
  endBackup(): Promise<void> {
    return this.#current.endBackup();
  }
}
