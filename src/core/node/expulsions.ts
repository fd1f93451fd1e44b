/** Removed devices whose nodes the authority should renew no longer: asked until it says yes, also after a restart. */
import * as v from 'valibot';
import { equalBytes, toHex, utf8 } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { NodeId } from '../codec/id.ts';
import { REMOVED_DEVICES_MAX } from '../codec/limits.ts';
import type { Result } from '../codec/result.ts';
import { codec, idSchema, listOf, text } from '../codec/schema.ts';
import { BackgroundTask } from '../post/background-task.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { namespace } from '../storage/namespace.ts';
import { expelNotice, type Notices } from './notices.ts';

/** Pause after the authority was away, or refused. */
export const EXPEL_AGAIN_MS = 60_000;

const schema = v.strictObject({
  v: v.literal(1),
  nodes: listOf(v.strictObject({ nodeId: idSchema, label: text(64) }), REMOVED_DEVICES_MAX),
});
type Waiting = v.InferOutput<typeof schema>['nodes'][number];
/** What waits, as kept on disk. */
export const expulsionsCodec = codec('expulsions', schema, 8 * 1024);

const KEY = utf8('expel');

export interface ExpulsionsPorts {
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly notices: Notices;
  /** Unset: there is no authority to ask. */
  readonly expelNode?: (nodeId: NodeId) => Promise<Result<true>>;
  readonly failed: (error: unknown) => void;
}

export class Expulsions {
  readonly #ports: ExpulsionsPorts;
  readonly #store: KeyValueStore;
  readonly #task: BackgroundTask;
  #waiting: readonly Waiting[];

  private constructor(ports: ExpulsionsPorts, store: KeyValueStore, waiting: readonly Waiting[]) {
    this.#ports = ports;
    this.#store = store;
    this.#waiting = waiting;
    this.#task = new BackgroundTask(ports.clock, () => this.#askAll(), ports.failed);
  }

  /** What waited when the node was stopped waits again. Rejects with StoreError. */
  static async open(ports: ExpulsionsPorts): Promise<Expulsions> {
    const store = namespace(ports.store, 'expulsions');
    const stored = await store.get(KEY);
    const known = stored && expulsionsCodec.decode(stored);
    const self = new Expulsions(ports, store, known?.ok ? known.value.nodes : []);
    self.hurry();
    return self;
  }

  /** Durable here when resolved; the authority is asked in the background. The oldest gives way to a 49th. */
  async add(nodeId: NodeId, label: string): Promise<void> {
    if (this.#ports.expelNode === undefined) return;
    const others = this.#waiting.filter((one) => !equalBytes(one.nodeId, nodeId));
    await this.#save([...others, { nodeId, label }].slice(-REMOVED_DEVICES_MAX));
    this.hurry();
  }

  /** The world has changed: asks now. */
  hurry(): void {
    if (this.#waiting.length > 0) this.#task.hurry();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  async #askAll(): Promise<number | undefined> {
    const { expelNode, counters, notices } = this.#ports;
    if (expelNode === undefined) return undefined;
    for (const one of this.#waiting) {
      const notice = `expel/${toHex(one.nodeId)}`;
      const done = await expelNode(one.nodeId);
      if (done.ok) {
        await this.#save(this.#waiting.filter((other) => other !== one));
        notices.over(notice);
        continue;
      }
      counters.refused('devices', done);
      notices.show(notice, 'warning', expelNotice(one.label, done.reason));
    }
    return this.#waiting.length > 0 ? EXPEL_AGAIN_MS : undefined;
  }

  async #save(waiting: readonly Waiting[]): Promise<void> {
    await this.#store.write([
      { type: 'put', key: KEY, value: expulsionsCodec.encode({ v: 1, nodes: [...waiting] }) },
    ]);
    this.#waiting = waiting;
  }
}
