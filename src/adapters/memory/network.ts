/** The Network port in memory: many nodes in one process, driven by whichever clock is given. For tests and simulation. */
import type { Bytes } from '../../core/codec/bytes.ts';
import { equalBytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import { idText, type NodeId } from '../../core/codec/id.ts';
import { MESSAGE_BYTES_MAX } from '../../core/codec/limits.ts';
import { checkContact, toWire, type Contact } from '../../core/overlay/contact.ts';
import {
  NetworkError,
  type Lane,
  type LinkInfo,
  type Network,
  type NetworkHandlers,
} from '../../core/overlay/network.ts';
import type { RingTrust } from '../../core/identity/certificates.ts';
import { MemoryWire } from './wire.ts';

export interface MemoryHubOptions {
  readonly clock: Clock;
  /** One-way delay in milliseconds, ≥ 0. Default: 1. */
  readonly latencyMs?: (from: NodeId, to: NodeId) => number;
  /** Whether this message vanishes, though its link stays up. Default: never. */
  readonly loses?: (from: NodeId, to: NodeId, lane: Lane) => boolean;
  /** Bandwidth of each direction of each link. Default: 20,000 (20 MB/s, what WebRTC gives). */
  readonly bytesPerMs?: number;
  /** How long a dead or unreachable node's links look open. Default: 3,000. */
  readonly silenceMs?: number;
  /** How long dialling a node that does not answer takes. Default: 1,000. */
  readonly dialTimeoutMs?: number;
  /** When given, both ends' certificates are checked as real transports do; else they are taken as they are. */
  readonly trust?: RingTrust;
}

/** What went over all links so far. */
export interface MemoryTraffic {
  readonly messages: number;
  readonly bytes: number;
  readonly dials: number;
}

/** Where the nodes of one process meet. */
export class MemoryHub {
  readonly options: Required<Omit<MemoryHubOptions, 'trust'>> & Pick<MemoryHubOptions, 'trust'>;
  readonly #nodes = new Map<string, MemoryNetwork>();
  #groups = new Map<string, number>();
  #messages = 0;
  #bytes = 0;
  #dials = 0;

  constructor(options: MemoryHubOptions) {
    this.options = {
      latencyMs: () => 1,
      loses: () => false,
      bytesPerMs: 20_000,
      silenceMs: 3_000,
      dialTimeoutMs: 1_000,
      ...options,
    };
  }

  /** A node's network. `transportKey` is the key that the transport proves; tests of impostors make it differ. */
  network(contact: Contact, transportKey: Bytes = contact.peerKey): MemoryNetwork {
    return new MemoryNetwork(this, contact, transportKey);
  }

  /** Ends a node without a word: the others see `lost` when their probes have failed. */
  kill(nodeId: NodeId): void {
    this.#nodes.get(idText(nodeId))?.die();
  }

  /** Only nodes of one group reach each other; nodes in no group are a group of their own. */
  partition(groups: readonly (readonly NodeId[])[]): void {
    this.#groups = new Map(groups.flatMap((group, i) => group.map((id) => [idText(id), i + 1])));
    for (const node of this.#nodes.values()) node.dropUnreachable();
  }

  /** Ends a partition. Links that were lost stay lost. */
  heal(): void {
    this.#groups = new Map();
  }

  reaches(a: NodeId, b: NodeId): boolean {
    return (this.#groups.get(idText(a)) ?? 0) === (this.#groups.get(idText(b)) ?? 0);
  }

  traffic(): MemoryTraffic {
    return { messages: this.#messages, bytes: this.#bytes, dials: this.#dials };
  }

  /** For MemoryNetwork. */
  find(nodeId: NodeId): MemoryNetwork | undefined {
    return this.#nodes.get(idText(nodeId));
  }

  /** For MemoryNetwork. */
  register(network: MemoryNetwork): void {
    this.#nodes.set(idText(network.self), network);
  }

  /** For MemoryNetwork. */
  unregister(network: MemoryNetwork): void {
    if (this.#nodes.get(idText(network.self)) === network) this.#nodes.delete(idText(network.self));
  }

  /** For MemoryNetwork. */
  countMessage(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
  }

  /** For MemoryNetwork. */
  countDial(): void {
    this.#dials += 1;
  }
}

/** One node's end of a link. */
interface End {
  readonly peer: MemoryNetwork;
  /** What the peer showed when the link was made. */
  readonly contact: Contact;
  readonly wire: MemoryWire;
  readonly openedAt: number;
  receivedBytes: number;
  doomed: boolean;
}

export class MemoryNetwork implements Network {
  readonly #hub: MemoryHub;
  readonly #transportKey: Bytes;
  readonly #ends = new Map<string, End>();
  readonly #dialling = new Map<string, Promise<void>>();
  #contact: Contact;
  #handlers: NetworkHandlers | undefined;

  constructor(hub: MemoryHub, contact: Contact, transportKey: Bytes) {
    this.#hub = hub;
    this.#contact = contact;
    this.#transportKey = transportKey;
  }

  get self(): NodeId {
    return this.#contact.nodeId;
  }

  /** As shown when a link is made. */
  get contact(): Contact {
    return this.#contact;
  }

  /** Our certificate was renewed; the links that are up keep the old one. */
  renew(contact: Contact): void {
    this.#contact = { ...contact };
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    this.#handlers = handlers;
    this.#hub.register(this);
  }

  async connect(contact: Contact): Promise<void> {
    this.#assertRunning();
    const name = idText(contact.nodeId);
    if (this.#ends.get(name)?.doomed === false) return;
    let dialling = this.#dialling.get(name);
    if (dialling === undefined) {
      dialling = this.#dial(contact).finally(() => this.#dialling.delete(name));
      this.#dialling.set(name, dialling);
    }
    return dialling;
  }

  async send(to: NodeId, message: Bytes, lane: Lane): Promise<void> {
    this.#assertRunning();
    if (message.length > MESSAGE_BYTES_MAX)
      throw new NetworkError('too-large', `a message of ${message.length} bytes is over the limit`);
    const end = this.#ends.get(idText(to));
    if (end === undefined) throw new NetworkError('no-link', 'there is no link to this node');
    return end.wire.send(message, lane);
  }

  close(nodeId: NodeId, reason: string): void {
    const end = this.#ends.get(idText(nodeId));
    if (end === undefined) return;
    this.#drop(end, () => this.#handlers?.linkDown(nodeId, reason));
    const peerEnd = end.peer.#ends.get(idText(this.self));
    if (peerEnd?.peer !== this) return;
    end.wire.afterLast(() => {
      if (end.peer.#ends.get(idText(this.self)) !== peerEnd) return;
      end.peer.#drop(peerEnd, () => end.peer.#handlers?.linkDown(this.self, 'closed'));
    });
  }

  links(): readonly LinkInfo[] {
    return [...this.#ends.values()].map((end) => ({
      contact: end.contact,
      direct: true,
      openedAt: end.openedAt,
      sentBytes: end.wire.sentBytes,
      receivedBytes: end.receivedBytes,
      rttMs: this.#latencyTo(end.peer.self) + end.peer.#latencyTo(this.self),
    }));
  }

  async stop(): Promise<void> {
    this.#handlers = undefined;
    this.#hub.unregister(this);
    for (const end of [...this.#ends.values()]) this.close(end.peer.self, 'stopped');
  }

  /** For MemoryHub: nothing more is sent or received, and nobody is told. */
  die(): void {
    this.#handlers = undefined;
    this.#hub.unregister(this);
    for (const end of [...this.#ends.values()]) {
      this.#drop(end, () => undefined);
      end.peer.#doom(this);
    }
  }

  /** For MemoryHub: links over a new partition fall silent, and are lost after that. */
  dropUnreachable(): void {
    for (const end of this.#ends.values())
      if (!this.#hub.reaches(this.self, end.peer.self)) this.#doom(end.peer);
  }

  #doom(peer: MemoryNetwork): void {
    const end = this.#ends.get(idText(peer.self));
    if (end === undefined || end.peer !== peer || end.doomed) return;
    end.doomed = true;
    this.#after(this.#hub.options.silenceMs, () => {
      if (this.#ends.get(idText(peer.self)) !== end) return;
      this.#drop(end, () => this.#handlers?.linkDown(peer.self, 'lost'));
    });
  }

  async #dial(contact: Contact): Promise<void> {
    const { options } = this.#hub;
    this.#hub.countDial();
    const peer = this.#hub.find(contact.nodeId);
    if (peer === undefined || peer === this || !this.#hub.reaches(this.self, contact.nodeId))
      return this.#fail('unreachable', 'the node does not answer', options.dialTimeoutMs);
    await this.#passed(this.#latencyTo(peer.self) + peer.#latencyTo(this.self));
    if (!equalBytes(contact.peerKey, peer.#transportKey))
      throw new NetworkError('refused', 'the node has another peer key');
    const checks = await Promise.all([this.#refusalOf(peer), peer.#refusalOf(this)]);
    const refusal = checks.find((reason) => reason !== undefined);
    if (refusal !== undefined) throw new NetworkError('refused', refusal);
    this.#assertRunning();
    if (peer.#handlers === undefined || !this.#hub.reaches(this.self, peer.self))
      return this.#fail('unreachable', 'the node went away', options.dialTimeoutMs);
    if (this.#ends.get(idText(peer.self))?.doomed === false) return;
    this.#replace(peer);
    peer.#replace(this);
    const [mine, theirs] = [this.#open(peer), peer.#open(this)];
    peer.#handlers.linkUp(this.contact, true);
    if (peer.#ends.get(idText(this.self)) !== theirs || this.#ends.get(idText(peer.self)) !== mine) return;
    this.#handlers?.linkUp(peer.contact, true);
  }

  #open(peer: MemoryNetwork): End {
    const { clock, bytesPerMs, loses } = this.#hub.options;
    const wire = new MemoryWire(clock, bytesPerMs, () => this.#latencyTo(peer.self));
    const { contact } = peer;
    const end: End = { peer, contact, wire, openedAt: clock.now(), receivedBytes: 0, doomed: false };
    wire.onArrival = (message, lane) => {
      if (end.doomed || loses(this.self, peer.self, lane)) return;
      this.#hub.countMessage(message.length);
      peer.#receive(this, message);
    };
    this.#ends.set(idText(peer.self), end);
    return end;
  }

  #receive(from: MemoryNetwork, message: Bytes): void {
    const end = this.#ends.get(idText(from.self));
    if (end?.peer !== from || end.doomed) return;
    end.receivedBytes += message.length;
    this.#handlers?.message(from.self, message);
  }

  /** Takes an end off the table; `tell` runs later, never inside the caller. */
  #drop(end: End, tell: () => void): void {
    this.#ends.delete(idText(end.peer.self));
    end.wire.close();
    this.#after(0, tell);
  }

  #replace(peer: MemoryNetwork): void {
    const end = this.#ends.get(idText(peer.self));
    if (end === undefined) return;
    this.#ends.delete(idText(peer.self));
    end.wire.close();
    this.#handlers?.linkDown(peer.self, 'replaced');
  }

  /** Why this node does not talk to `peer`, if so. */
  async #refusalOf(peer: MemoryNetwork): Promise<string | undefined> {
    if (!equalBytes(peer.contact.peerKey, peer.#transportKey)) return 'a certificate of another peer key';
    const { trust, clock } = this.#hub.options;
    if (trust === undefined) return undefined;
    const checked = await checkContact(toWire(peer.contact), trust, clock.now());
    if (!checked.ok) return checked.reason;
    return equalBytes(checked.value.peerKey, peer.#transportKey)
      ? undefined
      : 'a certificate of another peer key';
  }

  #latencyTo(nodeId: NodeId): number {
    return this.#hub.options.latencyMs(this.self, nodeId);
  }

  #after(delayMs: number, action: () => void): void {
    this.#hub.options.clock.after(delayMs, action);
  }

  #passed(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#after(delayMs, resolve));
  }

  async #fail(code: 'unreachable', message: string, afterMs: number): Promise<never> {
    await this.#passed(afterMs);
    throw new NetworkError(code, message);
  }

  #assertRunning(): void {
    if (this.#handlers === undefined) throw new NetworkError('stopped', 'the network is not running');
  }
}
