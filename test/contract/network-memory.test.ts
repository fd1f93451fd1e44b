/** The contract of the network port on the network in memory, with virtual and with real time. */
import { VirtualClock } from '../../src/adapters/memory/clock.ts';
import { MemoryHub } from '../../src/adapters/memory/network.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { NetworkPeer } from '../support/network-peer.ts';
import { signedByAnother } from '../support/other-authority.ts';
import { createTestRing, testKeys } from '../support/ring.ts';
import { networkContract, type NetworkWorld } from './network.ts';

/** Makes time pass until `holds`. */
type Until = (holds: () => boolean) => Promise<void>;

/** Far more virtual time than any case needs. */
const VIRTUAL_STEPS_MAX = 10_000;

async function openVirtual(): Promise<NetworkWorld> {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock, trust: (await createTestRing('network')).trust });
  return memoryWorld(hub, async (holds) => {
    for (let i = 0; !holds(); i++) {
      if (i > VIRTUAL_STEPS_MAX) throw new Error('what was waited for did not happen');
      await clock.advanceAsync(5);
    }
  });
}

async function openReal(): Promise<NetworkWorld> {
  const { trust } = await createTestRing('network');
  const hub = new MemoryHub({ clock: systemClock, trust, silenceMs: 50, dialTimeoutMs: 50 });
  const until: Until = (holds) =>
    new Promise((resolve) => {
      const look = (): unknown => (holds() ? resolve() : systemClock.after(1, look));
      look();
    });
  return memoryWorld(hub, until);
}

function memoryWorld(hub: MemoryHub, until: Until): NetworkWorld {
  const peers: NetworkPeer[] = [];
  return {
    async peer(name, pretence) {
      const ring = await createTestRing('network');
      const member = await ring.contact(name);
      const { certificate } = member.contact;
      const contact =
        pretence === 'other-authority'
          ? { ...member.contact, certificate: await signedByAnother(certificate) }
          : member.contact;
      const transportKey =
        pretence === 'other-peer-key' ? (await testKeys('network', 'other')).peer.publicKey : undefined;
      const peer = new NetworkPeer(hub.network(contact, transportKey), contact);
      await peer.start();
      peers.push(peer);
      return peer;
    },
    async kill(peer) {
      hub.kill(peer.contact.nodeId);
    },
    until,
    async settled(promise) {
      let done = false;
      const finish = (): void => void (done = true);
      promise.then(finish, finish);
      await until(() => done);
      return promise;
    },
    async stop() {
      await Promise.all(peers.map(({ network }) => network.stop()));
    },
  };
}

networkContract('in memory, virtual time', openVirtual);
networkContract('in memory, real time', openReal);
