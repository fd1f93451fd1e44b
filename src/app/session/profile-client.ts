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
  Progress,
} from '../../core/node/client.ts';
import type { BodyView, Draft, Folder, PersonView } from '../../core/mail/views.ts';

export class ProfileClient implements Client {
  readonly #remote: RemoteClient;
  readonly #listeners = new Set<(snapshot: NodeSnapshot) => void>();
  #current: Client;
  #latest: NodeSnapshot | undefined;
  #unfollow: () => void;

  constructor(remote: RemoteClient) {
    this.#remote = remote;
    this.#current = remote;
    this.#unfollow = this.#follow(remote);
  }

  /** This tab runs the node from now on. */
  lead(own: Client): void {
    this.#unfollow();
    this.#current = own;
    this.#unfollow = this.#follow(own);
    this.#remote.handOver(own);
  }

  snapshot(): Promise<NodeSnapshot> {
    return this.#current.snapshot();
  }
  subscribe(listener: (snapshot: NodeSnapshot) => void): () => void {
    this.#listeners.add(listener);
    if (this.#latest) listener(this.#latest);
    return () => this.#listeners.delete(listener);
  }
  findPerson(text: string): Promise<PersonView> {
    return this.#current.findPerson(text);
  }
  people(): Promise<readonly PersonView[]> {
    return this.#current.people();
  }
  send(draft: Draft, onProgress?: (doneBytes: number) => void): Promise<string> {
    return this.#current.send(draft, onProgress);
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
  markRead(messageId: string, read: boolean): Promise<void> {
    return this.#current.markRead(messageId, read);
  }
  move(messageId: string, folder: Folder): Promise<void> {
    return this.#current.move(messageId, folder);
  }
  remove(messageId: string): Promise<void> {
    return this.#current.remove(messageId);
  }
  retry(messageId: string): Promise<void> {
    return this.#current.retry(messageId);
  }
  dismiss(noticeId: string): Promise<void> {
    return this.#current.dismiss(noticeId);
  }
  allowReadReceipts(allowed: boolean): Promise<void> {
    return this.#current.allowReadReceipts(allowed);
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

  #follow(client: Client): () => void {
    return client.subscribe((snapshot) => {
      this.#latest = snapshot;
      for (const listener of [...this.#listeners]) listener(snapshot);
    });
  }
}
