/** The page of the overlay tests: one member of a ring over libp2p, without the application, driven through `window.ring`. */
import '../../../src/adapters/libp2p/polyfill.ts';
import type { ConnectionEvidence } from '../../../src/adapters/libp2p/evidence.ts';
import { Libp2pNetwork } from '../../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../../src/adapters/libp2p/private-key.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { fromHex } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { idText } from '../../../src/core/codec/id.ts';
import type { Overlay, OverlayError } from '../../../src/core/overlay/overlay.ts';
import { createOverlay } from '../../../src/core/overlay/overlay-node.ts';
import { NAME_SERVICE } from './network-overlay.ts';
import type {} from './network-site.ts';
import { unpacked, vaultNamed, type NodeSetup } from './network-setup.ts';

/** What the tests ask for: plain values only. Nodes are named by their ids as text. */
export interface RingPage {
  ready(): boolean;
  /** Sorted. */
  leafSet(): string[];
  linked(): string[];
  /** Asks each node who it is: those that did not answer with their own id, and why. */
  ask(nodes: readonly string[]): Promise<string[]>;
  /** Cuts the links to these nodes. */
  cut(nodes: readonly string[]): void;
  connections(): readonly ConnectionEvidence[];
  count(name: string): number;
}

declare global {
  interface Window {
    ring: RingPage;
  }
}

let network: Libp2pNetwork;
let overlay: Overlay;
const counters = new Counters(() => systemClock.now());

window.start = async (setup) => {
  const { name, contact, trust, relays } = unpacked<NodeSetup>(setup);
  const { vault } = await vaultNamed(name);
  const privateKey = vaultPrivateKey(vault, contact.peerKey);
  const ports = { trust, clock: systemClock, counters };
  network = new Libp2pNetwork({ ...ports, role: 'tab', contact, privateKey, relays });
  overlay = createOverlay({ ...ports, vault, self: contact, network, random: systemRandom });
  overlay.handle(NAME_SERVICE, async () => contact.nodeId);
  await overlay.start(relays);
};

window.ring = {
  ready: () => overlay.ready,
  leafSet: () =>
    overlay
      .leafSet()
      .map(({ nodeId }) => idText(nodeId))
      .sort(),
  linked: () => network.links().map(({ contact }) => idText(contact.nodeId)),
  async ask(nodes) {
    const outcomes = await Promise.all(nodes.map((node) => answerOf(node)));
    return outcomes.filter((outcome) => outcome !== undefined);
  },
  cut(nodes) {
    for (const node of nodes) network.close(fromHex(node), 'cut');
  },
  connections: () => network.connections(),
  count: (name) => counters.get(name),
};

/** Undefined: as it should be. */
async function answerOf(node: string): Promise<string | undefined> {
  try {
    const answer = idText(await overlay.request(fromHex(node), NAME_SERVICE, new Uint8Array()));
    return answer === node ? undefined : `${node} answered ${answer}`;
  } catch (error) {
    return `${node}: ${(error as OverlayError).code}`;
  }
}
