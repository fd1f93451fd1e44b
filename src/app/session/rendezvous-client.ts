/** The relay's places to meet over HTTP: what relay/src/pairing-routes.ts answers, asked again when the network failed. */
import type { Bytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import { ok, refuse, type Refusal, type Result } from '../../core/codec/result.ts';
import { authorityRefusalCodec } from '../../core/identity/join.ts';
import { SLOT_BYTES_MAX, type Rendezvous, type Slot } from '../../core/identity/rendezvous.ts';
import { t } from '../i18n/translate.svelte.ts';

/** A request that takes longer has no answer; the relay answers one that waits after 20 s. */
const ANSWER_MS_MAX = 30_000;
/** Pause after a request that failed, and how many may fail one after another. */
const PAUSE_MS = 1_000;
const POST_FAILURES_MAX = 5;
const WAIT_FAILURES_MAX = 30;

/** Refusals that pass by themselves. */
const PASSING: readonly string[] = ['unreachable', 'busy', 'too-many-requests', 'too-many-waiting'];

export class RendezvousClient implements Rendezvous {
  readonly #clock: Clock;
  readonly #fetch: typeof fetch;
  readonly #ended = new AbortController();

  /** `ask`: the browser's fetch, or in tests what answers instead of a relay. */
  constructor(clock: Clock, ask: typeof fetch = (input, init) => fetch(input, init)) {
    this.#clock = clock;
    this.#fetch = ask;
  }

  async post(place: string, slot: Slot, body: Bytes): Promise<Result<true>> {
    const answer = await this.#insist(POST_FAILURES_MAX, () =>
      this.#ask(place, slot, { method: 'POST', body }),
    );
    return answer.ok ? ok(true) : answer;
  }

  async wait(place: string, slot: Slot): Promise<Result<Bytes>> {
    for (;;) {
      const answer = await this.#insist(WAIT_FAILURES_MAX, () => this.#ask(place, slot, { method: 'GET' }));
      if (!answer.ok) return answer;
      if (answer.value !== undefined) return ok(answer.value);
    }
  }

  /** Whatever is under way is refused as `cancelled`. */
  close(): void {
    this.#ended.abort();
  }

  async #insist<T>(failuresMax: number, ask: () => Promise<Result<T>>): Promise<Result<T>> {
    for (let failures = 1; ; failures++) {
      const answer = await ask();
      if (this.#ended.signal.aborted) return refuse('cancelled', t.pairing.cancelled);
      if (answer.ok || !PASSING.includes(answer.code) || failures >= failuresMax) return answer;
      await new Promise<void>((resolve) => void this.#clock.after(PAUSE_MS, resolve));
    }
  }

  async #ask(place: string, slot: Slot, request: RequestInit): Promise<Result<Bytes | undefined>> {
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
    try {
      const response = await this.#fetch(`/pairing/${place}/${slot}`, {
        ...request,
        cache: 'no-store',
        signal,
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.status === 204) return ok(undefined);
      if (bytes.length > SLOT_BYTES_MAX) return unreachable();
      return response.ok ? ok(bytes) : refusalIn(bytes);
    } catch {
      return unreachable(); // fetch rejects with a bare TypeError for every kind of failure.
    }
  }
}

/** The relay's own words, or for an answer that has none (a proxy's error page) that it cannot be reached. */
function refusalIn(bytes: Bytes): Refusal {
  const refusal = authorityRefusalCodec.decode(bytes);
  return refusal.ok ? refuse(refusal.value.code, refusal.value.reason) : unreachable();
}

function unreachable(): Refusal {
  return refuse('unreachable', t.join.unreachable);
}
