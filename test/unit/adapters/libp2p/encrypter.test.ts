/** The encrypter of links, between two libp2p nodes over loopback: what goes through it, and in how many pieces. */
import type { ConnectionEncrypter, Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import { afterEach, describe, expect, test } from 'vitest';
import { linkEncrypter } from '../../../../src/adapters/libp2p/encrypter.ts';
import '../../../../src/adapters/libp2p/node-web-socket.ts';
import '../../../../src/adapters/libp2p/polyfill.ts';
import { concat } from '../../../../src/core/codec/bytes.ts';
import { Happenings } from '../../../support/libp2p-peer.ts';

const PROTOCOL = '/test/echo/1';
type Make = ReturnType<typeof linkEncrypter>;

/** What a raw connection is given: bytes, or a list of pieces of which each becomes a message. */
type Sent = Uint8Array | Iterable<Uint8Array>;

interface Echo {
  readonly stream: Stream;
  /** What came back so far. */
  readonly back: Uint8Array[];
  /** The stream of the node that sends back. */
  readonly end: Stream;
}

describe('the encrypter of links', () => {
  const happenings = new Happenings();
  const nodes: Libp2p[] = [];
  /** Of what the dialling node sends: the pieces of each write, and what is done to them. */
  let pieces: number[] = [];
  let change: (piece: Uint8Array) => Uint8Array = (piece) => piece;
  /** Where each piece is cut; or all are held, and go as one when they are released. */
  let cut: readonly number[] | 'held' = [];
  let release = (): void => undefined;
  const held: Uint8Array[] = [];

  /** Lets the test see what the encrypter sends, and change it. */
  function watched(make: Make): Make {
    return (components) => {
      const encrypter: ConnectionEncrypter = make(components);
      const secure = encrypter.secureOutbound.bind(encrypter);
      encrypter.secureOutbound = async (connection, options) => {
        const send = connection.send.bind(connection);
        connection.send = (data) => {
          const sent = [...(data instanceof Uint8Array ? [data] : (data as Sent))] as Uint8Array[];
          pieces.push(sent.length);
          if (cut === 'held') {
            held.push(...sent);
            release = () => void send(concat(...held.splice(0)));
            return true;
          }
          const cuts = cut;
          return sent
            .flatMap((piece) => parts(change(piece), cuts))
            .map((part) => send(part))
            .every(Boolean);
        };
        return secure(connection, options);
      };
      return encrypter;
    };
  }

  async function node(make: Make): Promise<Libp2p> {
    const made = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
      transports: [webSockets()],
      connectionEncrypters: [make],
      connectionMonitor: { enabled: false },
      connectionGater: { denyDialMultiaddr: () => false },
      streamMuxers: [yamux({ enableKeepAlive: false })],
    });
    nodes.push(made);
    return made;
  }

  /** A stream to a node that sends back what it gets. */
  async function echo(from: Make, to: Make): Promise<Echo> {
    const [dialler, listener] = [await node(watched(from)), await node(to)];
    const ends: Stream[] = [];
    await listener.handle(PROTOCOL, (end) => {
      ends.push(end);
      end.addEventListener('message', ({ data }) => end.send(data));
      end.addEventListener('close', () => happenings.changed());
      happenings.changed();
    });
    const stream = await dialler.dialProtocol(listener.getMultiaddrs(), PROTOCOL);
    const back: Uint8Array[] = [];
    stream.addEventListener('message', ({ data }) => {
      back.push(data.subarray());
      happenings.changed();
    });
    await happenings.until(() => ends.length === 1);
    return { stream, back, end: ends[0]! };
  }

  const lengthOf = (parts: readonly Uint8Array[]): number =>
    parts.reduce((sum, { length }) => sum + length, 0);

  afterEach(async () => {
    pieces = [];
    change = (piece) => piece;
    cut = [];
    await Promise.all(nodes.splice(0).map((each) => each.stop()));
  });

  test.each([
    ['ours and ours', linkEncrypter(), linkEncrypter()],
    ["ours and libp2p's", linkEncrypter(), noise()],
    ["libp2p's and ours", noise(), linkEncrypter()],
  ] as const)('%s understand each other, whatever the length', async (_name, from, to) => {
    const { stream, back } = await echo(from, to);
    // The ciphers change at 1,200 bytes, packets at 65,519.
    for (const length of [1, 1_100, 1_200, 65_519, 65_520, 200_000]) {
      back.length = 0;
      const said = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
      stream.send(said);
      await happenings.until(() => lengthOf(back) >= length);
      expect(concat(...back)).toEqual(said);
    }
  });

  test('a packet is one message of the transport', async () => {
    const { stream, back } = await echo(linkEncrypter(), linkEncrypter());
    pieces = [];
    for (let i = 1; i <= 10; i++) {
      stream.send(new Uint8Array(1_300));
      await happenings.until(() => lengthOf(back) === i * 1_300);
    }
    expect(pieces.length).toBeGreaterThanOrEqual(10);
    expect(pieces.every((count) => count === 1)).toBe(true);
  });

  test('packets that come cut anywhere, or several at once, are read all the same', async () => {
    const { stream, back } = await echo(linkEncrypter(), linkEncrypter());
    for (const cuts of [[1], [2], [3], [1, 2, 3, 700], Array.from({ length: 300 }, (_, i) => i + 1)]) {
      back.length = 0;
      cut = cuts;
      const said = Uint8Array.from({ length: 900 }, (_, i) => (i * 7 + cuts.length) & 0xff);
      stream.send(said);
      await happenings.until(() => lengthOf(back) >= said.length);
      expect(concat(...back)).toEqual(said);
    }
    back.length = 0;
    cut = 'held';
    for (let i = 0; i < 5; i++) stream.send(new Uint8Array(900).fill(i));
    release();
    await happenings.until(() => lengthOf(back) >= 5 * 900);
    expect(concat(...back)).toEqual(Uint8Array.from({ length: 5 * 900 }, (_, i) => Math.floor(i / 900)));
  });

  test('an empty packet, which has a length only, ends the connection', async () => {
    const { stream, end } = await echo(linkEncrypter(), linkEncrypter());
    change = () => Uint8Array.of(0, 0);
    stream.send(new Uint8Array(100));
    await happenings.until(() => end.status !== 'open');
    expect(end.status).not.toBe('open');
  });

  test.each([
    ['with a changed byte', (piece: Uint8Array) => piece.with(-1, piece.at(-1)! ^ 1)],
    ['shorter than its tag', () => Uint8Array.of(0, 3, 1, 2, 3)],
  ])('a packet %s ends the connection', async (_name, changed) => {
    const { stream, back, end } = await echo(linkEncrypter(), linkEncrypter());
    change = changed;
    for (const length of [100, 1_300]) stream.send(new Uint8Array(length));
    await happenings.until(() => end.status !== 'open');
    expect(back).toEqual([]);
  });
});

function parts(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.filter((at) => at < bytes.length), bytes.length];
  return ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
}
