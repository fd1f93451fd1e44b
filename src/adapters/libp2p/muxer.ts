/**
 * Yamux as links use it. @libp2p/yamux 8 answers every frame with a window update: one more encrypted packet for each message.
 * Here one is sent when half of the window is used up, as in the first implementation (hashicorp/yamux, sendWindowUpdate).
 */
import type { StreamMuxerFactory } from '@libp2p/interface';
import { yamux } from '@libp2p/yamux';
import { STREAM_WINDOW_BYTES } from './limits.ts';

/** What we use of libp2p's classes. */
interface Muxer {
  _newStream: (...init: readonly unknown[]) => WindowedStream;
}
interface WindowedStream {
  /** Until it is ESTABLISHED, updates open the stream and answer its opening. */
  readonly state: number;
  readonly recvWindow: number;
  readonly recvWindowCapacity: number;
  sendWindowUpdate: () => void;
}

/** `StreamState.Established`, which libp2p does not export. */
const ESTABLISHED = 3;

/** For the muxers of a libp2p node. Links are kept alive by their own machine. */
export function linkMuxer(): () => StreamMuxerFactory {
  const make = yamux({
    enableKeepAlive: false,
    streamOptions: { initialStreamWindowSize: STREAM_WINDOW_BYTES, maxStreamWindowSize: STREAM_WINDOW_BYTES },
  });
  return () => {
    const factory: StreamMuxerFactory = make();
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => {
        const muxer = factory.createStreamMuxer(connection);
        updateWindowsRarely(muxer as unknown as Muxer);
        return muxer;
      },
    };
  };
}

function updateWindowsRarely(muxer: Muxer): void {
  const make = muxer._newStream.bind(muxer);
  muxer._newStream = (...init) => {
    const stream = make(...init);
    const update = stream.sendWindowUpdate.bind(stream);
    stream.sendWindowUpdate = () => {
      const used = stream.recvWindow - stream.recvWindowCapacity;
      if (stream.state !== ESTABLISHED || used >= stream.recvWindow / 2) update();
    };
    return stream;
  };
}
