/** Samples which devices are linked with this relay, and keeps what that teaches in the database. */
import { utf8 } from '../../src/core/codec/bytes.ts';
import type { Clock } from '../../src/core/codec/clock.ts';
import type { Counters } from '../../src/core/codec/counters.ts';
import type { NodeId } from '../../src/core/codec/id.ts';
import type { KeyValueStore } from '../../src/core/storage/key-value-store.ts';
import { periodic, type Periodic } from '../../src/core/storage/periodic.ts';
import { presenceCodec, PresenceLog, SAMPLE_MS, type RingPresence } from '../../src/core/storage/presence.ts';

const KEY = utf8('presence');
/** It is written every 12th sample, once an hour: a relay that is killed loses that much of what it saw. */
const SAMPLES_A_WRITE = 12;

export interface PresencePorts {
  /** A namespace of its own. */
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Devices that are linked now, relays not among them. */
  readonly devices: () => readonly NodeId[];
}

export class PresenceWatch {
  readonly #ports: PresencePorts;
  readonly #log: PresenceLog;
  readonly #periodic: Periodic;
  #unwritten = 0;

  private constructor(ports: PresencePorts, log: PresenceLog) {
    this.#ports = ports;
    this.#log = log;
    const { clock, counters } = ports;
    // The first sample comes when those who lost their links at the relay's end are back.
    const times = { firstMs: SAMPLE_MS, pauseMs: SAMPLE_MS };
    this.#periodic = periodic(
      clock,
      times,
      () => this.#sample(),
      (error) => counters.refused('presence', { code: 'not-written', reason: String(error) }),
    );
  }

  /** What cannot be read is counted, and measuring begins anew. Rejects with StoreError. */
  static async open(ports: PresencePorts): Promise<PresenceWatch> {
    const bytes = await ports.store.get(KEY);
    const decoded = bytes && presenceCodec.decode(bytes);
    if (decoded?.ok === false) ports.counters.refused('presence', decoded);
    const stored = decoded?.ok ? decoded.value : undefined;
    return new PresenceWatch(ports, new PresenceLog(ports.clock.now(), stored));
  }

  presence(): RingPresence {
    return this.#log.presence(this.#ports.clock.now());
  }

  /** Writes what is not written yet. Rejects with StoreError. */
  async stop(): Promise<void> {
    await this.#periodic.stop();
    if (this.#unwritten > 0) await this.#write();
  }

  async #sample(): Promise<void> {
    this.#log.sample(this.#ports.devices(), this.#ports.clock.now());
    this.#unwritten += 1;
    if (this.#unwritten >= SAMPLES_A_WRITE) await this.#write();
  }

  async #write(): Promise<void> {
    const value = presenceCodec.encode(this.#log.stored());
    await this.#ports.store.write([{ type: 'put', key: KEY, value }]);
    this.#unwritten = 0;
  }
}
