/** The tab's end of the worker with the index. */
import type { FromWorker, ToldMessage, ToWorker } from './protocol.ts';
import type { TextTerm } from './query.ts';

/** A Worker fits. */
export interface WorkerPort {
  postMessage(message: ToWorker): void;
  addEventListener(type: 'message', listener: (event: { readonly data: FromWorker }) => void): void;
}

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Methods reject when the worker has failed. */
export class SearchEngine {
  readonly #port: WorkerPort;
  readonly #told: Waiting<readonly number[]>[] = [];
  readonly #asked = new Map<number, Waiting<Uint32Array>>();
  readonly #notKept: (reason: string) => void;
  #nextId = 0;
  #failure: Error | undefined;

  /** `notKept` is told when the index could not be written to disk. */
  constructor(port: WorkerPort, key: CryptoKey, notKept: (reason: string) => void) {
    this.#port = port;
    this.#notKept = notKept;
    port.addEventListener('message', ({ data }) => this.#take(data));
    port.postMessage({ type: 'open', key });
  }

  /** Numbers of those whose whole text is wanted. */
  tell(messages: readonly ToldMessage[]): Promise<readonly number[]> {
    return this.#waitFor((waiting) => this.#told.push(waiting), { type: 'tell', messages });
  }

  toldAll(): void {
    this.#port.postMessage({ type: 'told-all' });
  }

  body(number: number, text: string, html: string | undefined): void {
    this.#port.postMessage({ type: 'body', number, text, html });
  }

  remove(numbers: readonly number[]): void {
    this.#port.postMessage({ type: 'remove', numbers });
  }

  /** Numbers of the messages that have all of the terms. */
  find(terms: readonly TextTerm[]): Promise<Uint32Array> {
    const id = this.#nextId++;
    return this.#waitFor((waiting) => this.#asked.set(id, waiting), { type: 'find', id, terms });
  }

  /** The worker is no more. */
  fail(reason: string): void {
    this.#failure = new Error(reason);
    for (const { reject } of [...this.#told.splice(0), ...this.#asked.values()]) reject(this.#failure);
    this.#asked.clear();
  }

  #waitFor<T>(keep: (waiting: Waiting<T>) => void, message: ToWorker): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      keep({ resolve, reject });
      this.#port.postMessage(message);
    });
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'wanted':
        return this.#told.shift()?.resolve(message.numbers);
      case 'found':
        this.#asked.get(message.id)?.resolve(message.numbers);
        this.#asked.delete(message.id);
        return;
      case 'not-kept':
        return this.#notKept(message.reason);
      case 'failed':
        return this.fail(message.reason);
    }
  }
}
