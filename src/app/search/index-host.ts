/** Answers a tab from the index, and keeps it on disk. Runs in a worker; knows nothing of one. */
import type { Clock } from '../../core/codec/clock.ts';
import type { Random } from '../../core/crypto/random.ts';
import type { KeyValueStore } from '../../core/storage/key-value-store.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { SearchIndex } from './search-index.ts';
import { ShardStore } from './shard-store.ts';

/** Changes are written together: after the first of them, this long. */
export const SAVE_MS = 4_000;

export interface HostPorts {
  readonly openStore: () => Promise<KeyValueStore>;
  readonly clock: Clock;
  readonly random: Random;
  readonly post: (message: FromWorker) => void;
  /** Resolves when this is the one of the profile's tabs that writes the index. */
  readonly writing: Promise<void>;
}

export class IndexHost {
  readonly #ports: HostPorts;
  readonly #index: SearchIndex;
  #shards: ShardStore | undefined;
  /** Messages are handled in their order. */
  #work: Promise<void> = Promise.resolve();
  #mayWrite = false;
  #changed = false;
  #savingSoon = false;

  constructor(ports: HostPorts) {
    this.#ports = ports;
    this.#index = new SearchIndex(ports.random);
    const mayWrite = (): void => {
      this.#mayWrite = true;
      // Another tab may have written what this one does not have.
      this.#change();
    };
    void ports.writing.then(mayWrite, (error: unknown) => this.#notKept(error));
  }

  /** The tab's next message. */
  handle(message: ToWorker): void {
    this.#inOrder(() => this.#handle(message));
  }

  async #handle(message: ToWorker): Promise<void> {
    switch (message.type) {
      case 'open':
        return this.#open(message.key);
      case 'tell': {
        const wanted = message.messages.filter((told) => this.#index.tell(told));
        this.#ports.post({ type: 'wanted', numbers: wanted.map(({ number }) => number) });
        return this.#change();
      }
      case 'told-all':
        this.#index.dropUntold();
        return this.#change();
      case 'body':
        this.#index.body(message.number, message.text, message.html);
        return this.#change();
      case 'remove':
        for (const number of message.numbers) this.#index.remove(number);
        return this.#change();
      case 'find':
        return this.#ports.post({
          type: 'found',
          id: message.id,
          numbers: this.#index.find(message.terms),
        });
    }
  }

  /** Without a disk the index is in memory alone. */
  async #open(key: CryptoKey): Promise<void> {
    const { openStore, random } = this.#ports;
    try {
      const shards = new ShardStore(await openStore(), key, random);
      this.#index.take(await shards.load());
      this.#shards = shards;
    } catch (error) {
      this.#notKept(error);
    }
  }

  #change(): void {
    this.#changed = true;
    if (this.#savingSoon || !this.#mayWrite) return;
    this.#savingSoon = true;
    this.#ports.clock.after(SAVE_MS, () => {
      this.#savingSoon = false;
      this.#inOrder(() => this.#save());
    });
  }

  async #save(): Promise<void> {
    if (!this.#changed || this.#shards === undefined) return;
    this.#changed = false;
    try {
      await this.#shards.save(this.#index.settled());
    } catch (error) {
      // The next change tries again.
      this.#notKept(error);
    }
  }

  #notKept(error: unknown): void {
    this.#ports.post({ type: 'not-kept', reason: reasonOf(error) });
  }

  #inOrder(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#ports.post({ type: 'failed', reason: reasonOf(error) });
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
