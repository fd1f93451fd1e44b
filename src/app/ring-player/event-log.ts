/** Collects events in columns that grow. */
import { assert } from '../../core/codec/assert.ts';
import { EVENTS_MAX, eventNames, type EventLog, type EventName } from './trace.ts';

/** What a row holds besides time and name; what is left out is 0, `ref` -1. */
export interface Row {
  readonly a?: number;
  readonly b?: number;
  readonly kind?: number;
  readonly delay?: number;
  readonly ref?: number;
}

const ROWS_AT_FIRST = 4_096;

export class EventLogBuilder {
  #length = 0;
  #columns = columnsOf(ROWS_AT_FIRST);

  get length(): number {
    return this.#length;
  }

  /** Adds a row and returns its place. There must be room: see EVENTS_MAX. */
  add(atMs: number, name: EventName, { a = 0, b = 0, kind = 0, delay = 0, ref = -1 }: Row = {}): number {
    assert(this.#length < EVENTS_MAX, 'the log has room');
    const i = this.#length++;
    if (i === this.#columns.at.length)
      this.#columns = copied(this.#columns, columnsOf(Math.min(2 * i, EVENTS_MAX)));
    const columns = this.#columns;
    columns.at[i] = atMs;
    columns.name[i] = eventNames.indexOf(name);
    columns.a[i] = a;
    columns.b[i] = b;
    columns.kind[i] = kind;
    columns.delay[i] = delay;
    columns.ref[i] = ref;
    return i;
  }

  /** The log, without the room to grow. */
  finish(): EventLog {
    return { length: this.#length, ...copied(this.#columns, columnsOf(this.#length)) };
  }
}

type Columns = Omit<EventLog, 'length'>;

function columnsOf(rows: number): Columns {
  return {
    at: new Uint32Array(rows),
    name: new Uint8Array(rows),
    a: new Uint16Array(rows),
    b: new Uint16Array(rows),
    kind: new Uint8Array(rows),
    delay: new Uint16Array(rows),
    ref: new Int32Array(rows),
  };
}

function copied(from: Columns, to: Columns): Columns {
  const rows = Math.min(from.at.length, to.at.length);
  for (const name of Object.keys(to) as (keyof Columns)[]) to[name].set(from[name].subarray(0, rows));
  return to;
}

/** The first row at or after a time; `log.length` when there is none. */
export function firstAt(log: EventLog, ms: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (log.at[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
