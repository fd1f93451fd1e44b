/**
 * The notification service: straight to live devices, else into the inbox; and the receiving side, which checks everything and
 * acknowledges only what is durable. POST paper §3.3: the inbox replicas are its k delegates.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS, type Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Id, type NodeId } from '../codec/id.ts';
import { RETENTION_MS } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { inboxKey, sha256 } from '../crypto/hash.ts';
import {
  verifyNodeCertificate,
  type DeviceCertificate,
  type IdentityCertificate,
  type RingTrust,
} from '../identity/certificates.ts';
import { sealingPrekeys } from '../identity/identity-block.ts';
import type { PublicKeys, Vault } from '../identity/vault.ts';
import type { Multicasts } from '../multicast/multicast.ts';
import { ServiceRefusal, type Overlay } from '../overlay/overlay.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import type { InboxEntry, Receipt, Storage } from '../storage/storage.ts';
import { bodyHash, verifyReceipt } from '../storage/verify.ts';
import { identityKeyOf, type Person } from './accounts.ts';
import { BackgroundTask, RETRY_MS_MIN } from './background-task.ts';
import { mapBounded, Serial } from './bounded.ts';
import { INBOX_HINT_SERVICE } from './delegates.ts';
import {
  acknowledgementCodec,
  openNotification,
  sealNotification,
  verifyNotification,
  type Notification,
} from './notification.ts';
import { PostError } from './post-error.ts';
import { Presence, presenceGroup, tellThroughGroup } from './presence.ts';
import { ReplayCache } from './replay-cache.ts';

export const NOTIFY_SERVICE = 'post/notify';
/** How often the inbox is read without being woken: a hint may be lost, and a group may break. */
export const INBOX_EVERY_MS = 15 * 60_000;
/** How often entries from the future are looked at again: 15 min. */
const FUTURE_EVERY_MS = 15 * 60_000;
/** How often entries are tried again for which the mailbox had no room: 15 min. */
const FULL_EVERY_MS = 15 * 60_000;
/** Hints make the inbox be read at most this often. */
const INBOX_HINTED_EVERY_MS = 1_000;
/** A live device answers within this time, or is not live. */
const DIRECT_TIMEOUT_MS = 5_000;
/** Notifications from peers that are being checked at once; more are refused as `busy`. */
export const CHECKING_MAX = 64;
/** Entries of the inbox that are opened at once. */
const OPENING_AT_ONCE = 8;
/** Entries named by one clear. */
const CLEAR_MAX = 1000;
const COPIES_AT_ONCE = 4;

/**
 * Makes a notification's effect durable, in one batch with `remember` (keys of the node's store), then resolves. A refusal is
 * counted and the notification dropped; a rejection leaves it where it is, to be tried again.
 */
export type NotificationHandler = (
  notification: Notification,
  remember: readonly Write[],
) => Promise<Result<true>>;

export interface Outgoing {
  /** 16 bytes; the same for each attempt, so that it has its effect once. */
  readonly id: Bytes;
  readonly kind: string;
  readonly content: Bytes;
}

export interface Delivered {
  /** Who signed: devices of the recipient that have it on disk, or replicas of the recipient's inbox. */
  readonly by: 'device' | 'inbox';
  readonly receipts: readonly Receipt[];
  /** At least one copy is sealed to a fallback prekey: no forward secrecy. */
  readonly fallback: boolean;
}

interface Sealed {
  readonly copies: readonly { readonly nodeId: NodeId; readonly sealed: Bytes }[];
  readonly fallback: boolean;
  /** Identity key of the recipient. */
  readonly to: Bytes;
}

export interface NotifierPorts {
  readonly store: KeyValueStore;
  readonly storage: Storage;
  readonly overlay: Overlay;
  readonly multicast: Multicasts;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly trust: RingTrust;
  readonly keys: PublicKeys;
  readonly identity: IdentityCertificate;
  readonly device: DeviceCertificate;
  readonly failed: (error: unknown) => void;
}

export class Notifier {
  readonly #ports: NotifierPorts;
  readonly #replay: ReplayCache;
  readonly #handlers = new Map<string, NotificationHandler>();
  readonly #handling = new Serial();
  readonly #task: BackgroundTask;
  readonly #presence: Presence;
  /**
   * Inbox entries that are left where they are, and when they are looked at again: those sealed to another device of ours
   * are left for it, those from the future until our clock is right.
   */
  readonly #left = new Map<string, number>();
  #checking = 0;
  #lastReadAt = -Infinity;

  private constructor(ports: NotifierPorts, replay: ReplayCache) {
    this.#ports = ports;
    this.#replay = replay;
    this.#task = new BackgroundTask(ports.clock, () => this.#readInbox(), ports.failed);
    this.#presence = new Presence({
      ...ports,
      identityKey: ports.keys.identityKey,
      grew: () => this.#hinted(),
      take: (sealed) => this.#answerGroup(sealed),
    });
    ports.overlay.handle(NOTIFY_SERVICE, (body) => this.#answer(body));
    ports.overlay.handle(INBOX_HINT_SERVICE, () => {
      this.#hinted();
      return Promise.resolve(new Uint8Array(0));
    });
  }

  static async open(ports: NotifierPorts): Promise<Notifier> {
    return new Notifier(ports, await ReplayCache.open(ports.store));
  }

  /** One handler per kind; set before the network starts. */
  handle(kind: string, handler: NotificationHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** The network is there: joins the person's group, reads the inbox now, when it is told so, and from time to time. */
  hurry(): void {
    this.#presence.arrive();
    this.#task.hurry();
  }

  async stop(): Promise<void> {
    this.#presence.depart();
    await this.#task.stop();
    await this.#handling.idle();
  }

  /**
   * Tells the person's live devices: those that the identity block names, else whoever of them is in the person's group.
   * Undefined when none confirms that it has it on disk. Rejects with PostError `no-devices`.
   */
  async tell(person: Person, outgoing: Outgoing): Promise<Delivered | undefined> {
    const sealed = await this.#seal(person, outgoing);
    const { copies, fallback, to } = sealed;
    const answers = await Promise.all(copies.map((copy) => this.#tell(copy.nodeId, copy.sealed, to)));
    const direct = answers.filter((receipt) => receipt !== undefined);
    const receipts = direct.length > 0 ? direct : await this.#tellGroup(sealed);
    return receipts.length > 0 ? { by: 'device', receipts, fallback } : undefined;
  }

  /** Leaves one copy for each device in the person's inbox. Rejects with PostError `no-devices`, or StorageError. */
  async leave(person: Person, outgoing: Outgoing): Promise<Delivered> {
    const { copies, fallback, to } = await this.#seal(person, outgoing);
    const stored = await mapBounded(copies, COPIES_AT_ONCE, ({ sealed }) => this.#append(to, sealed));
    // A device may have read its inbox a moment ago, on coming online; one that comes later reads it by itself.
    for (const { nodeId } of copies) this.#hint(nodeId);
    return { by: 'inbox', receipts: stored.flatMap(({ receipts }) => receipts), fallback };
  }

  async #seal(person: Person, { id, kind, content }: Outgoing): Promise<Sealed> {
    const { vault, keys, clock, identity, device } = this.#ports;
    const to = identityKeyOf(person);
    const body = { v: 1 as const, id, from: keys.identityKey, to, kind, content, at: clock.now() };
    const signature = await vault.sign('notification', body);
    const notification = { v: 1 as const, body, signature, identity, device };
    const targets = sealingPrekeys(person.block, clock.now());
    if (targets.length === 0)
      throw new PostError('no-devices', `no device of ${person.block.name} can be written to`);
    const copies = await mapBounded(targets, COPIES_AT_ONCE, async (target) => ({
      nodeId: target.device.body.nodeId,
      sealed: await sealNotification(notification, target.prekey.body.publicKey),
    }));
    return { copies, fallback: targets.some((target) => target.fallback), to };
  }

  /** Tells a live device; undefined when there is no acknowledgement that checks. */
  async #tell(nodeId: NodeId, sealed: Bytes, to: Bytes): Promise<Receipt | undefined> {
    const { overlay, counters } = this.#ports;
    let reply: Bytes;
    try {
      reply = await overlay.request(nodeId, NOTIFY_SERVICE, sealed, { timeoutMs: DIRECT_TIMEOUT_MS });
    } catch {
      return undefined; // Not live, or it refuses: the inbox is the way that does not depend on it.
    }
    const checked = await this.#checkAcknowledgement(reply, nodeId, sealed, to);
    if (checked.ok) return checked.value;
    counters.refused('notification', checked);
    return undefined;
  }

  /** The receipt of the first device in the group that has taken its copy. */
  async #tellGroup({ copies, to }: Sealed): Promise<readonly Receipt[]> {
    const { multicast, counters } = this.#ports;
    const sealed = copies.map((copy) => copy.sealed);
    const reply = await tellThroughGroup(multicast, presenceGroup(to), sealed, counters);
    if (reply === undefined) return [];
    for (const copy of copies) {
      const checked = await this.#checkAcknowledgement(reply, copy.nodeId, copy.sealed, to);
      if (checked.ok) return [checked.value];
    }
    counters.refused('notification', refuse('wrong-receipt', 'an answer of the group that is no receipt'));
    return [];
  }

  #hint(nodeId: NodeId): void {
    const { overlay, counters } = this.#ports;
    overlay
      .request(nodeId, INBOX_HINT_SERVICE, new Uint8Array(0), { timeoutMs: DIRECT_TIMEOUT_MS })
      .catch(() => counters.add('post.hints-unheard'));
  }

  #hinted(): void {
    this.#task.wake(Math.max(0, this.#lastReadAt + INBOX_HINTED_EVERY_MS - this.#ports.clock.now()));
  }

  /** A copy that came through the group: another device's is left to it. */
  async #answerGroup(sealed: Bytes): Promise<Bytes | undefined> {
    try {
      return await this.#answer(sealed);
    } catch (error) {
      if (error instanceof ServiceRefusal) return undefined;
      throw error;
    }
  }

  async #checkAcknowledgement(
    reply: Bytes,
    nodeId: NodeId,
    sealed: Bytes,
    to: Bytes,
  ): Promise<Result<Receipt>> {
    const { trust, clock } = this.#ports;
    const decoded = acknowledgementCodec.decode(reply);
    if (!decoded.ok) return decoded;
    const { receipt, certificate } = decoded.value;
    const node = await verifyNodeCertificate(certificate, trust, clock.now());
    if (!node.ok) return node;
    if (!equalBytes(node.value.nodeId, nodeId))
      return refuse('wrong-node', 'an acknowledgement by another node');
    const held = { key: inboxKey(to), held: sha256(sealed) };
    return verifyReceipt(receipt, 'inbox', held, node.value.peerKey, clock.now());
  }

  async #append(owner: Bytes, sealed: Bytes): ReturnType<Storage['appendToInbox']> {
    const { storage, vault, keys, clock } = this.#ports;
    const body = { v: 1 as const, owner, from: keys.peerKey, sealed, at: clock.now() };
    return storage.appendToInbox({ body, signature: await vault.sign('inbox-entry', body) });
  }

  async #answer(sealed: Bytes): Promise<Bytes> {
    const { vault, keys, clock, overlay } = this.#ports;
    if (this.#checking >= CHECKING_MAX) throw new ServiceRefusal('busy', 'too many notifications at once');
    this.#checking += 1;
    try {
      const taken = await this.#take(sealed);
      if (!taken.ok) {
        this.#ports.counters.refused('notification', taken);
        throw new ServiceRefusal(taken.code, taken.reason);
      }
      const body = {
        v: 1 as const,
        kind: 'inbox' as const,
        key: inboxKey(keys.identityKey),
        held: sha256(sealed),
        holder: keys.peerKey,
        at: clock.now(),
      };
      const receipt = { body, signature: await vault.sign('receipt', body) };
      return acknowledgementCodec.encode({ v: 1, receipt, certificate: overlay.self.certificate });
    } finally {
      this.#checking -= 1;
    }
  }

  /** Opens, checks and handles; a replay is counted and has no effect. */
  async #take(sealed: Bytes): Promise<Result<true>> {
    const { vault, trust, keys, clock, counters } = this.#ports;
    const opened = await openNotification(sealed, vault);
    if (!opened.ok) return opened;
    const checked = await verifyNotification(opened.value, trust, keys.identityKey, clock.now());
    if (!checked.ok) return checked;
    const { from, kind, at } = checked.value.body;
    const handler = this.#handlers.get(kind);
    if (handler === undefined) return refuse('unknown-kind', 'a notification of an unknown kind');
    return this.#handling.run(async () => {
      if (this.#replay.has(checked.value.body)) {
        counters.refused('notification', refuse('replayed', 'a notification that was here before'));
        return ok(true);
      }
      if (at <= this.#replay.floor(from))
        return refuse('expired', 'a notification older than what is remembered');
      const now = clock.now();
      const handled = await handler(checked.value, this.#replay.writes(checked.value.body, now));
      if (handled.ok) this.#replay.remember(checked.value.body, now);
      return handled;
    });
  }

  async #readInbox(): Promise<number> {
    const { storage, keys, clock, failed } = this.#ports;
    this.#lastReadAt = clock.now();
    const entries = await storage.readInbox(keys.identityKey, (late) => {
      this.#takeAll(late).catch((error: unknown) => {
        this.#task.wake(RETRY_MS_MIN);
        failed(error);
      });
    });
    this.#forgetLeft(entries);
    await this.#takeAll(entries);
    return INBOX_EVERY_MS;
  }

  /** What is not in the inbox any more need not be left there. A slow replica may have it still: then it is looked at again. */
  #forgetLeft(entries: readonly InboxEntry[]): void {
    const there = new Set(entries.map(({ body }) => idText(bodyHash(body))));
    for (const name of this.#left.keys()) if (!there.has(name)) this.#left.delete(name);
  }

  /** Handles entries and clears them, a batch at a time: what comes after a failure finds the others gone. */
  async #takeAll(entries: readonly InboxEntry[]): Promise<void> {
    const now = this.#ports.clock.now();
    const named = entries.map((entry) => ({ entry, hash: bodyHash(entry.body) }));
    const waiting = named.filter(({ hash }) => (this.#left.get(idText(hash)) ?? 0) <= now);
    let failure: unknown;
    for (let i = 0; i < waiting.length; i += CLEAR_MAX) {
      const done: Id[] = [];
      await mapBounded(waiting.slice(i, i + CLEAR_MAX), OPENING_AT_ONCE, async ({ entry, hash }) => {
        try {
          const leftUntil = await this.#takeFromInbox(entry);
          if (leftUntil === undefined) done.push(hash);
          else this.#left.set(idText(hash), leftUntil);
        } catch (error) {
          failure ??= error;
        }
      });
      if (done.length > 0) await this.#ports.storage.clearInbox(done);
    }
    if (failure !== undefined) throw failure;
  }

  /** Undefined: it may be cleared; else when to look at it again. Rejects when it could not be handled now. */
  async #takeFromInbox(entry: InboxEntry): Promise<number | undefined> {
    const { counters, clock } = this.#ports;
    const taken = await this.#take(entry.body.sealed);
    if (taken.ok) return undefined;
    const now = clock.now();
    const outdated = entry.body.at < now - RETENTION_MS - CLOCK_SKEW_MS;
    // Another device's, perhaps a removed one's: it goes when nobody may take it any more.
    if (taken.code === 'unknown-prekey' && !outdated) return entry.body.at + RETENTION_MS + CLOCK_SKEW_MS + 1;
    counters.refused('notification', taken);
    if (taken.code === 'mailbox-full' && !outdated) return now + FULL_EVERY_MS;
    // One of two clocks is wrong, perhaps ours: what was cleared would be lost.
    return taken.code === 'not-yet-valid' && !outdated ? now + FUTURE_EVERY_MS : undefined;
  }
}
