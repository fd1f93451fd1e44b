/** A relay of the network tests in a process of its own, so that it can be killed: `network-relay.ts <packed setup>`. */
import { Libp2pNetwork } from '../../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../../src/adapters/libp2p/private-key.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { unpacked, vaultNamed, type NodeSetup } from './network-setup.ts';

const { name, contact, trust, listenPort } = unpacked<NodeSetup>(process.argv[2]!);
const { vault } = await vaultNamed(name);
const network = new Libp2pNetwork({
  role: 'relay',
  contact,
  trust,
  privateKey: vaultPrivateKey(vault, contact.peerKey),
  clock: systemClock,
  counters: new Counters(() => systemClock.now()),
  relays: [],
  ...(listenPort === null ? {} : { listenPort }),
});
await network.start({ linkUp() {}, linkDown() {}, message() {} });
console.log('listening');
