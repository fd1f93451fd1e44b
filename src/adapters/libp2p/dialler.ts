/** Makes links: at most DIALS_MAX dials at a time, directly or introduced by somebody, and only one for each node. */
import { equalBytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import type { Counters } from '../../core/codec/counters.ts';
import { idText, type NodeId } from '../../core/codec/id.ts';
import { NetworkError } from '../../core/overlay/network.ts';
import type { Libp2p } from '@libp2p/interface';
import { circuitAddress, directAddresses, type RelayAddress } from './addresses.ts';
import type { Changes } from './changes.ts';
import { DialSlots } from './dial-slots.ts';
import { introducerOf } from './evidence.ts';
import { Introducers } from './introducers.ts';
import { canWebRtc, Introduction, type IntroductionPorts } from './introduction.ts';
import { DIAL_MS, INBOUND_GRACE_MS, WEBRTC_DIAL_MS } from './limits.ts';
import { asNetworkError, LinkMaker } from './link-maker.ts';
import type { LinkTable } from './link-table.ts';
import type { Link } from './link.ts';
import { peerIdOf } from './peer-id.ts';

/** What is dialled: a contact, or a relay from the ring descriptor. */
export type Dialable = RelayAddress & { readonly via?: readonly NodeId[] };

export interface DiallerOptions {
  readonly libp2p: Libp2p;
  readonly links: LinkTable;
  readonly changes: Changes;
  /** From the ring descriptor. */
  readonly relays: readonly RelayAddress[];
  /** Whether we can be introduced at all: a relay cannot. */
  readonly canBeIntroduced: boolean;
  /** Kept filled with the addresses that are being dialled. */
  readonly dialled: Set<string>;
  readonly clock: Clock;
  readonly counters: Counters;
}

export class Dialler {
  readonly #options: DiallerOptions;
  readonly #maker: LinkMaker;
  readonly #introduction: IntroductionPorts;
  readonly #pending = new Map<string, Promise<void>>();
  /** Why the last dial of a relay failed: its watch goes on dialling, nobody else waits for that. */
  readonly #lostRelays = new Map<string, NetworkError>();
  readonly #slots = new DialSlots();

  constructor(options: DiallerOptions) {
    const { libp2p, links, changes, dialled, clock, counters } = options;
    this.#options = options;
    this.#maker = new LinkMaker(libp2p, links, changes, dialled);
    const introducers = new Introducers(clock);
    const [maker, slots] = [this.#maker, this.#slots];
    this.#introduction = { libp2p, links, changes, maker, slots, introducers, clock, counters };
  }

  /** Resolves when a link is up. Rejects with NetworkError `unreachable`, `refused` or `congested`. */
  connect(target: Dialable): Promise<void> {
    if (this.#isUp(target)) return Promise.resolve();
    const name = idText(target.nodeId);
    const pending = this.#pending.get(name);
    if (pending !== undefined) return pending;
    const dial = this.#connect(target).finally(() => this.#pending.delete(name));
    this.#pending.set(name, dial);
    return dial;
  }

  /** Tries to put a direct connection in the place of a link through a relay; whether it did. Never rejects. */
  async upgrade(link: Link): Promise<boolean> {
    const { contact } = link;
    // The circuit that carries the link carries the signalling too.
    const relay = introducerOf(link.connection);
    if (contact === undefined || relay === undefined) return false;
    if (!canWebRtc() || !this.#slots.isFree('introduced')) return false;
    const address = circuitAddress(relay, contact.peerKey, true);
    try {
      await this.#slots.run('introduced', async () =>
        this.#maker.link(contact, await this.#maker.dial(contact, [address], WEBRTC_DIAL_MS), DIAL_MS),
      );
    } catch {
      return false;
    }
    return this.#options.links.find(contact.nodeId)?.relayed === false;
  }

  async #connect(target: Dialable): Promise<void> {
    const described = this.#relayNamed(target.nodeId);
    // The ring descriptor is signed; what others say of a relay's addresses is not.
    const direct = directAddresses(described ?? target);
    let failure: NetworkError | undefined;
    try {
      if (direct.length === 0) await this.#beIntroduced(target);
      else
        await this.#slots.run('direct', async () =>
          this.#maker.link(target, await this.#maker.dial(target, direct, DIAL_MS), DIAL_MS),
        );
    } catch (error) {
      failure = asNetworkError(error);
    }
    if (!this.#isUp(target) && failure?.code !== 'refused') await this.#mayStillCome(target);
    const name = idText(target.nodeId);
    if (this.#isUp(target)) return void this.#lostRelays.delete(name);
    failure ??= new NetworkError('unreachable', 'no link came up');
    if (described !== undefined) this.#lostRelays.set(name, failure);
    throw failure;
  }

  /** By those we are linked with; by a relay that we have to dial first only when none of them could. */
  async #beIntroduced(target: Dialable): Promise<void> {
    if (!this.#options.canBeIntroduced) throw new NetworkError('unreachable', 'the node has no address');
    try {
      return await this.#introduce(target);
    } catch (error) {
      if (this.#isUp(target) || asNetworkError(error).code !== 'unreachable') throw error;
      const refused = [...this.#lostRelays.values()].find(({ code }) => code === 'refused');
      if (!(await this.#reachRelay(target))) throw refused ?? error;
    }
    await this.#introduce(target);
  }

  #introduce(target: Dialable): Promise<void> {
    return this.#slots.run('introduced', () => new Introduction(this.#introduction, target).run());
  }

  /** Whether a relay that we had no link to has one now. */
  async #reachRelay(target: Dialable): Promise<boolean> {
    for (const relay of this.#options.relays) {
      const name = idText(relay.nodeId);
      if (name === idText(target.nodeId) || this.#lostRelays.has(name) || this.#isUp(relay)) continue;
      try {
        await this.connect(relay);
        return true;
      } catch {
        // It is among the lost ones now; the next one may be there.
      }
    }
    return false;
  }

  #relayNamed(nodeId: NodeId): RelayAddress | undefined {
    return this.#options.relays.find((relay) => equalBytes(relay.nodeId, nodeId));
  }

  /** The other side may have dialled at the same moment, and our dial have lost. */
  async #mayStillCome(target: Dialable): Promise<void> {
    const { libp2p, links, changes } = this.#options;
    const peerId = peerIdOf(target.peerKey);
    const isHopeful =
      links.introducing(target.peerKey) ||
      libp2p.getConnections(peerId).some((connection) => connection.direction === 'inbound');
    if (isHopeful) await changes.until(() => this.#isUp(target), INBOUND_GRACE_MS);
  }

  #isUp({ nodeId }: Pick<Dialable, 'nodeId'>): boolean {
    return this.#options.links.find(nodeId) !== undefined;
  }
}
