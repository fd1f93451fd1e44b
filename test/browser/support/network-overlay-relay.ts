/** A relay that is a member of the ring, in a process of its own, so that it can be killed: `<this file> <packed setup>`. */
import { Libp2pNetwork } from '../../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../../src/adapters/libp2p/private-key.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { createOverlay } from '../../../src/core/overlay/overlay-node.ts';
import { NAME_SERVICE } from './network-overlay.ts';
import { unpacked, vaultNamed, type NodeSetup } from './network-setup.ts';

const { name, contact, trust, listenPort } = unpacked<NodeSetup>(process.argv[2]!);
const { vault } = await vaultNamed(name);
const ports = { trust, clock: systemClock, counters: new Counters(() => systemClock.now()) };
const network = new Libp2pNetwork({
  ...ports,
  role: 'relay',
  contact,
  privateKey: vaultPrivateKey(vault, contact.peerKey),
  relays: [],
  ...(listenPort === null ? {} : { listenPort }),
});
const overlay = createOverlay({ ...ports, vault, self: contact, network, random: systemRandom });
overlay.handle(NAME_SERVICE, async () => contact.nodeId);
await overlay.start([]);
console.log('listening');
