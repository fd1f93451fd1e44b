/**
 * Blocks of messages that are on this disk and are to come into the ring, though nobody is told of them: mail that was imported. A
 * few at a time, oldest job first; a restart goes on.
 */
import * as v from 'valibot';
import { concat, fromUtf8, utf8, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { codec, idSchema, listOf, whole } from '../codec/schema.ts';
import { BackgroundTask } from '../post/background-task.ts';
import { mapBounded } from '../post/bounded.ts';
import type { BlockInfo, MessageStore } from '../post/message-store.ts';
import { UPLOAD_BLOCKS_MAX } from '../post/upload.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { prefixRange } from '../storage/namespace.ts';
import { StorageError } from '../storage/storage.ts';
import { heldElsewhere } from './evidence.ts';

const AT_ONCE = 4;
/** Jobs between two looks at whether others should have their turn. */
const A_TURN = 64;
const PREFIX = utf8('replication/');

/** A job, as kept on disk. */
export const replicationCodec = codec(
  'replication job',
  v.strictObject({
    v: v.literal(1),
    blocks: listOf(v.strictObject({ key: idSchema, sizeBytes: whole() }), UPLOAD_BLOCKS_MAX),
  }),
  4 * 1024 * 1024,
);

export interface ReplicationPorts {
  readonly store: KeyValueStore;
  readonly messages: MessageStore;
  readonly clock: Clock;
  /** Peer key of this node. */
  readonly peerKey: Bytes;
  /** Whether there is a ring beyond this node. */
  readonly connected: () => boolean;
  readonly failed: (error: unknown) => void;
}

export class Replication {
  readonly #ports: ReplicationPorts;
  /** By the message's id. */
  readonly #jobs = new Map<string, readonly BlockInfo[]>();
  readonly #task: BackgroundTask;

  private constructor(ports: ReplicationPorts) {
    this.#ports = ports;
    this.#task = new BackgroundTask(ports.clock, () => this.#run(), ports.failed);
  }

  /** Finds the jobs that this disk knows; they go on when `hurry` is called. Rejects with StoreError. */
  static async open(ports: ReplicationPorts): Promise<Replication> {
    const self = new Replication(ports);
    for (const [key, value] of await ports.store.entries(prefixRange(PREFIX))) {
      const job = replicationCodec.decode(value);
      if (job.ok) self.#jobs.set(fromUtf8(key.slice(PREFIX.length)), job.value.blocks);
    }
    return self;
  }

  /** Messages of which this device alone may have all there is. */
  get waiting(): number {
    return this.#jobs.size;
  }

  /** To be written in one batch with the log's `add` of the message. */
  write(id: string, blocks: readonly BlockInfo[]): Write {
    return { type: 'put', key: keyOf(id), value: replicationCodec.encode({ v: 1, blocks: [...blocks] }) };
  }

  /** That batch is on disk. */
  begin(id: string, blocks: readonly BlockInfo[]): void {
    this.#jobs.set(id, blocks);
    this.#task.wake();
  }

  /** The network is there. */
  hurry(): void {
    if (this.#jobs.size > 0) this.#task.hurry();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  async #run(): Promise<number | undefined> {
    if (!this.#ports.connected()) return undefined;
    const some = [...this.#jobs].slice(0, A_TURN);
    let failure: unknown;
    await mapBounded(some, AT_ONCE, async ([id, blocks]) => {
      try {
        await this.#replicate(id, blocks);
      } catch (error) {
        // What is damaged here and nowhere else will not be whole by trying: the mailbox check names it.
        if (error instanceof StorageError && error.code === 'not-found') await this.#forget(id);
        else failure ??= error;
      }
    });
    if (failure !== undefined) throw failure;
    return this.#jobs.size > 0 ? 0 : undefined;
  }

  async #replicate(id: string, blocks: readonly BlockInfo[]): Promise<void> {
    const { messages, peerKey } = this.#ports;
    await messages.insert(blocks, (_, stored) => {
      if (!heldElsewhere(stored.receipts, peerKey))
        throw new StorageError('unreachable', 'no other device has taken the message yet');
    });
    await this.#forget(id);
  }

  async #forget(id: string): Promise<void> {
    await this.#ports.store.write([{ type: 'delete', key: keyOf(id) }]);
    this.#jobs.delete(id);
  }
}

function keyOf(id: string): Bytes {
  return concat(PREFIX, utf8(id));
}
