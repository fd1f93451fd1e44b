/** Mail for one person on one device: sends, receives, reads, files. The one door of this layer. */
import { assert } from '../codec/assert.ts';
import { fromHex, toHex, type Bytes } from '../codec/bytes.ts';
import { logWriters } from '../identity/identity-block.ts';
import type { Person } from '../post/accounts.ts';
import { mapBounded } from '../post/bounded.ts';
import type { BlockInfo, MessageStore } from '../post/message-store.ts';
import { addresseesOf, checkSizes, compose } from './compose.ts';
import { changesOf, messagesNamedBy, type MailboxCommand } from './commands.ts';
import { Directory } from './directory.ts';
import type { Change } from './entries.ts';
import { isOwnFolder, type Folder } from './folders.ts';
import { messageIdOf, type Correspondent } from './headers.ts';
import type { Importer } from './importer.ts';
import type { KeepGate } from './keep-gate.ts';
import { explain, MailError } from './mail-error.ts';
import { openParts, type MailParts, type MailPorts } from './mail-parts.ts';
import type { Added } from './added.ts';
import type { MailItem } from './mailbox.ts';
import type { MailboxLog } from './mailbox-log.ts';
import { contactView, evidenceViewsOf, messageView, People, sharedIdOf } from './mailbox-view.ts';
import type { MessageReader } from './message-reader.ts';
import type { Outbox } from './outbox.ts';
import type { Puller } from './puller.ts';
import type { Receipts } from './receipts.ts';
import type { Reclaimer } from './reclaimer.ts';
import type { Replication } from './replication.ts';
import { sentence } from './sentences.ts';
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
} from './views.ts';

const NONCE_BYTES = 16;
/** Whoever wrote what is there learns nothing of its being read. */
const UNTOLD: ReadonlySet<Folder> = new Set<Folder>(['sent', 'requests', 'spam']);

export class Mail {
  readonly #ports: MailPorts;
  readonly #messages: MessageStore;
  readonly #reader: MessageReader;
  readonly #log: MailboxLog;
  readonly #outbox: Outbox;
  readonly #receipts: Receipts;
  readonly #puller: Puller;
  readonly #gate: KeepGate;
  readonly #importer: Importer;
  readonly #replication: Replication;
  readonly #reclaimer: Reclaimer;
  readonly #domain: string;
  readonly #people: People;
  readonly #directory: Directory;
  /** By message id: what is being sent just now. */
  readonly #sending = new Map<string, Promise<string>>();

  private constructor(ports: MailPorts, parts: MailParts) {
    this.#ports = ports;
    this.#domain = ports.membership.descriptor.body.domain;
    this.#messages = parts.messages;
    this.#reader = parts.reader;
    this.#log = parts.log;
    this.#people = new People(parts.log.mailbox, {
      address: ports.membership.identityCertificate.body.name,
      identityKey: toHex(ports.keys.identityKey),
    });
    this.#directory = new Directory({ ...ports, mailbox: parts.log.mailbox, domain: this.#domain });
    this.#outbox = parts.outbox;
    this.#receipts = parts.receipts;
    this.#puller = parts.puller;
    this.#gate = parts.gate;
    this.#importer = parts.importer;
    this.#replication = parts.replication;
    this.#reclaimer = parts.reclaimer;
  }

  /** The mailbox as this disk knows it; no network is needed. Rejects with StoreError or VaultError. */
  static async open(ports: MailPorts): Promise<Mail> {
    return new Mail(ports, await openParts(ports));
  }

  /** The network is there (again): everything that waits goes on now. */
  hurry(): void {
    this.#log.hurry();
    this.#outbox.hurry();
    this.#receipts.hurry();
    this.#puller.hurry();
    this.#replication.hurry();
    this.#reclaimer.wake();
  }

  /** The own identity block was read: other devices' logs are followed. */
  async follow(own: Person): Promise<void> {
    await this.#log.follow(logWriters(own.block));
  }

  /** Other devices' logs, for removing a device and for a rebuild. */
  get logs(): Pick<MailboxLog, 'endOf' | 'tracesOf' | 'bringBack'> {
    return this.#log;
  }

  /** Another device's log has grown: reads it soon. */
  look(): void {
    this.#log.look();
  }

  /** Reads the other devices' logs now. Rejects with StorageError. */
  async refresh(): Promise<void> {
    await this.#log.refresh();
  }

  /** Publishes the log now; resolves when all of it is replicated. */
  async flush(): Promise<void> {
    this.#log.hurry();
    await this.#log.flushed(this.#log.length);
  }

  async stop(): Promise<void> {
    const parts = [this.#outbox, this.#receipts, this.#puller, this.#reclaimer, this.#replication];
    await Promise.all(parts.map((part) => part.stop()));
    await this.#log.stop();
  }

  /** Ids of all messages that this device knows of, removed ones too. */
  *ids(): Generator<string> {
    for (const { id } of this.#log.mailbox.items()) yield id;
  }

  /** People have other names, keys or verifications now: returns the ids of messages that show one of them. */
  idsShowing(addresses: ReadonlySet<string>): readonly string[] {
    this.#people.forget(addresses);
    const ids: string[] = [];
    for (const { id, added } of this.#log.mailbox.items()) {
      if (added === undefined) continue;
      const { from, to, cc } = added.headers;
      if ([from, ...to, ...cc].some(({ address }) => addresses.has(address))) ids.push(id);
    }
    return ids;
  }

  /** Ids of messages that lie in an own folder or have labels. */
  idsFiled(): readonly string[] {
    const items = [...this.#log.mailbox.items()];
    return items
      .filter(({ folder, labelled }) => isOwnFolder(folder) || labelled !== undefined)
      .map(({ id }) => id);
  }

  view(id: string): MessageView | undefined {
    const item = this.#log.mailbox.item(id);
    return item && messageView(item, this.#people, this.#outbox.underway(id));
  }

  /** How a message that we sent got to each recipient, with proofs. Rejects with MailError `not-found`. */
  evidence(id: string): readonly RecipientEvidenceView[] {
    this.#added(id);
    return evidenceViewsOf(this.#log.mailbox.item(id)!, this.#log.mailbox);
  }

  people(): readonly ContactView[] {
    const { mailbox } = this.#log;
    return mailbox.people().map(({ address }) => contactView(address, mailbox));
  }

  /** Rejects with MailError `bad-address`, `no-such-recipient`, `unreachable`. */
  async findPerson(typed: string): Promise<PersonView> {
    const { view, changes } = await this.#directory.find(typed);
    if (changes.length > 0) await this.#record(changes);
    return view;
  }

  /**
   * Resolves with the message's id when it is durable here; progress in bytes of its files. A draft whose `sendKey` was sent
   * before, or is being sent, is that message. Rejects with MailError.
   */
  send(draft: Draft, onProgress?: (doneBytes: number) => void): Promise<string> {
    const nonce =
      draft.sendKey === undefined ? this.#ports.random.bytes(NONCE_BYTES) : fromHex(draft.sendKey);
    assert(nonce.length === NONCE_BYTES, 'a key of a draft has 16 bytes');
    const id = toHex(messageIdOf(this.#ports.keys.identityKey, nonce));
    if (this.#log.mailbox.item(id)?.added !== undefined) return Promise.resolve(id);
    const known = this.#sending.get(id);
    if (known !== undefined) return known;
    const sending = this.#gate
      .keeping(() => this.#send(draft, nonce, onProgress))
      .finally(() => this.#sending.delete(id));
    this.#sending.set(id, sending);
    return sending;
  }

  async #send(draft: Draft, nonce: Bytes, onProgress?: (doneBytes: number) => void): Promise<string> {
    const { clock, keys } = this.#ports;
    const { to, cc } = addresseesOf(draft, this.#domain);
    for (const address of [...to, ...cc]) this.#directory.assertReachable(address);
    checkSizes(draft, []);
    const forwarded = await mapBounded(draft.forwarded, 1, ({ messageId, index }) =>
      this.#reader.part(this.#added(messageId), index),
    );
    checkSizes(draft, forwarded);
    const people = await this.#directory.lookUp([...to, ...cc]);
    const named = (address: string): Correspondent => ({
      name: people.get(address)?.block.displayName ?? '',
      address,
    });
    const replied =
      draft.inReplyTo === undefined ? undefined : this.#log.mailbox.item(draft.inReplyTo)?.added;
    try {
      const composition = {
        nonce,
        from: this.self,
        to: to.map(named),
        cc: cc.map(named),
        subject: draft.subject,
        text: draft.text,
        html: draft.html,
        at: clock.now(),
        inReplyTo: replied === undefined ? null : fromHex(sharedIdOf(replied)),
        files: draft.files,
        forwarded,
      };
      const composed = await compose(this.#messages, composition, onProgress);
      const { headers, reference, blocks } = composed;
      const message = messageIdOf(keys.identityKey, nonce);
      const id = toHex(message);
      const from = keys.identityKey;
      const add: Change = { kind: 'add', message, folder: 'sent', unread: false, from, headers, reference };
      const changes = [add, ...this.#directory.meetings([...people.values()])];
      await this.#log.record(changes, () => [this.#outbox.jobWrite(id, blocks), this.#puller.write(id)]);
      this.#outbox.begin(id, blocks);
      return id;
    } catch (error) {
      throw explain(error);
    }
  }

  /** Mail from elsewhere, durable here when it resolves. Rejects with MailError `disk-full`. */
  async import(mails: readonly ImportedMail[]): Promise<ImportReport> {
    try {
      return await this.#gate.keeping(() => this.#importer.import(mails));
    } catch (error) {
      throw explain(error);
    }
  }

  /** Messages of which this device alone may have all there is. */
  get unreplicated(): number {
    return this.#replication.waiting;
  }

  /** The message as RFC 5322 has it. Rejects with MailError `not-found`, `unreachable`, `disk-full`. */
  source(id: string): Promise<Blob> {
    return this.#reader.source(this.#added(id));
  }

  /** Rejects with MailError `not-found`, `unreachable`. */
  body(id: string): Promise<BodyView> {
    return this.#reader.body(this.#added(id));
  }

  /** At most ATTACHMENT_PART_BYTES_MAX of it. Rejects with MailError `not-found`, `unreachable`, `disk-full`. */
  attachmentPart(id: string, index: number, start: number): Promise<Bytes> {
    return this.#reader.attachmentPart(this.#added(id), index, start);
  }

  /** Rejects with MailError `not-found`, `unreachable`, `disk-full`. */
  attachment(id: string, index: number, onProgress?: (doneBytes: number) => void): Promise<Blob> {
    return this.#reader.attachment(this.#added(id), index, onProgress);
  }

  /** Does what the person wants; done twice it is done once. Rejects with MailError `not-found` when all it names is gone, `disk-full`. */
  async change(command: MailboxCommand): Promise<void> {
    const { mailbox } = this.#log;
    const named = messagesNamedBy(command);
    if (named !== undefined && named.length > 0 && named.every((id) => !this.#isThere(id)))
      throw new MailError('not-found', sentence('mail/not-in-mailbox'));
    const changes = changesOf(command, mailbox, this.#ports.clock.now());
    if (changes.length === 0) return;
    const read = this.#toldRead(command);
    const count = await this.#record(changes, (count) =>
      read.map((id) => this.#receipts.write(id, 'read', count)),
    );
    for (const id of read) this.#receipts.begin(id, 'read', count);
  }

  /** Messages whose senders learn from the command that they were read. */
  #toldRead(command: MailboxCommand): readonly string[] {
    const { mailbox } = this.#log;
    const reads = command.kind === 'flag' && command.flag === 'unread' && !command.on;
    if (!reads || !mailbox.setting('read-receipts')) return [];
    return command.messages.filter((id) => {
      const item = mailbox.item(id);
      return (
        item?.added !== undefined && item.unread && !UNTOLD.has(item.added.folder) && !UNTOLD.has(item.folder)
      );
    });
  }

  #isThere(id: string): boolean {
    const item = this.#log.mailbox.item(id);
    return item?.added !== undefined && !item.removed;
  }

  retry(id: string): void {
    this.#outbox.nudge(id);
  }

  /** What the person chose and made: the same on all devices. */
  organization(): OrganizationView {
    const { mailbox } = this.#log;
    return {
      folders: mailbox.folders(),
      labels: mailbox.labels(),
      rules: mailbox.rules(),
      readReceipts: mailbox.setting('read-receipts'),
      requests: mailbox.setting('requests'),
    };
  }

  /** All blocks of a message: its own, its bodies', its attachments'. Rejects with MailError. */
  blocks(id: string): Promise<readonly BlockInfo[]> {
    return this.#reader.blocks(this.#added(id));
  }

  async #record(
    changes: readonly Change[],
    alsoWrite?: Parameters<MailboxLog['record']>[1],
  ): Promise<number> {
    try {
      return await this.#log.record(changes, alsoWrite);
    } catch (error) {
      throw explain(error);
    }
  }

  /** Name and address of the person whose mailbox this is. */
  get self(): Correspondent {
    const { membership, accounts } = this.#ports;
    const { name } = membership.identityCertificate.body;
    return { name: accounts.own?.block.displayName ?? membership.displayName, address: name };
  }

  #added(id: string): Added {
    const item: MailItem | undefined = this.#log.mailbox.item(id);
    if (item?.added === undefined || item.removed)
      throw new MailError('not-found', sentence('mail/not-in-mailbox'));
    return item.added;
  }
}
