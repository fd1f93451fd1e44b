/** The relay as a replica: what it acknowledged is there after kill -9, for people who were not there before. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureRelayBuilt } from '../../../scripts/build.mjs';
import '../../../src/adapters/libp2p/node-web-socket.ts';
import { Libp2pNetwork } from '../../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../../src/adapters/libp2p/private-key.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { createReplicaNode, type ReplicaNode } from '../../../src/core/node/replica-node.ts';
import { verifyDataFolder } from '../../../relay/src/verify-command.ts';
import { startRelayProcess, type RelayProcess } from '../../browser/support/relay-process.ts';
import { candidate, joinRequest, membershipIn, post, tokenOf } from './support.ts';

const TEST_MS = 90_000;
let relay: RelayProcess;
const nodes: ReplicaNode[] = [];

beforeAll(async () => {
  await ensureRelayBuilt();
  relay = await startRelayProcess();
}, TEST_MS);
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await relay.dispose();
}, TEST_MS);

it(
  'blocks, certificates and people survive kill -9 of the relay',
  async () => {
    const ada = await join('ada');
    const block = systemRandom.bytes(100_000);
    const key = await ada.node.storage.keep(block);
    const stored = await ada.node.storage.insert(key);
    expect(stored.receipts.length).toBeGreaterThanOrEqual(1);
    await ada.node.storage.putCertificate(ada.membership.identityCertificate);
    await expect.poll(() => relay.metric('epost_peers ')).toBe(1);
    expect(await relay.metric('epost_blocks ')).toBe(1);
    expect(await relay.metric('epost_stored_bytes ')).toBeGreaterThanOrEqual(block.length);

    await relay.kill();
    await ada.node.stop();
    nodes.length = 0;
    const verified = await verifyDataFolder(relay.dataDir);
    expect(verified).toMatchObject({ sound: true, faults: [] });
    expect(verified.checked).toMatchObject({ block: 1, lease: 1, certificate: 1 });
    await relay.restart();
    expect(await relay.metric('epost_blocks ')).toBe(1);

    const bob = await join('bob');
    expect(await bob.node.storage.fetch(key)).toEqual(block);
    const certificate = await bob.node.storage.getCertificate('ada@example.org');
    expect(certificate).toEqual(ada.membership.identityCertificate);
  },
  TEST_MS,
);

/** Joins over HTTP and runs a node with a disk of its own, which has found the relay. */
async function join(name: string) {
  const person = await candidate();
  const request = await joinRequest(person, tokenOf(relay.invitation), name);
  const membership = await membershipIn(await post(relay.url, 'join', request));
  await person.vault.commit();
  const { body: descriptor } = membership.descriptor;
  const trust = { ring: descriptor.ring, authorityKey: descriptor.authorityKey };
  const certificate = membership.nodeCertificate;
  const { nodeId, peerKey } = certificate.body;
  const contact = { nodeId, peerKey, role: 'tab' as const, certificate, addresses: [] };
  const ports = { clock: systemClock, random: systemRandom, counters: new Counters(() => Date.now()) };
  const privateKey = vaultPrivateKey(person.vault, peerKey);
  const network = new Libp2pNetwork({
    role: 'tab',
    contact,
    trust,
    privateKey,
    relays: descriptor.relays,
    ...ports,
  });
  const store = new MemoryKeyValueStore();
  const node = await createReplicaNode({
    contact,
    trust,
    descriptor,
    network,
    store,
    vault: person.vault,
    ...ports,
  });
  nodes.push(node);
  await node.start([]);
  await expect.poll(() => network.links().length, { timeout: 20_000 }).toBe(1);
  return { node, membership };
}
