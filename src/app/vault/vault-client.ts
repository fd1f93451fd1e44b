/** The page's side of the vault: the Vault port by messages to the service worker, whatever happens to the worker. */
import type { Bytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import type { Result } from '../../core/codec/result.ts';
import type { HpkeSealed } from '../../core/crypto/hpke.ts';
import type { Prekey } from '../../core/identity/certificates.ts';
import type { SigningPurposes } from '../../core/identity/signing-purposes.ts';
import { VaultError, type PublicKeys, type Vault, type VaultState } from '../../core/identity/vault.ts';
import {
  compact,
  openMessage,
  type Operation,
  type VaultAnswer,
  type VaultRequest,
} from '../../adapters/vault/worker-protocol.ts';

/** How long each attempt waits for its answer: together 15 s, then the vault is `unavailable`. */
export const ATTEMPTS_MS: readonly number[] = [1000, 2000, 4000, 8000];
/** How long the worker may take to be installed on a first visit: it fetches the whole app. */
export const FIND_MS_MAX = 60_000;

/** Where the worker is now: asked again for each port, since an update replaces it. */
export type FindWorker = () => Promise<Pick<ServiceWorker, 'postMessage'>>;

interface Pending {
  readonly request: VaultRequest;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: VaultError) => void;
  attempt: number;
  cancelTimeout: () => void;
}

/**
 * A stopped worker drops ports silently: a request without an answer is sent again over a new port, with its id, so that
 * a worker that is only slow does not do it twice. Every operation may be repeated.
 */
export class VaultClient implements Vault {
  readonly #findWorker: FindWorker;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  /** Ids must differ between the tabs of a profile. */
  readonly #prefix = crypto.randomUUID();
  #count = 0;
  #port: MessagePort | undefined;
  #opening = false;

  constructor(findWorker: FindWorker, clock: Clock) {
    this.#findWorker = findWorker;
    this.#clock = clock;
  }

  state(): Promise<VaultState> {
    return this.#call('state');
  }
  begin(): Promise<{ readonly words: readonly string[]; readonly keys: PublicKeys }> {
    return this.#call('begin');
  }
  restore(words: readonly string[]): Promise<Result<PublicKeys>> {
    return this.#call('restore', words);
  }
  beginPairing(): Promise<Bytes> {
    return this.#call('beginPairing');
  }
  sealForPairing(recipientKey: Bytes, channelKey: Bytes): Promise<Result<HpkeSealed>> {
    return this.#call('sealForPairing', recipientKey, channelKey);
  }
  acceptPairing(sealed: HpkeSealed, channelKey: Bytes): Promise<Result<PublicKeys>> {
    return this.#call('acceptPairing', sealed, channelKey);
  }
  commit(): Promise<void> {
    return this.#call('commit');
  }
  erase(): Promise<void> {
    return this.#call('erase');
  }
  sign<P extends keyof SigningPurposes>(purpose: P, body: SigningPurposes[P]): Promise<Bytes> {
    return this.#call('sign', purpose, body);
  }
  signTransport(bytes: Bytes): Promise<Bytes> {
    return this.#call('signTransport', bytes);
  }
  createPrekey(now: number, fallback: boolean): Promise<Prekey> {
    return this.#call('createPrekey', now, fallback);
  }
  dropPrekeys(time: number): Promise<void> {
    return this.#call('dropPrekeys', time);
  }
  openSealed(prekey: Bytes, info: string, sealed: HpkeSealed): Promise<Result<Bytes>> {
    return this.#call('openSealed', prekey, info, sealed);
  }
  sealMailbox(plaintexts: readonly Bytes[]): Promise<readonly Bytes[]> {
    return this.#call('sealMailbox', plaintexts);
  }
  openMailbox(sealed: readonly Bytes[]): Promise<readonly Result<Bytes>[]> {
    return this.#call('openMailbox', sealed);
  }
  sealAtRest(plaintext: Bytes): Promise<Bytes> {
    return this.#call('sealAtRest', plaintext);
  }
  openAtRest(sealed: Bytes): Promise<Result<Bytes>> {
    return this.#call('openAtRest', sealed);
  }

  #call<T>(operation: Operation, ...args: readonly unknown[]): Promise<T> {
    const id = `${this.#prefix}/${this.#count++}`;
    const request = { id, operation, args: compact(args) as readonly unknown[] };
    return new Promise<unknown>((resolve, reject) => {
      const pending: Pending = { request, resolve, reject, attempt: 0, cancelTimeout: () => undefined };
      this.#pending.set(id, pending);
      if (this.#port) this.#send(this.#port, pending);
      else if (!this.#opening) void this.#open();
    }) as Promise<T>;
  }

  #send(port: MessagePort, pending: Pending): void {
    pending.cancelTimeout();
    pending.cancelTimeout = this.#clock.after(ATTEMPTS_MS[pending.attempt]!, () => this.#missAnswer(pending));
    try {
      port.postMessage(pending.request);
    } catch (error) {
      this.#fail(pending, new VaultError('refused', `not a message: ${reasonOf(error)}`));
    }
  }

  #missAnswer(pending: Pending): void {
    pending.attempt++;
    if (pending.attempt < ATTEMPTS_MS.length) void this.#open();
    else this.#fail(pending, new VaultError('unavailable', 'The key vault of this browser does not answer.'));
  }

  /** Opens a port to the worker in place of the present one, and sends everything that waits over it. */
  async #open(): Promise<void> {
    if (this.#opening) return;
    this.#opening = true;
    this.#port?.close();
    this.#port = undefined;
    for (const { cancelTimeout } of this.#pending.values()) cancelTimeout();
    try {
      const worker = await this.#inTime(this.#findWorker());
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }: MessageEvent<VaultAnswer>) => this.#receive(port1, data);
      worker.postMessage(openMessage, [port2]);
      this.#port = port1;
      for (const pending of [...this.#pending.values()]) this.#send(port1, pending);
    } catch (error) {
      const failure = new VaultError('unavailable', `This browser has no key vault: ${reasonOf(error)}`);
      for (const pending of [...this.#pending.values()]) this.#fail(pending, failure);
    } finally {
      this.#opening = false;
    }
  }

  #inTime<T>(finding: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = new VaultError('unavailable', 'its service worker does not start');
      const cancel = this.#clock.after(FIND_MS_MAX, () => reject(late));
      finding.then(resolve, reject).finally(cancel);
    });
  }

  #receive(port: MessagePort, answer: VaultAnswer): void {
    if (port !== this.#port) return;
    if (answer.type === 'bye') {
      port.close();
      this.#port = undefined;
      if (this.#pending.size > 0) void this.#open();
      return;
    }
    const pending = this.#pending.get(answer.id);
    if (!pending) return;
    this.#pending.delete(answer.id);
    pending.cancelTimeout();
    if (answer.type === 'value') pending.resolve(answer.value);
    else pending.reject(new VaultError(answer.code, answer.message));
  }

  #fail(pending: Pending, error: VaultError): void {
    this.#pending.delete(pending.request.id);
    pending.cancelTimeout();
    pending.reject(error);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
