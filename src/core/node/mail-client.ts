/** The Client of a member's node: snapshots of the mailbox for user interfaces, and their commands. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { compareBytes } from '../codec/bytes.ts';
import { idText } from '../codec/id.ts';
import { sentence } from './sentences.ts';
import type { Membership } from '../identity/join.ts';
import type { Mail } from '../mail/mail.ts';
import { MailError } from '../mail/mail-error.ts';
import type { MailboxCommand } from '../mail/commands.ts';
import type { MailboxChanges } from '../mail/mailbox-log.ts';
import type {
  BodyView,
  ContactView,
  Draft,
  ImportedMail,
  ImportReport,
  MessageView,
  PersonView,
  RecipientEvidenceView,
} from '../mail/views.ts';
import type { Contact } from '../overlay/contact.ts';
import type { OverlayPeerView } from '../overlay/overlay-node.ts';
import { mapBounded } from '../post/bounded.ts';
import type { MailboxCheck } from '../backup/check-mailbox.ts';
import type { RebuildReport } from '../backup/rebuild-mailbox.ts';
import type { RestoreReport } from '../backup/restore-mailbox.ts';
import type { StoreReport } from '../backup/verify-store.ts';
import type { BackupDesk } from './backup-desk.ts';
import {
  ClientError,
  type AccountView,
  type BackupFile,
  type Client,
  type ConnectionView,
  type DeviceView,
  type DiskView,
  type FileTarget,
  type LocationView,
  type NetworkView,
  type NodeSnapshot,
  type NodeState,
  type NodeUpdate,
  type PeerView,
  type Progress,
} from './client.ts';
import type { DeviceDesk } from './device-desk.ts';
import type { Notices } from './notices.ts';
import type { ReplicaNode } from './replica-node.ts';

/** Changes within a frame are one snapshot. */
const FRAME_MS = 16;
/** The disk is asked for its figures at most so often. */
const DISK_MS = 2_000;
const LOCATIONS_AT_ONCE = 4;

export interface MailClientPorts {
  readonly mail: Mail;
  readonly replica: ReplicaNode;
  readonly backups: BackupDesk;
  readonly devices: DeviceDesk;
  readonly membership: Membership;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly identityKey: string;
  readonly persisted: () => boolean;
  readonly diskFull: () => boolean;
  /** Whether the own identity block is in the ring. */
  readonly published: () => boolean;
}

type Listener = (update: NodeUpdate) => void;

export class MailClient implements Client {
  readonly #ports: MailClientPorts;
  readonly #listeners = new Set<Listener>();
  /** Those of them that know nothing yet. */
  readonly #fresh = new Set<Listener>();
  readonly #views = new Map<string, MessageView>();
  /** Ids of messages that changed since the last update. */
  #changed = new Set<string>();
  #cancelEmit: (() => void) | undefined;
  #disk: Pick<DiskView, 'blocks' | 'usedBytes' | 'quotaBytes'> = { blocks: 0, usedBytes: 0, quotaBytes: 0 };
  #diskAt = -Infinity;
  #stopped = false;

  constructor(ports: MailClientPorts) {
    this.#ports = ports;
    for (const id of ports.mail.ids()) this.#refreshView(id);
  }

  /** The mailbox changed. */
  changed({ ids, people, filing }: MailboxChanges): void {
    const { mail } = this.#ports;
    if (people.size > 0) for (const id of mail.idsShowing(people)) this.#refreshView(id);
    if (filing) for (const id of mail.idsFiled()) this.#refreshView(id);
    for (const id of ids) this.#refreshView(id);
    this.emit();
  }

  /** Something else that a snapshot shows changed. */
  emit(): void {
    if (this.#cancelEmit !== undefined || this.#stopped || this.#listeners.size === 0) return;
    this.#cancelEmit = this.#ports.clock.after(FRAME_MS, () => {
      this.#cancelEmit = undefined;
      void this.#tell();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelEmit?.();
    this.#listeners.clear();
  }

  async snapshot(): Promise<NodeSnapshot> {
    await this.#measureDisk();
    const messages = [...this.#views.values()].sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
    return { ...this.#state(), messages };
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#fresh.add(listener);
    void this.#tell();
    return () => {
      this.#listeners.delete(listener);
      this.#fresh.delete(listener);
    };
  }

  findPerson(text: string): Promise<PersonView> {
    return this.#command(() => this.#ports.mail.findPerson(text));
  }

  people(): Promise<readonly ContactView[]> {
    return this.#command(() => Promise.resolve(this.#ports.mail.people()));
  }

  send(draft: Draft, onProgress?: (doneBytes: number) => void): Promise<string> {
    return this.#command(() => this.#ports.mail.send(draft, onProgress));
  }

  importMail(mails: readonly ImportedMail[]): Promise<ImportReport> {
    return this.#command(() => this.#ports.mail.import(mails));
  }

  source(messageId: string): Promise<Blob> {
    return this.#command(() => this.#ports.mail.source(messageId));
  }

  body(messageId: string): Promise<BodyView> {
    return this.#command(() => this.#ports.mail.body(messageId));
  }

  attachmentPart(messageId: string, index: number, start: number): Promise<Bytes> {
    return this.#command(() => this.#ports.mail.attachmentPart(messageId, index, start));
  }

  attachment(messageId: string, index: number, onProgress?: (doneBytes: number) => void): Promise<Blob> {
    return this.#command(() => this.#ports.mail.attachment(messageId, index, onProgress));
  }

  change(command: MailboxCommand): Promise<void> {
    return this.#command(() => this.#ports.mail.change(command));
  }

  evidence(messageId: string): Promise<readonly RecipientEvidenceView[]> {
    return this.#command(() => Promise.resolve(this.#ports.mail.evidence(messageId)));
  }

  retry(messageId: string): Promise<void> {
    return this.#command(() => Promise.resolve(this.#ports.mail.retry(messageId)));
  }

  dismiss(noticeId: string): Promise<void> {
    return this.#command(() => Promise.resolve(this.#ports.notices.dismiss(noticeId)));
  }

  network(): Promise<NetworkView> {
    return this.#command(() => Promise.resolve(this.#network()));
  }

  devices(): Promise<readonly DeviceView[]> {
    return this.#command(() => this.#ports.devices.list());
  }

  renameDevice(label: string): Promise<void> {
    return this.#command(() => this.#ports.devices.rename(label));
  }

  removeDevice(id: string): Promise<void> {
    return this.#command(() => this.#ports.devices.remove(id));
  }

  locate(messageId: string): Promise<LocationView> {
    return this.#command(async () => {
      const { mail, replica } = this.#ports;
      const blocks = await mapBounded(await mail.blocks(messageId), LOCATIONS_AT_ONCE, async (block) => {
        const holders = await replica.storage.locate(block.key);
        return {
          key: idText(block.key),
          sizeBytes: block.sizeBytes,
          holders: holders.filter(({ holds }) => holds).map(({ nodeId }) => idText(nodeId)),
        };
      });
      return { blocks };
    });
  }

  backUp(target: FileTarget | undefined, onProgress?: Progress): Promise<BackupFile> {
    return this.#command(() => this.#ports.backups.backUp(target, onProgress));
  }

  restoreBackup(file: Blob, onProgress?: Progress): Promise<RestoreReport> {
    return this.#command(() => this.#ports.backups.restore(file, onProgress));
  }

  checkMailbox(onProgress?: Progress): Promise<MailboxCheck> {
    return this.#command(() => this.#ports.backups.check(onProgress));
  }

  checkDevice(onProgress?: Progress): Promise<StoreReport> {
    return this.#command(() => this.#ports.backups.checkDevice(onProgress));
  }

  rebuildMailbox(onProgress?: Progress): Promise<RebuildReport> {
    return this.#command(() => this.#ports.backups.rebuild(onProgress));
  }

  endBackup(): Promise<void> {
    return this.#command(() => Promise.resolve(this.#ports.backups.stop()));
  }

  #refreshView(id: string): void {
    const view = this.#ports.mail.view(id);
    if (view === undefined) this.#views.delete(id);
    else this.#views.set(id, view);
    this.#changed.add(id);
  }

  #state(): NodeState {
    const { mail, notices, persisted, diskFull } = this.#ports;
    return {
      account: this.#account(),
      organization: mail.organization(),
      connection: this.#connection(),
      disk: { ...this.#disk, ...this.#stored(), persisted: persisted(), full: diskFull() },
      notices: notices.list(),
    };
  }

  #account(): AccountView {
    const { membership, identityKey, mail, replica } = this.#ports;
    return {
      person: { ...mail.self, identityKey, verified: true, keyChanged: false },
      domain: membership.descriptor.body.domain,
      nodeId: idText(replica.overlay.self.nodeId),
      reachable: this.#ports.published(),
    };
  }

  #connection(): ConnectionView {
    const { overlay } = this.#ports.replica;
    const linked = overlay.view().peers.filter(({ direct }) => direct !== undefined);
    const relay = linked.some(({ contact }) => contact.role === 'relay');
    const peers = linked.filter(({ contact }) => contact.role !== 'relay').length;
    if (linked.length === 0) return { state: 'offline', peers, relay };
    return { state: overlay.ready ? 'online' : 'joining', peers, relay };
  }

  #stored(): Pick<DiskView, 'storedBytes' | 'allowedBytes' | 'unreplicated'> {
    const { bytes, quotaBytes } = this.#ports.replica.storage.account();
    return { storedBytes: bytes, allowedBytes: quotaBytes, unreplicated: this.#ports.mail.unreplicated };
  }

  async #measureDisk(): Promise<void> {
    const { clock, replica, counters } = this.#ports;
    if (clock.now() < this.#diskAt + DISK_MS) return;
    this.#diskAt = clock.now();
    try {
      const { blocks, bytes, quotaBytes } = await replica.storage.usage();
      this.#disk = { blocks, usedBytes: bytes, quotaBytes };
    } catch (error) {
      // The figures stay what they were; a disk that fails is heard of where something is written.
      counters.refused('node', { code: 'no-disk-figures', reason: String(error) });
    }
  }

  #network(): NetworkView {
    const { replica, counters } = this.#ports;
    const { ready, peers } = replica.overlay.view();
    const linked = peers.some(({ direct }) => direct !== undefined);
    const self: PeerView = {
      ...described(replica.overlay.self),
      self: true,
      inLeafSet: false,
      link: 'none',
      rttMs: undefined,
      sentBytes: 0,
      receivedBytes: 0,
    };
    const sorted = [...peers].sort((a, b) => compareBytes(a.contact.nodeId, b.contact.nodeId));
    const views = sorted.map(peerView);
    const place = views.findIndex(({ nodeId }) => nodeId > self.nodeId);
    views.splice(place < 0 ? views.length : place, 0, self);
    return {
      // The overlay is ready alone, too: for a person that is no ring.
      ready: ready && linked,
      peers: views,
      counters: counters.counts(),
      refusals: counters.notes().map(({ at, area, reason }) => ({ at, text: `${area}: ${reason}` })),
    };
  }

  async #tell(): Promise<void> {
    await this.#measureDisk();
    const state = this.#state();
    const ids = [...this.#changed];
    this.#changed.clear();
    const changed = ids.flatMap((id) => this.#views.get(id) ?? []);
    const removed = ids.filter((id) => !this.#views.has(id));
    for (const listener of [...this.#listeners]) {
      const all = this.#fresh.delete(listener);
      const messages = all
        ? { all, changed: [...this.#views.values()], removed: [] }
        : { all, changed, removed };
      try {
        listener({ state, messages });
      } catch (error) {
        this.#ports.counters.refused('node', { code: 'listener-failed', reason: String(error) });
      }
    }
  }

  async #command<T>(run: () => Promise<T>): Promise<T> {
    if (this.#stopped) throw new ClientError('stopped', sentence('client/stopped'));
    try {
      return await run();
    } catch (error) {
      throw this.#asClientError(error);
    }
  }

  #asClientError(error: unknown): ClientError {
    if (error instanceof ClientError) return error;
    if (error instanceof MailError) return new ClientError(error.code, error.message);
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#stopped) return new ClientError('stopped', sentence('client/stopped'));
    this.#ports.counters.refused('node', { code: 'command-failed', reason });
    return new ClientError('failed', sentence('client/failed', { reason }));
  }
}

function peerView({
  contact,
  inLeafSet,
  direct,
  rttMs,
  sentBytes,
  receivedBytes,
}: OverlayPeerView): PeerView {
  const link = direct === undefined ? 'none' : direct ? 'direct' : 'relayed';
  return { ...described(contact), self: false, inLeafSet, link, rttMs, sentBytes, receivedBytes };
}

function described({ nodeId, role, certificate }: Contact): Pick<PeerView, 'nodeId' | 'name' | 'role'> {
  return { nodeId: toHex(nodeId), name: certificate.body.name, role };
}
