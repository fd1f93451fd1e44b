/** The contract of the Network port, run on every adapter. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MESSAGE_BYTES_MAX } from '../../src/core/codec/limits.ts';
import { idText } from '../../src/core/codec/id.ts';
import { QUEUE_BYTES_MAX } from '../../src/core/overlay/link/limits.ts';
import type { NetworkError } from '../../src/core/overlay/network.ts';
import type { NetworkPeer } from '../support/network-peer.ts';

/** How a node is not what it says. */
export type Pretence = 'other-authority' | 'other-peer-key';

export interface NetworkWorld {
  /** A started node that can be dialled. The same name gives the same node. */
  peer(name: string, pretence?: Pretence): Promise<NetworkPeer>;
  /** Ends a node so that the others are told nothing. */
  kill(peer: NetworkPeer): Promise<void>;
  /** Lets the world go on until `holds`. */
  until(holds: () => boolean): Promise<void>;
  /** Lets the world go on until the promise is settled. */
  settled<T>(promise: Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);

export function networkContract(name: string, open: () => Promise<NetworkWorld>): void {
  describe(`the network port: ${name}`, () => {
    let world: NetworkWorld;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.stop());

    async function linked(): Promise<readonly [NetworkPeer, NetworkPeer]> {
      const [a, b] = [await world.peer('a'), await world.peer('b')];
      await world.settled(a.network.connect(b.contact));
      await world.until(() => a.sees(b) && b.sees(a));
      return [a, b];
    }

    async function failure(promise: Promise<unknown>): Promise<NetworkError['code'] | 'none'> {
      return world.settled(
        promise.then(
          () => 'none' as const,
          (error: NetworkError) => error.code,
        ),
      );
    }

    test('links two nodes, both ways, with their contacts', async () => {
      const [a, b] = await linked();
      expect(a.events).toEqual([{ type: 'up', node: b.name, direct: true }]);
      expect(b.events).toEqual([{ type: 'up', node: a.name, direct: true }]);
      const [link] = a.network.links();
      expect(link!.direct).toBe(true);
      expect(link!.contact.certificate).toEqual(b.contact.certificate);
      await world.settled(a.network.send(b.contact.nodeId, bytes(3, 1), 'control'));
      await world.settled(b.network.send(a.contact.nodeId, bytes(5, 2), 'bulk'));
      await world.until(() => a.messages.length === 1 && b.messages.length === 1);
      expect(b.messages[0]).toEqual({ from: a.name, message: bytes(3, 1) });
      expect(a.messages[0]).toEqual({ from: b.name, message: bytes(5, 2) });
      expect(a.network.links()[0]!.sentBytes).toBeGreaterThanOrEqual(3);
      expect(a.network.links()[0]!.receivedBytes).toBeGreaterThanOrEqual(5);
    });

    test('connecting again resolves at once and makes no second link', async () => {
      const [a, b] = await linked();
      await world.settled(a.network.connect(b.contact));
      await world.settled(b.network.connect(a.contact));
      expect(a.network.links()).toHaveLength(1);
      expect(a.ups).toBe(1);
      expect(b.ups).toBe(1);
    });

    test('both dial at once: one link, and messages pass both ways', async () => {
      const [a, b] = [await world.peer('a'), await world.peer('b')];
      await world.settled(Promise.all([a.network.connect(b.contact), b.network.connect(a.contact)]));
      await world.until(() => a.sees(b) && b.sees(a));
      await world.settled(a.network.send(b.contact.nodeId, bytes(1, 1), 'control'));
      await world.settled(b.network.send(a.contact.nodeId, bytes(1, 2), 'control'));
      await world.until(() => a.messages.length === 1 && b.messages.length === 1);
      expect([a.network.links().length, b.network.links().length]).toEqual([1, 1]);
      expect([a.ups - a.downs, b.ups - b.downs]).toEqual([1, 1]);
    });

    test('refuses a certificate that another authority signed', async () => {
      const [a, mallory] = [await world.peer('a'), await world.peer('m', 'other-authority')];
      expect(await failure(a.network.connect(mallory.contact))).toBe('refused');
      expect(await failure(mallory.network.connect(a.contact))).toBe('refused');
      expect([a.events, mallory.events]).toEqual([[], []]);
      expect(await failure(a.network.send(mallory.contact.nodeId, bytes(1, 1), 'control'))).toBe('no-link');
    });

    test('refuses a certificate of another peer key than the transport proves', async () => {
      const [a, mallory] = [await world.peer('a'), await world.peer('m', 'other-peer-key')];
      expect(await failure(mallory.network.connect(a.contact))).toBe('refused');
      expect([a.events, mallory.events]).toEqual([[], []]);
    });

    test('keeps the order within a lane', async () => {
      const [a, b] = await linked();
      const sizes = [1, 40_000, 16_384, 0, 70_000, 16_256, 16_257, 2];
      const sent = sizes.flatMap((size, i) => [
        a.network.send(b.contact.nodeId, bytes(size, i), 'bulk'),
        a.network.send(b.contact.nodeId, bytes(size, 100 + i), 'control'),
      ]);
      await world.settled(Promise.all(sent));
      await world.until(() => b.messages.length === 2 * sizes.length);
      const received = b.messages
        .filter(({ message }) => message.length > 0)
        .map(({ message }) => message[0]!);
      const order = [0, 1, 2, 4, 5, 6, 7];
      expect(received.filter((tag) => tag < 100)).toEqual(order);
      expect(received.filter((tag) => tag >= 100)).toEqual(order.map((i) => 100 + i));
    });

    test('control overtakes a bulk message of 1 MiB', async () => {
      const [a, b] = await linked();
      const bulk = new Uint8Array(1024 * 1024).map((_, i) => i % 251);
      const sent = a.network.send(b.contact.nodeId, bulk, 'bulk');
      await world.settled(a.network.send(b.contact.nodeId, bytes(9, 7), 'control'));
      await world.settled(sent);
      await world.until(() => b.messages.length === 2);
      expect(b.messages[0]!.message).toEqual(bytes(9, 7));
      expect(Buffer.compare(b.messages[1]!.message, bulk)).toBe(0);
    });

    test('a full lane is congested; what was taken arrives, and the other lane goes on', async () => {
      const [a, b] = await linked();
      const size = 1024 * 1024;
      const count = Math.ceil(QUEUE_BYTES_MAX.bulk / size) + 4;
      const outcomes = Array.from({ length: count }, (_, i) =>
        failure(a.network.send(b.contact.nodeId, bytes(size, i), 'bulk')),
      );
      const control = failure(a.network.send(b.contact.nodeId, bytes(1, 255), 'control'));
      const codes = await world.settled(Promise.all(outcomes));
      expect(await control).toBe('none');
      const taken = codes.flatMap((code, i) => (code === 'none' ? [i] : []));
      expect(codes.filter((code) => code === 'congested').length).toBeGreaterThan(0);
      expect(taken.length).toBeGreaterThan(0);
      await world.until(() => b.messages.length === taken.length + 1);
      const tags = b.messages.map(({ message }) => message[0]!);
      expect(tags.filter((tag) => tag !== 255)).toEqual(taken);
    });

    test('a message over the limit is too large, one at the limit is not', async () => {
      const [a, b] = await linked();
      const over = bytes(MESSAGE_BYTES_MAX + 1, 1);
      expect(await failure(a.network.send(b.contact.nodeId, over, 'bulk'))).toBe('too-large');
      await world.settled(a.network.send(b.contact.nodeId, bytes(MESSAGE_BYTES_MAX, 1), 'bulk'));
      await world.until(() => b.messages.length === 1);
      expect(b.messages[0]!.message.length).toBe(MESSAGE_BYTES_MAX);
    });

    test('a closed link is down on both sides, after the messages sent before', async () => {
      const [a, b] = await linked();
      await world.settled(a.network.send(b.contact.nodeId, bytes(1, 1), 'control'));
      a.network.close(b.contact.nodeId, 'not-needed');
      expect(a.downs).toBe(0);
      await world.until(() => a.downs === 1 && b.downs === 1);
      expect(b.messages).toHaveLength(1);
      expect(a.events.at(-1)).toEqual({ type: 'down', node: b.name, reason: 'not-needed' });
      expect(b.events.at(-1)).toEqual({ type: 'down', node: a.name, reason: 'closed' });
      expect(await failure(a.network.send(b.contact.nodeId, bytes(1, 1), 'control'))).toBe('no-link');
      await world.settled(b.network.connect(a.contact));
      await world.until(() => a.sees(b) && b.sees(a));
    });

    test('a node that stops is seen as closed, and can do nothing more', async () => {
      const [a, b] = await linked();
      await world.settled(b.network.stop());
      await world.until(() => a.downs === 1);
      expect(a.events.at(-1)).toEqual({ type: 'down', node: b.name, reason: 'closed' });
      expect(await failure(b.network.connect(a.contact))).toBe('stopped');
      expect(await failure(b.network.send(a.contact.nodeId, bytes(1, 1), 'bulk'))).toBe('stopped');
      expect(b.network.links()).toEqual([]);
    });

    test('a node that dies without a word is lost when something is said to it, and cannot be reached', async () => {
      const [a, b] = await linked();
      await world.kill(b);
      await world.settled(a.network.send(b.contact.nodeId, bytes(3, 1), 'control'));
      await world.until(() => a.downs === 1);
      expect(a.events.at(-1)).toEqual({ type: 'down', node: b.name, reason: 'lost' });
      expect(await failure(a.network.connect(b.contact))).toBe('unreachable');
      expect(a.network.links().map(({ contact }) => idText(contact.nodeId))).toEqual([]);
    });
  });
}
