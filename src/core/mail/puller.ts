/** Brings small messages to this disk in the background, so that they open at once and offline. Large ones come on demand. */
import { concat, fromUtf8, utf8, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { BackgroundTask } from '../post/background-task.ts';
import { mapBounded } from '../post/bounded.ts';
import type { MessageStore } from '../post/message-store.ts';
import { PostError } from '../post/post-error.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { prefixRange } from '../storage/namespace.ts';
import type { Added } from './added.ts';
import type { Mailbox } from './mailbox.ts';
import { readBody, readMessage } from './message.ts';
import { PULL_BYTES_MAX } from './pull-limit.ts';

const AT_ONCE = 2;
/** A mailbox that has just been read is shown first, and what the person opens is fetched first. */
export const PULL_LATER_MS = 2_000;
const PREFIX = utf8('pulled/');

export interface PullerPorts {
  readonly store: KeyValueStore;
  readonly messages: MessageStore;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
  readonly connected: () => boolean;
  readonly failed: (error: unknown) => void;
}

export class Puller {
  readonly #ports: PullerPorts;
  readonly #pulled: Set<string>;
  readonly #task: BackgroundTask;

  private constructor(ports: PullerPorts, pulled: Set<string>) {
    this.#ports = ports;
    this.#pulled = pulled;
    this.#task = new BackgroundTask(ports.clock, () => this.#pullAll(), ports.failed);
  }

  static async open(ports: PullerPorts): Promise<Puller> {
    const keys = await ports.store.keys(prefixRange(PREFIX));
    return new Puller(ports, new Set(keys.map((key) => fromUtf8(key.slice(PREFIX.length)))));
  }

  /** For a message that was made here: all of it is on this disk. To be written in one batch with it. */
  write(id: string): Write {
    this.#pulled.add(id);
    return { type: 'put', key: keyOf(id), value: new Uint8Array(0) };
  }

  /** For a message that is gone. To be written in one batch with its end. */
  removal(id: string): Write {
    this.#pulled.delete(id);
    return { type: 'delete', key: keyOf(id) };
  }

  wake(): void {
    this.#task.wake();
  }

  /** There may be many messages now that another device has and this one has not. */
  wakeLater(): void {
    this.#task.wake(PULL_LATER_MS);
  }

  hurry(): void {
    this.#task.hurry();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  async #pullAll(): Promise<undefined> {
    if (!this.#ports.connected()) return;
    const waiting: { id: string; added: Added }[] = [];
    for (const { id, added, removed } of this.#ports.mailbox.items())
      if (added !== undefined && !removed && !this.#pulled.has(id) && isSmall(added))
        waiting.push({ id, added });
    waiting.sort((a, b) => b.added.headers.at - a.added.headers.at);
    let failure: unknown;
    await mapBounded(waiting, AT_ONCE, async ({ id, added }) => {
      try {
        await this.#pull(added);
        await this.#ports.store.write([this.write(id)]);
      } catch (error) {
        // Damaged stays damaged: it is said when the message is opened.
        if (!(error instanceof PostError)) failure ??= error;
      }
    });
    if (failure !== undefined) throw failure;
  }

  async #pull({ reference }: Added): Promise<void> {
    const { messages } = this.#ports;
    const message = await readMessage(messages, reference, true);
    await readBody(messages, message.text, true);
    if (message.html !== null) await readBody(messages, message.html, true);
    let leftBytes = PULL_BYTES_MAX;
    for (const part of message.parts) {
      leftBytes -= part.reference.sizeBytes;
      if (leftBytes >= 0) await messages.readAll(part.reference, { keep: true });
    }
  }
}

function isSmall({ headers, reference }: Added): boolean {
  const attached = headers.attachments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return reference.sizeBytes + attached <= PULL_BYTES_MAX;
}

function keyOf(id: string): Bytes {
  return concat(PREFIX, utf8(id));
}
