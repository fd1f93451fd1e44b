/** Hands messages to the network: encodes them, and is patient with full lanes where a message must not be lost. */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { OverlayEffect } from './machine-events.ts';
import { overlayCodec } from './messages.ts';
import { NetworkError, type Network } from './network.ts';

/** A full lane gets this long to drain, asked ever more rarely. */
const CONGESTED_MS_MAX = 20_000;
const CONGESTED_PAUSE_MS = 50;
/** Leaving waits this long for the good-byes to be taken. */
const LEAVE_MS = 1_000;

type Send = Extract<OverlayEffect, { type: 'send' }>;

export class Outbox {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #counters: Counters;
  /** Called when the network did not take a message. `lost`: there is no link. */
  readonly #failed: (send: Send, lost: boolean) => void;
  readonly #farewells: Promise<void>[] = [];
  #stopped = false;

  constructor(
    network: Network,
    clock: Clock,
    counters: Counters,
    failed: (send: Send, lost: boolean) => void,
  ) {
    this.#network = network;
    this.#clock = clock;
    this.#counters = counters;
    this.#failed = failed;
  }

  send(effect: Send): void {
    const sent = this.#sendPatiently(effect).catch((error: unknown) => {
      const lost = error instanceof NetworkError && error.code === 'no-link';
      this.#counters.add(lost ? 'overlay.sent-too-late' : 'overlay.sends-failed');
      this.#failed(effect, lost);
    });
    if (effect.message.type === 'leave') this.#farewells.push(sent);
  }

  /** Patience ends; resolves when the good-byes are taken, or after LEAVE_MS. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.race([Promise.allSettled(this.#farewells), this.#pause(LEAVE_MS)]);
  }

  /** Requests and their answers wait when the lane is full; all else is said again sooner or later anyway. */
  async #sendPatiently({ to, lane, message }: Send): Promise<void> {
    const bytes = overlayCodec.encode({ v: 1, m: message });
    const patient = message.type === 'request' || message.type === 'response';
    for (let waitedMs = 0, pauseMs = CONGESTED_PAUSE_MS; ; waitedMs += pauseMs, pauseMs *= 2) {
      try {
        return await this.#network.send(to, bytes, lane);
      } catch (error) {
        const congested = error instanceof NetworkError && error.code === 'congested';
        if (!congested || !patient || this.#stopped || waitedMs >= CONGESTED_MS_MAX) throw error;
      }
      await this.#pause(pauseMs);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }
}
