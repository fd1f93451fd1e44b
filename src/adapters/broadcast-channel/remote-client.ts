/** A follower's Client: calls travel to the leading tab; when that vanishes, they go to the next one. */
import type { Bytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import type { MailboxCheck } from '../../core/backup/check-mailbox.ts';
import type { RebuildReport } from '../../core/backup/rebuild-mailbox.ts';
import type { RestoreReport } from '../../core/backup/restore-mailbox.ts';
import type { StoreReport } from '../../core/backup/verify-store.ts';
import { sentence } from '../../core/node/sentences.ts';
import { ClientError, type Client, type NodeSnapshot, type NodeUpdate } from '../../core/node/client.ts';
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
import type {
  BackupFile,
  FileTarget,
  DeviceView,
  LocationView,
  NetworkView,
  Progress,
} from '../../core/node/client.ts';
import { toHex } from '../../core/codec/bytes.ts';
import { systemRandom } from '../system/random.ts';
import { callClient } from './call-client.ts';
import { KnownMailbox } from './known-mailbox.ts';
import type { Channel, LeaderMessage, MethodName } from './protocol.ts';

/** A call that no leader has taken is sent again after this time. */
export const RESEND_MS = 400;
/** How long a call waits for some leader to take it. */
export const TAKE_MS_MAX = 30_000;

interface Pending {
  readonly id: number;
  readonly method: MethodName;
  readonly args: readonly unknown[];
  readonly progress: Progress;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
  taken: boolean;
  cancelTimer: () => void;
}

export class RemoteClient implements Client {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #tab: string;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(update: NodeUpdate) => void>();
  readonly #known = new KnownMailbox();
  readonly #stopListening: () => void;
  #leader: string | undefined;
  #nextId = 0;

  /** `tab` names this tab among those of the profile. */
  constructor(channel: Channel, clock: Clock, tab: string) {
    this.#channel = channel;
    this.#clock = clock;
    this.#tab = tab;
    this.#stopListening = channel.listen((message) => {
      if (message.kind !== 'hello' && message.kind !== 'call') this.#heard(message);
    });
    channel.post({ kind: 'hello', tab });
  }

  snapshot(): Promise<NodeSnapshot> {
    return this.#call('snapshot', []);
  }

  subscribe(listener: (update: NodeUpdate) => void): () => void {
    this.#listeners.add(listener);
    const all = this.#known.all();
    if (all) listener(all);
    return () => this.#listeners.delete(listener);
  }

  findPerson(text: string): Promise<PersonView> {
    return this.#call('findPerson', [text]);
  }
  people(): Promise<readonly ContactView[]> {
    return this.#call('people', []);
  }
  send(draft: Draft, onProgress?: (doneBytes: number) => void): Promise<string> {
    // The leader may vanish when it has sent this: with its key the next one knows that it is the same.
    const sendKey = draft.sendKey ?? toHex(systemRandom.bytes(16));
    return this.#call('send', [{ ...draft, sendKey }], onProgress);
  }
  importMail(mails: readonly ImportedMail[]): Promise<ImportReport> {
    return this.#call('importMail', [mails]);
  }
  source(messageId: string): Promise<Blob> {
    return this.#call('source', [messageId]);
  }
  body(messageId: string): Promise<BodyView> {
    return this.#call('body', [messageId]);
  }
  attachmentPart(messageId: string, index: number, start: number): Promise<Bytes> {
    return this.#call('attachmentPart', [messageId, index, start]);
  }
  attachment(messageId: string, index: number, onProgress?: (doneBytes: number) => void): Promise<Blob> {
    return this.#call('attachment', [messageId, index], onProgress);
  }
  change(command: MailboxCommand): Promise<void> {
    return this.#call('change', [command]);
  }
  evidence(messageId: string): Promise<readonly RecipientEvidenceView[]> {
    return this.#call('evidence', [messageId]);
  }
  retry(messageId: string): Promise<void> {
    return this.#call('retry', [messageId]);
  }
  dismiss(noticeId: string): Promise<void> {
    return this.#call('dismiss', [noticeId]);
  }
  network(): Promise<NetworkView> {
    return this.#call('network', []);
  }
  locate(messageId: string): Promise<LocationView> {
    return this.#call('locate', [messageId]);
  }
  devices(): Promise<readonly DeviceView[]> {
    return this.#call('devices', []);
  }
  renameDevice(label: string): Promise<void> {
    return this.#call('renameDevice', [label]);
  }
  removeDevice(id: string): Promise<void> {
    return this.#call('removeDevice', [id]);
  }

  backUp(target: FileTarget | undefined, onProgress?: Progress): Promise<BackupFile> {
    return this.#call('backUp', [target], onProgress);
  }
  restoreBackup(file: Blob, onProgress?: Progress): Promise<RestoreReport> {
    return this.#call('restoreBackup', [file], onProgress);
  }
  checkMailbox(onProgress?: Progress): Promise<MailboxCheck> {
    return this.#call('checkMailbox', [], onProgress);
  }
  checkDevice(onProgress?: Progress): Promise<StoreReport> {
    return this.#call('checkDevice', [], onProgress);
  }
  rebuildMailbox(onProgress?: Progress): Promise<RebuildReport> {
    return this.#call('rebuildMailbox', [], onProgress);
  }
  endBackup(): Promise<void> {
    return this.#call('endBackup', []);
  }

  /** This tab leads now: what still waits is done by its own client. */
  handOver(client: Client): void {
    this.#stopListening();
    for (const pending of [...this.#pending.values()]) {
      this.#end(pending.id);
      callClient(client, pending.method, pending.args, pending.progress).then(
        pending.resolve,
        pending.reject,
      );
    }
  }

  #call<T>(method: MethodName, args: readonly unknown[], onProgress?: Progress): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const id = this.#nextId++;
      const pending: Pending = {
        id,
        method,
        args,
        progress: onProgress ?? (() => undefined),
        resolve: resolve as (value: unknown) => void,
        reject,
        since: this.#clock.now(),
        taken: false,
        cancelTimer: () => undefined,
      };
      this.#pending.set(id, pending);
      this.#post(pending);
    });
  }

  /** Every command may be done twice without harm, so that the next leader simply does it again. */
  #post(pending: Pending): void {
    const { id, method, args } = pending;
    pending.taken = false;
    pending.cancelTimer();
    if (this.#clock.now() - pending.since > TAKE_MS_MAX) {
      this.#end(id);
      pending.reject(new ClientError('stopped', sentence('client/no-leader')));
      return;
    }
    pending.cancelTimer = this.#clock.after(RESEND_MS, () => {
      if (!pending.taken) this.#post(pending);
    });
    try {
      this.#channel.post({ kind: 'call', tab: this.#tab, id, method, args });
    } catch (error) {
      this.#end(id); // What cannot be cloned does not travel.
      pending.reject(error);
    }
  }

  #heard(message: LeaderMessage): void {
    if (message.kind === 'leader') this.#lead(message.leader);
    else if (message.kind === 'update') this.#updated(message.leader, message.update);
    else if (message.tab === this.#tab) this.#answered(message);
  }

  #answered(message: Exclude<LeaderMessage, { kind: 'leader' | 'update' }>): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    switch (message.kind) {
      case 'taken':
        pending.taken = true;
        return;
      case 'progress':
        return pending.progress(message.done, message.total);
      case 'result':
        this.#end(message.id);
        return pending.resolve(message.value);
      case 'error':
        this.#end(message.id);
        return pending.reject(new ClientError(message.code, message.message));
    }
  }

  #lead(leader: string): void {
    if (this.#leader === leader) return;
    const former = this.#leader;
    this.#leader = leader;
    if (former === undefined) return;
    for (const pending of [...this.#pending.values()]) this.#post(pending);
    // What it tells from now on is of use to somebody who knows all that was before.
    this.#channel.post({ kind: 'hello', tab: this.#tab });
  }

  #updated(leader: string, update: NodeUpdate): void {
    this.#lead(leader);
    if (!this.#known.take(update)) return;
    for (const listener of [...this.#listeners]) listener(update);
  }

  #end(id: number): void {
    this.#pending.get(id)?.cancelTimer();
    this.#pending.delete(id);
  }
}
