/** A person's process, seen from the command; and what the two say to each other. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { DemoError, type Setting } from './options.ts';

/** What a person's process is told when it starts. */
export interface Part {
  /** Which of the corpus's people: 0 is Ada. */
  readonly index: number;
  /** The person's own folder. */
  readonly folder: string;
  /** Of the relay. */
  readonly url: string;
  readonly invitation: string;
  readonly setting: Setting;
}

/** `fill`: take in the year's letters; `play`: send and answer; `stop`. */
export const orderSchema = v.picklist(['fill', 'play', 'stop']);
export type Order = v.InferOutput<typeof orderSchema>;

/** What has been reached: others can write to this person; the year's letters are in the ring. */
const noteSchema = v.variant('type', [
  v.strictObject({ type: v.literal('reachable') }),
  v.strictObject({ type: v.literal('filled') }),
  v.strictObject({ type: v.literal('failed'), reason: v.string() }),
]);
export type Note = v.InferOutput<typeof noteSchema>;

/** Beside this file in the bundle. */
const PROGRAM = fileURLToPath(new URL('./person.js', import.meta.url));
/** A process that does not end in this time is killed: what it had acknowledged is on its disk. */
const STOP_MS_MAX = 8_000;

export class PersonProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #notes = new Set<Note['type']>();
  #failure: Error | undefined;
  #changed: () => void = () => undefined;

  constructor(part: Part) {
    this.#child = fork(PROGRAM, [JSON.stringify(part)], {
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => {
      const note = v.parse(noteSchema, message);
      if (note.type === 'failed') this.#failure = new DemoError(note.reason);
      else this.#notes.add(note.type);
      this.#changed();
    });
    this.#exited = new Promise((resolve) =>
      this.#child.once('exit', (code, signal) => {
        this.#failure ??= new DemoError(`A person's process ended (${signal ?? `exit code ${code}`}).`);
        this.#changed();
        resolve();
      }),
    );
  }

  order(order: Order): void {
    if (this.#child.connected) this.#child.send(order);
  }

  /** Rejects with DemoError when the process fails or ends before. One waits at a time. */
  until(type: Note['type']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#changed = () => {
        if (this.#notes.has(type)) resolve();
        else if (this.#failure !== undefined) reject(this.#failure);
      };
      this.#changed();
    });
  }

  async stop(): Promise<void> {
    this.order('stop');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS_MAX);
    await this.#exited;
    clearTimeout(timer);
  }
}
