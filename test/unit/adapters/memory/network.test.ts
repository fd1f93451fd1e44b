/** What the network in memory can do to its nodes: delay, loss, partitions, death; all on virtual time. */
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/adapters/memory/clock.ts';
import { MemoryHub, type MemoryHubOptions } from '../../../../src/adapters/memory/network.ts';
import { NetworkPeer } from '../../../support/network-peer.ts';
import { createTestRing } from '../../../support/ring.ts';

async function world(options: Partial<MemoryHubOptions> = {}) {
  const clock = new VirtualClock();
  const hub = new MemoryHub({ clock, ...options });
  const ring = await createTestRing('hub');
  const peer = async (name: string) => {
    const { contact } = await ring.contact(name);
    const node = new NetworkPeer(hub.network(contact), contact);
    await node.start();
    return node;
  };
  const [a, b, c] = [await peer('a'), await peer('b'), await peer('c')];
  const link = async (from: NetworkPeer, to: NetworkPeer) => {
    const connected = from.network.connect(to.contact);
    await clock.advanceAsync(100);
    await connected;
  };
  return { clock, hub, a, b, c, link, peer };
}

const tag = (n: number, length = 1) => new Uint8Array(length).fill(n);

describe('MemoryHub', () => {
  test('delivers after the latency, in order though later messages are faster', async () => {
    let latency = 10;
    const { clock, a, b, link } = await world({ latencyMs: () => latency });
    await link(a, b);
    latency = 50;
    void a.network.send(b.contact.nodeId, tag(1), 'control');
    latency = 5;
    void a.network.send(b.contact.nodeId, tag(2), 'control');
    clock.advance(4);
    await clock.advanceAsync(0);
    expect(b.messages).toEqual([]);
    await clock.advanceAsync(50);
    expect(b.messages.map(({ message }) => message[0])).toEqual([1, 2]);
  });

  test('takes as long for a message as the bandwidth says', async () => {
    const { clock, a, b, link } = await world({ bytesPerMs: 100 });
    await link(a, b);
    void a.network.send(b.contact.nodeId, tag(1, 50_000), 'bulk');
    await clock.advanceAsync(490);
    expect(b.messages).toEqual([]);
    await clock.advanceAsync(20);
    expect(b.messages).toHaveLength(1);
  });

  test('loses what it is told to lose, and counts what arrives', async () => {
    const { clock, hub, a, b, link } = await world({ loses: (_from, _to, lane) => lane === 'bulk' });
    await link(a, b);
    void a.network.send(b.contact.nodeId, tag(1, 7), 'bulk');
    void a.network.send(b.contact.nodeId, tag(2, 5), 'control');
    await clock.advanceAsync(100);
    expect(b.messages.map(({ message }) => message[0])).toEqual([2]);
    expect(hub.traffic()).toEqual({ messages: 1, bytes: 5, dials: 1 });
  });

  test('a partition silences links at once, and ends them later; healing lets new ones be made', async () => {
    const { clock, hub, a, b, c, link } = await world({ silenceMs: 1_000 });
    await link(a, b);
    await link(b, c);
    hub.partition([[a.contact.nodeId]]);
    void a.network.send(b.contact.nodeId, tag(1), 'control');
    void b.network.send(c.contact.nodeId, tag(2), 'control');
    await clock.advanceAsync(900);
    expect([a.downs, b.downs, b.messages.length, c.messages.length]).toEqual([0, 0, 0, 1]);
    await clock.advanceAsync(200);
    expect(a.events.at(-1)).toMatchObject({ type: 'down', reason: 'lost' });
    expect([a.downs, b.downs, c.downs]).toEqual([1, 1, 0]);
    const failed = a.network.connect(b.contact).catch((error: { code: string }) => error.code);
    await clock.advanceAsync(2_000);
    expect(await failed).toBe('unreachable');
    hub.heal();
    await link(a, b);
    expect(a.sees(b) && b.sees(a)).toBe(true);
  });

  test('a node that was killed and started again replaces its dead links', async () => {
    const { clock, hub, a, b, link, peer } = await world({ silenceMs: 10_000 });
    await link(a, b);
    hub.kill(a.contact.nodeId);
    const again = await peer('a');
    await link(again, b);
    expect(b.events.map((event) => (event.type === 'down' ? event.reason : event.type))).toEqual([
      'up',
      'replaced',
      'up',
    ]);
    await clock.advanceAsync(20_000);
    expect(b.network.links()).toHaveLength(1);
    expect([a.downs, a.messages.length]).toEqual([0, 0]);
  });
});
