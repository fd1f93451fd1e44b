/**
 * Tells the index of the mailbox: what the list says at once, the texts one at a time in the background, newest first. It asks for no
 * text that the node does not bring to this disk by itself (`core/mail/puller.ts`).
 */
import type { Clock } from '../../core/codec/clock.ts';
import { PULL_BYTES_MAX } from '../../core/mail/pull-limit.ts';
import type { MessageView, PersonView } from '../../core/mail/views.ts';
import { ClientError, type Client, type NodeUpdate } from '../../core/node/client.ts';
import type { SearchEngine } from './engine.ts';
import type { ToldMessage } from './protocol.ts';

/** Messages that are told at a time, and the pause after it: the page comes first. */
const TOLD_AT_ONCE = 500;
const PAUSE_MS = 4;
/** After so many texts that did not come, one after the other, no more are asked for, this long or until the node is online. */
const MISSES_MAX = 3;
const AGAIN_MS = 60_000;

/** Messages whose text is in the index, or does not come into it, of all. */
export interface Progress {
  readonly searched: number;
  readonly total: number;
}

export type FedClient = Pick<Client, 'subscribe' | 'body'>;

interface Known {
  readonly number: number;
  /** Digest of what the list says. */
  head: number;
  /** When it was sent. */
  readonly at: number;
  readonly bodyComes: boolean;
}

export class Feeder {
  readonly #client: FedClient;
  readonly #engine: SearchEngine;
  readonly #clock: Clock;
  readonly #progressed: (progress: Progress) => void;
  readonly #known = new Map<string, Known>();
  readonly #ids = new Map<number, string>();
  #nextNumber = 0;
  /** Ids of messages that are yet to be told. */
  readonly #untold = new Map<string, ToldMessage>();
  #toldAll = false;
  #telling = false;
  /** Numbers of messages whose text is wanted, and of those that did not come. */
  readonly #wanted = new Set<number>();
  #missed = new Set<number>();
  #misses = 0;
  #fetching = false;
  #online = false;
  #cancelAgain: (() => void) | undefined;
  #stopped = false;

  /** `progressed` is told after each change. */
  constructor(
    client: FedClient,
    engine: SearchEngine,
    clock: Clock,
    progressed: (progress: Progress) => void,
  ) {
    this.#client = client;
    this.#engine = engine;
    this.#clock = clock;
    this.#progressed = progressed;
  }

  /** Follows the mailbox until the returned function is called. */
  start(): () => void {
    const unfollow = this.#client.subscribe((update) => this.#take(update));
    return () => {
      this.#stopped = true;
      unfollow();
      this.#cancelAgain?.();
    };
  }

  idOf(number: number): string | undefined {
    return this.#ids.get(number);
  }

  #take({ state, messages: { all, changed, removed } }: NodeUpdate): void {
    if (all) {
      const there = new Set(changed.map(({ id }) => id));
      this.#forget([...this.#known.keys()].filter((id) => !there.has(id)));
    }
    this.#forget(removed);
    for (const message of changed) this.#note(message);
    const online = state.connection.state === 'online';
    if (online && !this.#online) this.#again();
    this.#online = online;
    void this.#tell();
  }

  #note(message: MessageView): void {
    const { id, at } = message;
    const parts = partsOf(message);
    const head = digestOf(parts);
    const known = this.#known.get(id);
    if (known?.head === head) return;
    const number = known?.number ?? this.#nextNumber++;
    this.#known.set(id, { number, head, at, bodyComes: bodyComes(message) });
    this.#ids.set(number, id);
    this.#untold.set(id, { number, id, head, ...parts });
  }

  #forget(ids: readonly string[]): void {
    const numbers: number[] = [];
    for (const id of ids) {
      const known = this.#known.get(id);
      if (known === undefined) continue;
      this.#known.delete(id);
      this.#ids.delete(known.number);
      for (const set of [this.#wanted, this.#missed]) set.delete(known.number);
      if (!this.#untold.delete(id)) numbers.push(known.number);
    }
    if (numbers.length > 0) this.#engine.remove(numbers);
  }

  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    try {
      while (this.#untold.size > 0 && !this.#stopped) {
        const some = [...this.#untold.values()].slice(0, TOLD_AT_ONCE);
        for (const { id } of some) this.#untold.delete(id);
        for (const number of await this.#engine.tell(some)) this.#want(number);
        this.#progress();
        await this.#pause();
      }
      if (!this.#toldAll) this.#engine.toldAll();
      this.#toldAll = true;
      this.#progress();
    } catch {
      // The index has failed, and says so to whom searches: nothing is told to it any more.
      this.#stopped = true;
    } finally {
      this.#telling = false;
    }
    void this.#fetch();
  }

  #want(number: number): void {
    const known = this.#known.get(this.#ids.get(number) ?? '');
    if (known?.bodyComes) this.#wanted.add(number);
  }

  async #fetch(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    let order: number[] = [];
    while (this.#wanted.size > 0 && this.#misses < MISSES_MAX && !this.#stopped) {
      // What came meanwhile is newer than what is left.
      if (order.length === 0 || order.length < this.#wanted.size) order = this.#oldestFirst();
      const number = order.pop()!;
      if (this.#wanted.delete(number)) {
        await this.#fetchOne(number);
        this.#progress();
        await this.#pause();
      }
    }
    this.#fetching = false;
    if (this.#misses >= MISSES_MAX && !this.#stopped)
      this.#cancelAgain ??= this.#clock.after(AGAIN_MS, () => this.#again());
  }

  async #fetchOne(number: number): Promise<void> {
    const id = this.#ids.get(number);
    if (id === undefined) return;
    try {
      const { text, html } = await this.#client.body(id);
      this.#engine.body(number, text, html);
      this.#misses = 0;
    } catch (error) {
      // Damaged, or gone: nobody will have its text. It is said to whom opens it.
      if (error instanceof ClientError && error.code === 'not-found') return;
      this.#missed.add(number);
      this.#misses++;
    }
  }

  /** What did not come is asked for again. */
  #again(): void {
    this.#cancelAgain?.();
    this.#cancelAgain = undefined;
    this.#misses = 0;
    for (const number of this.#missed) this.#wanted.add(number);
    this.#missed.clear();
    void this.#fetch();
  }

  #oldestFirst(): number[] {
    const at = (number: number): number => this.#known.get(this.#ids.get(number)!)!.at;
    return [...this.#wanted].sort((a, b) => at(a) - at(b));
  }

  #progress(): void {
    const total = this.#known.size;
    this.#progressed({
      searched: total - this.#untold.size - this.#wanted.size - this.#missed.size,
      total,
    });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(PAUSE_MS, resolve));
  }
}

function partsOf({ subject, from, to, cc, attachments, preview }: MessageView) {
  return {
    subject,
    from: nameOf(from),
    to: [...to, ...cc].map(nameOf).join('\n'),
    files: attachments.map(({ name }) => name).join('\n'),
    preview,
  };
}

function nameOf({ name, address }: PersonView): string {
  return `${name} ${address}`;
}

/** FNV-1a, 32 bits: a part that changed is noticed, but for one in four thousand millions. */
function digestOf(parts: Readonly<Record<string, string>>): number {
  let digest = 0x811c9dc5;
  const text = Object.values(parts).join('\0');
  for (let i = 0; i < text.length; i++) digest = Math.imul(digest ^ text.charCodeAt(i), 0x01000193);
  return digest >>> 0;
}

/** Whether the node brings it to this disk. */
function bodyComes({ attachments }: MessageView): boolean {
  return attachments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= PULL_BYTES_MAX;
}
