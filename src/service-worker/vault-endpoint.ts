/** The vault's side of the worker: answers requests over ports, and keeps the worker awake while it is used. */
import type { Clock } from '../core/codec/clock.ts';
import { VaultError, type Vault } from '../core/identity/vault.ts';
import {
  compact,
  parseRequest,
  type VaultAnswer,
  type VaultRequest,
} from '../adapters/vault/worker-protocol.ts';

/** A session without requests ends after this; browsers stop an idle worker after about 30 s without a word. */
export const SESSION_IDLE_MS = 20_000;
/** And in any case after this: browsers let one event last 5 minutes. */
export const SESSION_MS_MAX = 4 * 60_000;
/** How often a session looks whether it should end. */
const WATCH_MS_MIN = 100;
const WATCH_MS_MAX = 1000;
/** Requests under way at once. */
export const REQUESTS_MAX = 4096;

export class VaultEndpoint {
  readonly #vault: Vault;
  readonly #clock: Clock;
  /** By request id: a repeated request joins the one under way. */
  readonly #underWay = new Map<string, Promise<VaultAnswer>>();
  readonly #isReplaced: () => boolean;

  /** `isReplaced`: a newer worker waits; holding this one awake would keep it waiting. */
  constructor(vault: Vault, clock: Clock, isReplaced: () => boolean) {
    this.#vault = vault;
    this.#clock = clock;
    this.#isReplaced = isReplaced;
  }

  /** Serves a port. Resolves when the session is over and the page has been told; late requests are still answered. */
  serve(port: MessagePort): Promise<void> {
    return new Promise((resolve) => {
      const startedAt = this.#clock.now();
      let lastUsedAt = startedAt;
      let answering = 0;
      port.onmessage = async ({ data }: MessageEvent<unknown>) => {
        lastUsedAt = this.#clock.now();
        answering++;
        const answer = await this.#answer(data);
        answering--;
        if (answer) port.postMessage(answer);
      };
      const watch = (): void => {
        const now = this.#clock.now();
        const leftMs = Math.min(lastUsedAt + SESSION_IDLE_MS, startedAt + SESSION_MS_MAX) - now;
        if (answering > 0 || (leftMs > 0 && !this.#isReplaced())) {
          wait(leftMs);
          return;
        }
        port.postMessage({ type: 'bye' } satisfies VaultAnswer);
        resolve();
      };
      const wait = (leftMs: number): void =>
        void this.#clock.after(Math.min(Math.max(leftMs, WATCH_MS_MIN), WATCH_MS_MAX), watch);
      // Never at once: the page sends what waits right behind the port.
      wait(WATCH_MS_MAX);
    });
  }

  async #answer(message: unknown): Promise<VaultAnswer | undefined> {
    const parsed = parseRequest(message);
    if (!parsed.ok)
      return parsed.id === undefined ? undefined : errorAnswer(parsed.id, 'refused', parsed.reason);
    const { request } = parsed;
    const joined = this.#underWay.get(request.id);
    if (joined) return joined;
    if (this.#underWay.size >= REQUESTS_MAX)
      return errorAnswer(request.id, 'unavailable', 'the vault has too much to do');
    const answer = this.#perform(request).finally(() => this.#underWay.delete(request.id));
    this.#underWay.set(request.id, answer);
    return answer;
  }

  async #perform({ id, operation, args }: VaultRequest): Promise<VaultAnswer> {
    try {
      // The arguments were checked against the operation's schema.
      const perform = this.#vault[operation].bind(this.#vault) as (
        ...args: readonly unknown[]
      ) => Promise<unknown>;
      return { type: 'value', id, value: compact(await perform(...args)) };
    } catch (error) {
      if (error instanceof VaultError) return errorAnswer(id, error.code, error.message);
      const reason = error instanceof Error ? error.message : String(error);
      return errorAnswer(id, 'unavailable', `the vault failed: ${reason}`);
    }
  }
}

function errorAnswer(id: string, code: VaultError['code'], message: string): VaultAnswer {
  return { type: 'error', id, code, message };
}
