/** The page of the network tests: one node over libp2p, driven by the test through `window.node`. */
import '../../../src/adapters/libp2p/polyfill.ts';
import type { ConnectionEvidence } from '../../../src/adapters/libp2p/evidence.ts';
import { Libp2pNetwork } from '../../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../../src/adapters/libp2p/private-key.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { fromHex } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { idText } from '../../../src/core/codec/id.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { Lane, NetworkError } from '../../../src/core/overlay/network.ts';
import type {} from './network-site.ts';
import { unpacked, vaultNamed, type NodeSetup } from './network-setup.ts';

/** What the tests ask for: plain values only. */
export interface NetworkPage {
  /** `via`: node ids of those who may introduce us; code of the NetworkError, or `none`. */
  connect(contact: string, via: readonly string[]): Promise<string>;
  /** `length` bytes of `fill`; code of the NetworkError, or `none`. */
  send(to: string, length: number, fill: number, lane: Lane): Promise<string>;
  close(nodeId: string): void;
  stop(): Promise<void>;
  nudge(): void;
  /** From now on drops what it is to pass on for others, after so many bytes on each circuit. */
  dropIntroductions(afterBytes: number): void;
  /** From now on no dial of ours gets as far as WebRTC, or they do again. */
  breakWebRtc(broken: boolean): void;
  /** `up <node>`, `down <node> <reason>`, in order. */
  events(): string[];
  /** Length, first byte, and whether all bytes are the same. */
  messages(): { from: string; length: number; fill: number; uniform: boolean }[];
  links(): {
    node: string;
    role: string;
    direct: boolean;
    sentBytes: number;
    receivedBytes: number;
    rttMs: number | null;
  }[];
  connections(): readonly ConnectionEvidence[];
  reachable(): boolean;
  counts(): readonly (readonly [string, number])[];
}

declare global {
  interface Window {
    node: NetworkPage;
  }
}

let network: Libp2pNetwork;
const events: string[] = [];
const messages: { from: string; length: number; fill: number; uniform: boolean }[] = [];
const counters = new Counters(() => systemClock.now());
const { createOffer } = RTCPeerConnection.prototype;
const hopProtocol = '/libp2p/circuit/relay/0.2.0/hop';

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: NetworkError) => error.code ?? String(error),
  );
}

window.start = async (setup) => {
  const { name, contact, trust, relays } = unpacked<NodeSetup>(setup);
  const { vault } = await vaultNamed(name);
  const privateKey = vaultPrivateKey(vault, contact.peerKey);
  network = new Libp2pNetwork({
    role: 'tab',
    contact,
    trust,
    privateKey,
    clock: systemClock,
    counters,
    relays,
  });
  await network.start({
    linkUp: (peer) => events.push(`up ${idText(peer.nodeId)}`),
    linkDown: (nodeId, reason) => events.push(`down ${idText(nodeId)} ${reason}`),
    message: (from, message) =>
      messages.push({
        from: idText(from),
        length: message.length,
        fill: message[0] ?? -1,
        uniform: message.every((byte) => byte === message[0]),
      }),
  });
};

window.node = {
  connect: (text, via) => codeOf(network.connect(unpacked<Contact>(text), via.map(fromHex))),
  send: (to, length, fill, lane) => codeOf(network.send(idOf(to), new Uint8Array(length).fill(fill), lane)),
  close: (nodeId) => network.close(idOf(nodeId), 'test'),
  stop: () => network.stop(),
  nudge: () => network.nudge(),
  dropIntroductions(afterBytes) {
    const { send } = RTCDataChannel.prototype as { send: (data: Uint8Array<ArrayBuffer>) => void };
    const sentBytes = new WeakMap<RTCDataChannel, number>();
    RTCDataChannel.prototype.send = function dropping(this: RTCDataChannel, data: Uint8Array<ArrayBuffer>) {
      const isHop = sentBytes.has(this) || new TextDecoder().decode(data).includes(hopProtocol);
      if (!isHop) return send.call(this, data);
      const total = (sentBytes.get(this) ?? 0) + data.byteLength;
      sentBytes.set(this, total);
      if (total <= afterBytes) send.call(this, data);
    } as typeof RTCDataChannel.prototype.send;
  },
  breakWebRtc(broken) {
    RTCPeerConnection.prototype.createOffer = broken
      ? (): Promise<never> => Promise.reject(new Error('broken by the test'))
      : createOffer;
  },
  events: () => events,
  messages: () => messages,
  links: () =>
    network.links().map(({ contact, direct, sentBytes, receivedBytes, rttMs }) => ({
      node: idText(contact.nodeId),
      role: contact.role,
      direct,
      sentBytes,
      receivedBytes,
      rttMs: rttMs ?? null,
    })),
  connections: () => network.connections(),
  reachable: () => network.reachable,
  counts: () => counters.counts(),
};

function idOf(text: string) {
  return (
    network.links().find(({ contact }) => idText(contact.nodeId) === text)?.contact.nodeId ?? network.self
  );
}
