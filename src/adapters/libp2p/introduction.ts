/**
 * A link to a node that has no address, through somebody who is linked with it: first a circuit through the introducer, then
 * WebRTC, for which the circuit carries the signalling. Noise runs inside the circuit, between the two ends: the introducer
 * can drop it, but not change it.
 */
import type { Connection, Libp2p } from '@libp2p/interface';
import { compareBytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import type { Counters } from '../../core/codec/counters.ts';
import type { NodeId } from '../../core/codec/id.ts';
import { idText } from '../../core/codec/id.ts';
import { NetworkError } from '../../core/overlay/network.ts';
import { addressThrough, type RelayAddress } from './addresses.ts';
import type { Changes } from './changes.ts';
import type { DialSlots } from './dial-slots.ts';
import { isRelayed } from './evidence.ts';
import type { Introducer, Introducers } from './introducers.ts';
import {
  DIAL_MS,
  INTRODUCERS_TRIED_MAX,
  INTRODUCTION_MS,
  INTRODUCTIONS_MS,
  OTHERS_DIAL_MS,
  STALE_CONNECTION_MS,
  WEBRTC_DIAL_MS,
  WEBRTC_TRIES_MAX,
  WEBRTC_TRY_MS,
} from './limits.ts';
import { asNetworkError, type LinkMaker } from './link-maker.ts';
import type { LinkTable } from './link-table.ts';
import { peerIdOf } from './peer-id.ts';

export type Target = Pick<RelayAddress, 'nodeId' | 'peerKey'> & { readonly via?: readonly NodeId[] };

export interface IntroductionPorts {
  readonly libp2p: Libp2p;
  readonly links: LinkTable;
  readonly changes: Changes;
  readonly maker: LinkMaker;
  readonly slots: DialSlots;
  readonly introducers: Introducers;
  readonly clock: Clock;
  readonly counters: Counters;
}

/** One attempt to get to a target, by one introducer after another. */
export class Introduction {
  readonly #ports: IntroductionPorts;
  readonly #target: Target;
  readonly #beganAt: number;
  readonly #tried = new Set<string>();
  #webRtcTries = canWebRtc() ? WEBRTC_TRIES_MAX : 0;
  #failure = new NetworkError('unreachable', 'the node has no address, and nobody can introduce us');

  constructor(ports: IntroductionPorts, target: Target) {
    this.#ports = ports;
    this.#target = target;
    this.#beganAt = ports.clock.now();
  }

  /** Resolves when a link is up. Rejects with NetworkError when no linked node could introduce us. */
  async run(): Promise<void> {
    const { links, clock } = this.#ports;
    for (;;) {
      const introducer = this.#next();
      const late = clock.now() - this.#beganAt >= INTRODUCTIONS_MS;
      if (introducer === undefined || late || this.#tried.size >= INTRODUCERS_TRIED_MAX) throw this.#failure;
      this.#tried.add(idText(introducer.nodeId));
      try {
        await this.#through(introducer);
        return;
      } catch (error) {
        this.#failure = asNetworkError(error);
      }
      if (links.find(this.#target.nodeId) !== undefined) return;
      if (this.#failure.code === 'refused' || this.#failure.code === 'congested') throw this.#failure;
      // libp2p would let a new dial join the one that just failed.
      await new Promise<void>((resolve) => void clock.after(0, resolve));
    }
  }

  /** Links come and go meanwhile. Without WebRTC only relays are of use. */
  #next(): Introducer | undefined {
    const { links, introducers } = this.#ports;
    const { nodeId, via = [] } = this.#target;
    return introducers
      .rank(nodeId, via, links.infos())
      .find((one) => !this.#tried.has(idText(one.nodeId)) && (one.isRelay || this.#webRtcTries > 0));
  }

  async #through(introducer: Introducer): Promise<void> {
    const { links } = this.#ports;
    this.#sweep();
    if (await this.#othersDial(false)) return;
    const circuit = await this.#circuit(introducer);
    try {
      if (await this.#othersDial(true)) return;
      const isUp = this.#webRtcTries > 0 && (await this.#direct(introducer, introducer.isRelay));
      if (!isUp) await this.#ports.maker.link(this.#target, circuit, DIAL_MS);
    } finally {
      if (!links.uses(circuit)) circuit.abort(new Error('the introduction is over'));
    }
  }

  /**
   * Whether the target made the link meanwhile: who sees its circuit while it has none of its own yet waits for it. Of two
   * that have made one at once (`both`) the larger peer key waits.
   */
  async #othersDial(both: boolean): Promise<boolean> {
    const { libp2p, links, maker, changes, clock } = this.#ports;
    const { peerKey } = this.#target;
    if (!canWebRtc() || (both && compareBytes(links.selfKey, peerKey) < 0))
      return maker.isDirect(this.#target);
    const isDialling = ({ direction, timeline, status }: Connection): boolean =>
      direction === 'inbound' && status === 'open' && clock.now() - timeline.open < STALE_CONNECTION_MS;
    const isOver = (): boolean =>
      maker.isDirect(this.#target) || !libp2p.getConnections(peerIdOf(peerKey)).some(isDialling);
    await changes.until(isOver, OTHERS_DIAL_MS);
    return maker.isDirect(this.#target);
  }

  async #circuit({ nodeId, peerKey }: Introducer): Promise<Connection> {
    const { maker, slots, introducers, clock, counters } = this.#ports;
    const address = addressThrough(peerKey, this.#target.peerKey, false);
    const askedAt = clock.now();
    try {
      const circuit = await maker.dial(this.#target, [address], INTRODUCTION_MS);
      slots.introductionTook(clock.now() - askedAt);
      return circuit;
    } catch (error) {
      if (maker.isDirect(this.#target)) throw error;
      introducers.failed(nodeId, this.#target.nodeId, hasAnswered(error) ? 'failed' : 'silent');
      counters.add('network.introductions-failed');
      throw error;
    }
  }

  /** Whether a direct link is up; rejects where the circuit cannot take its place. */
  async #direct({ nodeId, peerKey, isRelay }: Introducer, orElse: boolean): Promise<boolean> {
    const { maker, introducers, counters } = this.#ports;
    this.#webRtcTries -= 1;
    try {
      const address = addressThrough(peerKey, this.#target.peerKey, true);
      const timeoutMs = this.#next() === undefined ? WEBRTC_DIAL_MS : WEBRTC_TRY_MS;
      await maker.link(this.#target, await maker.dial(this.#target, [address], timeoutMs), DIAL_MS);
    } catch (error) {
      if (maker.isDirect(this.#target)) return true;
      introducers.failed(nodeId, this.#target.nodeId, 'failed');
      counters.add('network.introductions-failed');
      if (!orElse || asNetworkError(error).code === 'refused') throw error;
      return false;
    }
    introducers.succeeded(nodeId, this.#target.nodeId);
    counters.add(isRelay ? 'network.introductions-by-relays' : 'network.introductions-taken');
    return true;
  }

  /** WebRTC's signalling takes the first connection to the target that libp2p knows: it must be alive. */
  #sweep(): void {
    const { libp2p, links, clock } = this.#ports;
    for (const connection of libp2p.getConnections(peerIdOf(this.#target.peerKey))) {
      const isOurs = isRelayed(connection) && connection.direction === 'outbound';
      const isOld = clock.now() - connection.timeline.open >= STALE_CONNECTION_MS;
      if ((isOurs || isOld) && !links.uses(connection)) connection.abort(new Error('stale'));
    }
  }
}

export function canWebRtc(): boolean {
  return 'RTCPeerConnection' in globalThis;
}

/** The introducer is there, but cannot or will not connect us with the target. */
function hasAnswered(error: unknown): boolean {
  return error instanceof Error && error.message.includes('failed to connect via relay');
}
