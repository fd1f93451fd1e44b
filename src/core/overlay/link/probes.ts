/**
 * Is the other side still there, and how far away? Any byte received is life; only silence is probed: soon when we said
 * something to which nothing came, else rarely.
 */
import { equalBytes, type Bytes } from '../../codec/bytes.ts';
import { encodeFrame } from './frame.ts';
import { IDLE_MS, PROBES_MISSED_MAX, RTT_EVERY_MS, UNANSWERED_MS } from './limits.ts';

interface Ping {
  readonly token: Bytes;
  readonly at: number;
  readonly challenge: boolean;
}

/** Pings whose answer is still of interest. */
const PINGS_MAX = PROBES_MISSED_MAX + 4;

export class Probes {
  /** Length of a ping's token. */
  static readonly TOKEN_BYTES = 8;

  rttMs: number | undefined;
  #pings: Ping[] = [];
  #count = 0;
  /** Something was received since the last tick. */
  #heard = false;
  #heardAt: number;
  /** The first of our messages since anything was received. */
  #saidAt = Infinity;
  #missed = 0;
  #measuredAt = -Infinity;
  #probing = false;

  constructor(now: number) {
    this.#heardAt = now;
  }

  /** Something was received. */
  heard(now: number): void {
    this.#heard = true;
    this.#heardAt = now;
    this.#saidAt = Infinity;
    this.#probing = false;
  }

  /** A message was written, which may be lost unless the other side shows that it lives. */
  said(now: number): void {
    this.#saidAt = Math.min(this.#saidAt, now);
  }

  /**
   * What a tick asks for: a ping frame to write, nothing, or giving the link up. Ticks without an answer are counted and not
   * clocks compared, so that a machine that slept or was busy does not take its own absence for the others'.
   */
  tick(now: number): Bytes | 'dead' | undefined {
    const heard = this.#heard;
    this.#heard = false;
    this.#missed = heard || !this.#probing ? 0 : this.#missed + 1;
    if (this.#missed >= PROBES_MISSED_MAX) return 'dead';
    if (!this.#probing && !this.#isDue(heard, now)) return undefined;
    this.#probing = true;
    return this.#ping(now, false);
  }

  /** A ping whose answer proves life now, whatever was on its way before. */
  challenge(now: number): Bytes {
    return this.#ping(now, true);
  }

  /** Whether this answers a challenge. Unknown tokens are ignored: they come late. */
  answered(token: Uint8Array, now: number): boolean {
    const ping = this.#pings.find((candidate) => equalBytes(candidate.token, token));
    if (ping === undefined) return false;
    this.#pings = this.#pings.filter((candidate) => candidate !== ping);
    const sample = Math.max(0, now - ping.at);
    // RFC 6298, section 2: SRTT with alpha = 1/8.
    this.rttMs = this.rttMs === undefined ? sample : this.rttMs + (sample - this.rttMs) / 8;
    this.#measuredAt = now;
    return ping.challenge;
  }

  #isDue(heard: boolean, now: number): boolean {
    if (heard) return now - this.#measuredAt >= RTT_EVERY_MS;
    return now - this.#saidAt >= UNANSWERED_MS || now - this.#heardAt >= IDLE_MS;
  }

  #ping(now: number, challenge: boolean): Bytes {
    const token = new Uint8Array(Probes.TOKEN_BYTES);
    new DataView(token.buffer).setUint32(4, ++this.#count);
    this.#pings = [...this.#pings, { token, at: now, challenge }].slice(-PINGS_MAX);
    return encodeFrame('ping', token);
  }
}
