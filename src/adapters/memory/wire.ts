/** One direction of a link in memory: two lanes that share a bandwidth, then a delay. Order is kept within a lane. */
import type { Bytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import { QUEUE_BYTES_MAX, QUEUE_MESSAGES_MAX } from '../../core/overlay/link/limits.ts';
import { NetworkError, type Lane } from '../../core/overlay/network.ts';

/** A waiting control message gets its turn after this much of a bulk one, as on real links. */
const FRAGMENT_BYTES = 16 * 1024;
/** The wire may be this far ahead of the clock, so that small messages need no timer each. */
const AHEAD_MS = 1;

interface Waiting {
  readonly message: Bytes;
  readonly taken: () => void;
  readonly failed: (error: NetworkError) => void;
  /** Bytes not yet put on the wire. */
  left: number;
}

export class MemoryWire {
  onArrival: (message: Bytes, lane: Lane) => void = () => undefined;
  sentBytes = 0;
  readonly #clock: Clock;
  readonly #bytesPerMs: number;
  readonly #latencyMs: () => number;
  readonly #waiting: Record<Lane, Waiting[]> = { control: [], bulk: [] };
  readonly #waitingBytes: Record<Lane, number> = { control: 0, bulk: 0 };
  /** On their way; the head arrives first whichever timer fires. */
  readonly #flying: Record<Lane, Bytes[]> = { control: [], bulk: [] };
  #busyUntil = 0;
  #lastArrival = 0;
  #pumping = false;
  #closed = false;

  constructor(clock: Clock, bytesPerMs: number, latencyMs: () => number) {
    this.#clock = clock;
    this.#bytesPerMs = bytesPerMs;
    this.#latencyMs = latencyMs;
  }

  /** Resolves when the whole message is on the wire. Rejects with NetworkError `congested` or `no-link`. */
  send(message: Bytes, lane: Lane): Promise<void> {
    const waiting = this.#waiting[lane];
    const bytes = this.#waitingBytes[lane] + message.length;
    if (waiting.length >= QUEUE_MESSAGES_MAX || bytes > QUEUE_BYTES_MAX[lane])
      return Promise.reject(new NetworkError('congested', `the ${lane} lane of this link is full`));
    this.#waitingBytes[lane] = bytes;
    return new Promise((taken, failed) => {
      waiting.push({ message, taken, failed, left: message.length });
      this.#pump();
    });
  }

  /** Runs `action` when everything that is on its way has arrived. */
  afterLast(action: () => void): void {
    const arrival = Math.max(this.#clock.now() + this.#latencyMs(), this.#lastArrival);
    this.#clock.after(arrival - this.#clock.now(), action);
  }

  /** What waits is refused; what is on its way still arrives. */
  close(): void {
    this.#closed = true;
    for (const lane of ['control', 'bulk'] as const) {
      for (const { failed } of this.#waiting[lane].splice(0))
        failed(new NetworkError('no-link', 'the link closed'));
      this.#waitingBytes[lane] = 0;
    }
  }

  #pump(): void {
    if (this.#pumping || this.#closed) return;
    const now = this.#clock.now();
    const lane: Lane = this.#waiting.control.length > 0 ? 'control' : 'bulk';
    const next = this.#waiting[lane][0];
    if (next === undefined) return;
    if (this.#busyUntil > now + AHEAD_MS) {
      this.#pumping = true;
      this.#clock.after(this.#busyUntil - now, () => {
        this.#pumping = false;
        this.#pump();
      });
      return;
    }
    const part = Math.min(next.left, FRAGMENT_BYTES);
    next.left -= part;
    this.#busyUntil = Math.max(this.#busyUntil, now) + part / this.#bytesPerMs;
    if (next.left === 0) this.#launch(lane, next);
    this.#pump();
  }

  #launch(lane: Lane, { message, taken }: Waiting): void {
    this.#waiting[lane].shift();
    this.#waitingBytes[lane] -= message.length;
    this.sentBytes += message.length;
    this.#flying[lane].push(message);
    const arrival = this.#busyUntil + this.#latencyMs();
    this.#lastArrival = Math.max(this.#lastArrival, arrival);
    this.#clock.after(arrival - this.#clock.now(), () => {
      const arrived = this.#flying[lane].shift();
      if (arrived !== undefined) this.onArrival(arrived, lane);
    });
    taken();
  }
}
