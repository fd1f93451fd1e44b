/**
 * Counts what the libp2p nodes of one network send, in the same way for every protocol: bytes and connections below the
 * encryption, messages on the streams of the protocol under test. Each byte is counted once, where it is sent.
 */
import type { Metrics } from '@libp2p/interface';
import type { Bytes } from '../../../src/core/codec/bytes.ts';

/** Anything that libp2p sends bytes through: a raw connection or a stream. */
interface Sender {
  send(data: Sent): boolean;
}
type Sent = Uint8Array | { readonly byteLength: number; subarray(): Uint8Array };

/** What one write of the protocol under test says. */
export interface Told {
  /** Messages of the protocol that are counted. */
  readonly messages: number;
  /** Bytes that keep a connection alive, which nobody asked for: they are left out. */
  readonly upkeepBytes: number;
}

export interface Counted {
  /** Websocket payload: encrypted, handshakes and stream headers included, upkeep left out. */
  readonly bytes: number;
  /** The same with upkeep. */
  readonly allBytes: number;
  readonly messages: number;
  /** Connections that were dialled. */
  readonly connections: number;
  /** How often the marked payload was sent. */
  readonly copies: number;
  readonly ms: number;
  /** CPU of the whole process. */
  readonly cpuMs: number;
}

/** A write on a link's stream costs this beside its bytes: yamux's header, in Noise. */
const WRITE_OVERHEAD_BYTES = 12 + 2 + 16;

interface Totals {
  rawBytes: number;
  messages: number;
  connections: number;
  copies: number;
  upkeepBytes: number;
  upkeepWrites: number;
}

export class Traffic {
  /** Bytes that name one payload wherever it is sent. */
  marker: Uint8Array | undefined;
  readonly #protocol: RegExp;
  readonly #read: (bytes: Bytes) => Told;
  readonly #totals: Totals = {
    rawBytes: 0,
    messages: 0,
    connections: 0,
    copies: 0,
    upkeepBytes: 0,
    upkeepWrites: 0,
  };

  /** `read` looks at each write on a stream of the protocol under test. Default: a write is a message. */
  constructor(protocol: RegExp, read: (bytes: Bytes) => Told = oneMessage) {
    this.#protocol = protocol;
    this.#read = read;
  }

  /** For `createLibp2p`: it announces every connection and stream to its metrics. All other metrics go nowhere. */
  readonly metrics = (): Metrics => {
    const nowhere = {
      update() {},
      increment() {},
      decrement() {},
      reset() {},
      observe() {},
      timer: () => () => 0,
    };
    const register = (): never => nowhere as never;
    return {
      trackMultiaddrConnection: (connection) => {
        if (connection.direction === 'outbound') this.#totals.connections += 1;
        onSend(connection, (data) => {
          this.#totals.rawBytes += data.byteLength;
        });
      },
      trackProtocolStream: (stream) =>
        onSend(stream, (data) => this.#sent(data.subarray() as Bytes, this.#protocol.test(stream.protocol))),
      registerMetric: register,
      registerMetricGroup: register,
      registerCounter: register,
      registerCounterGroup: register,
      registerHistogram: register,
      registerHistogramGroup: register,
      registerSummary: register,
      registerSummaryGroup: register,
      traceFunction: <F>(_name: string, traced: F) => traced,
      createTrace: () => undefined,
    } as Metrics;
  };

  /** What was sent while `work` ran, also by those who just had something to say. */
  async during(work: () => Promise<void>): Promise<Counted> {
    const before = { ...this.#totals };
    const cpu = process.cpuUsage();
    const started = performance.now();
    await work();
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    const grown = (name: keyof Totals): number => this.#totals[name] - before[name];
    return {
      bytes: grown('rawBytes') - grown('upkeepBytes') - grown('upkeepWrites') * WRITE_OVERHEAD_BYTES,
      allBytes: grown('rawBytes'),
      messages: grown('messages'),
      connections: grown('connections'),
      copies: grown('copies'),
      ms,
      cpuMs: (user + system) / 1000,
    };
  }

  #sent(bytes: Bytes, underTest: boolean): void {
    const totals = this.#totals;
    if (!underTest) return;
    const { messages, upkeepBytes } = this.#read(bytes);
    totals.messages += messages;
    totals.upkeepBytes += upkeepBytes;
    if (upkeepBytes === bytes.length) totals.upkeepWrites += 1;
    if (this.marker !== undefined) totals.copies += occurrences(bytes, this.marker);
  }
}

const oneMessage = (): Told => ({ messages: 1, upkeepBytes: 0 });

function onSend(sender: unknown, sent: (data: Sent) => void): void {
  const target = sender as Sender;
  const send = target.send.bind(target);
  target.send = (data) => {
    sent(data);
    return send(data);
  };
}

function occurrences(bytes: Uint8Array, marker: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  for (let at = buffer.indexOf(marker); at >= 0; at = buffer.indexOf(marker, at + marker.length)) count += 1;
  return count;
}
