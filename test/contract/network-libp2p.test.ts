/** The contract of the network port on libp2p: two processes' worth of nodes in Node, over loopback websockets. */
import { createServer, type AddressInfo } from 'node:net';
import { Happenings, Libp2pPeer, testIdentity } from '../support/libp2p-peer.ts';
import { signedByAnother } from '../support/other-authority.ts';
import { createTestRing } from '../support/ring.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { networkContract, type NetworkWorld } from './network.ts';

async function openLibp2p(): Promise<NetworkWorld> {
  const ring = await createTestRing('network');
  const happenings = new Happenings();
  const peers: Libp2pPeer[] = [];
  const proxies = new Map<string, TcpProxy>();
  return {
    async peer(name, pretence) {
      const listenPort = await freePort();
      const proxy = await TcpProxy.open(() => listenPort);
      const address = `/ip4/127.0.0.1/tcp/${proxy.port}/ws`;
      const identity = await testIdentity(ring, name, 'relay', [address]);
      let { certificate } = identity.contact;
      if (pretence === 'other-authority') certificate = await signedByAnother(certificate);
      if (pretence === 'other-peer-key')
        ({ certificate } = (await testIdentity(ring, 'other', 'relay')).contact);
      const contact = { ...identity.contact, certificate };
      const options = { trust: ring.trust, relays: [], listenPort };
      const peer = new Libp2pPeer({ vault: identity.vault, contact }, options, happenings.changed);
      await peer.start();
      peers.push(peer);
      proxies.set(peer.name, proxy);
      return peer;
    },
    async kill(peer) {
      proxies.get(peer.name)?.silence();
    },
    until: (holds) => happenings.until(holds),
    settled: (promise) => promise,
    async stop() {
      await Promise.all(peers.map(({ network }) => network.stop()));
      await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

networkContract('libp2p in Node', openLibp2p);
