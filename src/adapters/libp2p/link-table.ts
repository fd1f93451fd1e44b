/** All links of a node: who is up, who is still introducing itself, and which of two streams becomes the link. */
import type { Connection, Stream } from '@libp2p/interface';
import { equalBytes, type Bytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import type { Counters } from '../../core/codec/counters.ts';
import { idText, type NodeId } from '../../core/codec/id.ts';
import { refuse, type Refusal, type Result } from '../../core/codec/result.ts';
import type { RingTrust, Role } from '../../core/identity/certificates.ts';
import { checkContact, type Contact } from '../../core/overlay/contact.ts';
import { helloCodec, type Hello } from '../../core/overlay/link/hello.ts';
import { LINK_VERSION } from '../../core/overlay/link/limits.ts';
import type { LinkInfo, NetworkHandlers } from '../../core/overlay/network.ts';
import { HANDSHAKES_MAX, LINKS_UP_MAX, PROBE_MS } from './limits.ts';
import { Link, type LinkOwner } from './link.ts';
import { peerKeyOf } from './peer-id.ts';

export interface LinkTableOptions {
  readonly role: Role;
  /** Our own contact, as it is now: certificates are renewed. */
  readonly self: () => Contact;
  readonly trust: RingTrust;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly handlers: NetworkHandlers;
  /** Whether this connection may carry a link. */
  readonly mayCarry: (connection: Connection) => boolean;
  /** A link came up. */
  readonly cameUp: (link: Link) => void;
  /** A link or a stream that was to be one has ended. */
  readonly ended: (link: Link) => void;
}

export class LinkTable implements LinkOwner {
  readonly #options: LinkTableOptions;
  /** By node id. */
  readonly #up = new Map<string, Link>();
  /** Every link whose stream is open. */
  readonly #all = new Set<Link>();
  /** Why streams that we opened ended, for those who opened them. */
  readonly #endings = new WeakMap<Link, Refusal>();

  constructor(options: LinkTableOptions) {
    this.#options = options;
  }

  /** Takes a stream; undefined when it was refused at once (it is aborted then). */
  add(stream: Stream, connection: Connection, outbound: boolean): Link | undefined {
    const remoteKey = peerKeyOf(connection.remotePeer);
    const refusal = this.#refusalOf(remoteKey, connection);
    if (remoteKey === undefined || refusal !== undefined) {
      if (refusal !== undefined) this.refused(refusal);
      stream.abort(new Error('refused'));
      return undefined;
    }
    const { clock } = this.#options;
    const selfKey = this.#options.self().peerKey;
    const init = {
      stream,
      connection,
      outbound,
      remoteKey,
      selfKey,
      clock,
      hello: this.#hello(),
      owner: this,
    };
    const link = new Link(init);
    this.#all.add(link);
    link.open();
    return link;
  }

  get selfKey(): Bytes {
    return this.#options.self().peerKey;
  }

  find(nodeId: NodeId): Link | undefined {
    return this.#up.get(idText(nodeId));
  }

  /** Links that are up. */
  links(): readonly Link[] {
    return [...this.#up.values()];
  }

  /** Links whose stream is open. */
  open(): readonly Link[] {
    return [...this.#all];
  }

  /** Whether a stream with this peer is being introduced. */
  introducing(peerKey: Bytes): boolean {
    return [...this.#all].some((link) => link.state !== 'up' && equalBytes(link.remoteKey, peerKey));
  }

  isUpWith(peerKey: Bytes): boolean {
    return this.links().some((link) => equalBytes(link.remoteKey, peerKey));
  }

  isDirectlyUpWith(peerKey: Bytes): boolean {
    return this.links().some((link) => !link.relayed && equalBytes(link.remoteKey, peerKey));
  }

  /** Whether a link or a stream that is to be one runs over this connection. */
  uses(connection: Connection): boolean {
    return [...this.#all].some((link) => link.connection === connection);
  }

  /** Why this link went down before it was up, if it did. */
  endingOf(link: Link): Refusal | undefined {
    return this.#endings.get(link);
  }

  infos(): readonly LinkInfo[] {
    return this.links().map((link) => ({
      contact: link.contact!,
      direct: !link.relayed,
      openedAt: link.openedAt,
      sentBytes: link.sentBytes,
      receivedBytes: link.receivedBytes,
      rttMs: link.rttMs,
    }));
  }

  closeAll(reason: string): void {
    for (const link of [...this.#all]) link.close(reason);
  }

  async check(hello: Hello, remoteKey: Bytes): Promise<Result<Contact>> {
    const { trust, clock } = this.#options;
    const { certificate, addresses } = hello;
    try {
      const checked = await checkContact({ certificate, addresses }, trust, clock.now());
      if (!checked.ok) return checked;
      if (!equalBytes(hello.ring, trust.ring)) return refuse('wrong-ring', 'a node of another ring');
      if (!equalBytes(checked.value.peerKey, remoteKey))
        return refuse('wrong-peer-key', 'a certificate of another peer key than the connection has');
      if (idText(checked.value.nodeId) === idText(this.#options.self().nodeId))
        return refuse('own-node-id', 'a node that has our own id');
      return checked;
    } catch (error) {
      return refuse('unchecked', `a certificate that could not be checked: ${String(error).slice(0, 200)}`);
    }
  }

  /** We decide: a new link, a better one, or one that is needed because the old one is dead; else a duplicate. */
  agreed(link: Link, contact: Contact): void {
    const old = this.find(contact.nodeId);
    if (old === undefined && this.#up.size >= LINKS_UP_MAX[this.#options.role])
      return link.refuse(refuse('full', 'a node that has as many links as it takes'));
    if (old === undefined || (old.relayed && !link.relayed)) return link.accept();
    void old.probe(PROBE_MS).then((alive) => {
      if (link.state !== 'agreeing') return;
      if (alive) return link.refuse(duplicate);
      if (this.find(contact.nodeId) === old) return link.accept();
      this.agreed(link, contact);
    });
  }

  up(link: Link, contact: Contact): void {
    const name = idText(contact.nodeId);
    const old = this.#up.get(name);
    this.#up.set(name, link);
    if (old !== undefined) {
      old.close('replaced');
      this.#options.handlers.linkDown(contact.nodeId, 'replaced');
    }
    this.#options.handlers.linkUp(contact, !link.relayed);
    this.#options.cameUp(link);
  }

  message(link: Link, message: Bytes): void {
    const { contact } = link;
    if (contact !== undefined && this.find(contact.nodeId) === link)
      this.#options.handlers.message(contact.nodeId, message);
  }

  refused(refusal: Refusal): void {
    if (refusal.code === duplicate.code) this.#options.counters.add('network.duplicate-streams');
    else this.#options.counters.refused('network', refusal);
  }

  down(link: Link, reason: string, detail: Refusal | undefined): void {
    this.#all.delete(link);
    this.#endings.set(link, detail ?? refuse(reason, `the link ended: ${reason}`));
    const { contact } = link;
    if (contact !== undefined && this.find(contact.nodeId) === link) {
      this.#up.delete(idText(contact.nodeId));
      this.#options.handlers.linkDown(contact.nodeId, reason);
    }
    this.#options.ended(link);
  }

  #hello(): Bytes {
    const { trust, clock } = this.#options;
    const { certificate, addresses } = this.#options.self();
    return helloCodec.encode({
      v: LINK_VERSION,
      ring: trust.ring,
      certificate,
      addresses: [...addresses],
      at: clock.now(),
    });
  }

  #refusalOf(remoteKey: Bytes | undefined, connection: Connection): Refusal | undefined {
    if (remoteKey === undefined) return refuse('bad-peer-key', 'a node whose peer key is not Ed25519');
    if (!this.#options.mayCarry(connection))
      return refuse('signalling-only', 'a link over a circuit that is for signalling only');
    if (this.#all.size - this.#up.size >= HANDSHAKES_MAX[this.#options.role])
      return refuse('busy', 'too many nodes that have not introduced themselves');
    return undefined;
  }
}

const duplicate = refuse('duplicate', 'there is a link already');
