/** The muxer of links, between two libp2p nodes over loopback: what the receiver of data says back. */
import { noise } from '@libp2p/noise';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p, type Libp2p } from 'libp2p';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { STREAM_WINDOW_BYTES } from '../../../../src/adapters/libp2p/limits.ts';
import { linkMuxer } from '../../../../src/adapters/libp2p/muxer.ts';
import '../../../../src/adapters/libp2p/node-web-socket.ts';
import '../../../../src/adapters/libp2p/polyfill.ts';
import { Happenings } from '../../../support/libp2p-peer.ts';
import type { Stream } from '@libp2p/interface';

const PROTOCOL = '/test/sink/1';

describe('the muxer of links', () => {
  const happenings = new Happenings();
  let [received, packetsBack] = [0, 0];
  let [sender, receiver]: Libp2p[] = [];

  async function node(sent: () => void): Promise<Libp2p> {
    const factory = linkMuxer()();
    return createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      connectionMonitor: { enabled: false },
      connectionGater: { denyDialMultiaddr: () => false },
      streamMuxers: [
        () => ({
          protocol: factory.protocol,
          createStreamMuxer: (connection) => {
            const send = connection.send.bind(connection);
            connection.send = (data) => {
              sent();
              return send(data);
            };
            return factory.createStreamMuxer(connection);
          },
        }),
      ],
    });
  }

  async function openStream(): Promise<Stream> {
    await receiver!.handle(PROTOCOL, (stream) =>
      stream.addEventListener('message', ({ data }) => {
        received += data.byteLength;
        happenings.changed();
      }),
    );
    return sender!.dialProtocol(receiver!.getMultiaddrs(), PROTOCOL);
  }

  beforeEach(async () => {
    [received, packetsBack] = [0, 0];
    [sender, receiver] = [await node(() => undefined), await node(() => (packetsBack += 1))];
  });
  afterEach(async () => {
    await Promise.all([sender!.stop(), receiver!.stop()]);
  });

  test('small messages are not answered by window updates', async () => {
    const stream = await openStream();
    const before = packetsBack;
    for (let i = 1; i <= 100; i++) {
      stream.send(new Uint8Array(1024));
      await happenings.until(() => received === i * 1024);
    }
    // The stream's opening is answered, and the window grows once to its full size.
    expect(packetsBack - before).toBeLessThanOrEqual(2);
  });

  test('what is larger than the window passes, with an update for each half of it', async () => {
    const stream = await openStream();
    const windows = 8;
    const before = packetsBack;
    for (let sent = 0; sent < windows * STREAM_WINDOW_BYTES; sent += 65_536) {
      if (!stream.send(new Uint8Array(65_536))) await stream.onDrain();
    }
    await happenings.until(() => received === windows * STREAM_WINDOW_BYTES);
    expect(packetsBack - before).toBeLessThanOrEqual(2 * windows + 2);
  });
});
