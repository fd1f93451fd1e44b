/**
 * One hop over an open link: 1 KB there and 1 KB back, by the overlay's `request`, against a libp2p stream that sends back
 * what it gets, with no framing at all. Batches take turns, so that both meet the same machine.
 *
 * Estimate: the same two websocket messages with Noise and yamux on both sides, but without libp2p's window update for each; on
 * top two messages of DAG-CBOR encoded,
 * decoded and checked (10 µs each), two frames, four promises: 30 µs.
 */
import type { Libp2p, Stream } from '@libp2p/interface';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { someBytes } from './pick.ts';
import { BenchRing } from './ring.ts';
import { median } from './statistics.ts';
import { Traffic } from './traffic.ts';
import { createPeerNode } from './websocket-node.ts';

const ECHO = '/bench/echo/1.0.0';
const SERVICE = 'bench.echo';
const BODY_BYTES = 1024;
const BATCHES = 40;
const BATCH = 100;
/** Batches before the measurement. */
const WARM_UP = 10;

export interface HopFigures {
  /** Medians of a round trip. */
  readonly oursMs: number;
  readonly echoMs: number;
  /** The same echo over our own tuned muxer and encrypter, on the connection that our hop takes. */
  readonly tunedEchoMs: number;
}

export async function measureHop(): Promise<HopFigures> {
  const { ours, tuned } = await ourHops();
  const echo = await echoHop();
  const times: Record<'ours' | 'echo' | 'tuned', number[]> = { ours: [], echo: [], tuned: [] };
  for (let batch = 0; batch < WARM_UP + BATCHES; batch++)
    for (const [name, { call }] of [
      ['ours', ours],
      ['echo', echo],
      ['tuned', tuned],
    ] as const)
      for (let i = 0; i < BATCH; i++) {
        const started = performance.now();
        await call();
        if (batch >= WARM_UP) times[name].push(performance.now() - started);
      }
  await Promise.all([ours.stop(), echo.stop()]);
  return {
    oursMs: median(times.ours),
    echoMs: median(times.echo),
    tunedEchoMs: median(times.tuned),
  };
}

interface Hop {
  call(): Promise<void>;
  stop(): Promise<void>;
}

async function ourHops(): Promise<{ ours: Hop; tuned: Pick<Hop, 'call'> }> {
  const ring = await BenchRing.prepare(2, uncounted());
  await ring.grow(2);
  const [from, to] = ring.nodes;
  assert(from !== undefined && to !== undefined, 'two nodes run');
  to.overlay.handle(SERVICE, async (body) => body);
  const body = someBytes(BODY_BYTES);
  const ours: Hop = {
    async call() {
      const answer = await from.overlay.request(to.contact.nodeId, SERVICE, body);
      assert(answer.length === BODY_BYTES, 'the echo is whole');
    },
    stop: () => ring.stop(),
  };
  await echoes(to.libp2p);
  const [connection] = from.libp2p.getConnections();
  assert(connection !== undefined, 'the two are linked');
  return { ours, tuned: { call: echoCall(await connection.newStream(ECHO), body) } };
}

async function echoHop(): Promise<Hop> {
  const [from, to] = [await createPeerNode({}, uncounted()), await createPeerNode({}, uncounted())];
  await echoes(to);
  return {
    call: echoCall(await from.dialProtocol(to.getMultiaddrs(), ECHO), someBytes(BODY_BYTES)),
    async stop() {
      await Promise.all([from.stop(), to.stop()]);
    },
  };
}

/** Sends back what comes. */
async function echoes(node: Libp2p): Promise<void> {
  await node.handle(ECHO, (stream) => stream.addEventListener('message', ({ data }) => stream.send(data)));
}

function echoCall(stream: Stream, body: Bytes): () => Promise<void> {
  return async () => {
    const whole = received(stream, body.length);
    stream.send(body);
    await whole;
  };
}

/** Messages are not looked at: that would take time. */
function uncounted(): Traffic {
  return new Traffic(/^$/);
}

/** Resolves when so many bytes have come. */
function received(stream: Stream, length: number): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const listen = ({ data }: { readonly data: { readonly byteLength: number } }): void => {
      count += data.byteLength;
      if (count < length) return;
      stream.removeEventListener('message', listen);
      resolve();
    };
    stream.addEventListener('message', listen);
  });
}
