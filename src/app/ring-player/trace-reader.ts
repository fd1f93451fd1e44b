/** Reads a trace piece by piece: the first thing wrong ends it with a sentence, and nothing of it is played. */
import * as v from 'valibot';
import { refuse, ok, type Result } from '../../core/codec/result.ts';
import { EventLogBuilder } from './event-log.ts';
import {
  CUTS_MAX,
  EVENTS_MAX,
  ID_DIGITS,
  KINDS_MAX,
  LINE_LENGTH_MAX,
  LOOKUP_SENDS_MAX,
  LOOKUPS_MAX,
  TRACE_VERSION,
  traceEvent,
  traceHeader,
  type LookupEnd,
  type Trace,
  type TracedLookup,
  type TraceEvent,
  type TraceHeader,
} from './trace.ts';

interface OpenLookup extends TracedLookup {
  readonly sends: number[];
  end: LookupEnd | undefined;
}

type EventOf<E extends TraceEvent['e']> = Extract<TraceEvent, { readonly e: E }>;

/** Takes the text in pieces of any size. Refusal: `bad-trace`, with a sentence for the person who opened the file. */
export class TraceReader {
  #rest = '';
  #line = 0;
  #header: TraceHeader | undefined;
  #lastMs = 0;
  readonly #log = new EventLogBuilder();
  readonly #lookups: OpenLookup[] = [];
  readonly #placeOf = new Map<number, number>();
  readonly #cuts: (readonly number[])[] = [];
  readonly #kinds: string[] = [];

  /** Takes the next piece. After a refusal the reader is not to be used again. */
  push(text: string): Result<undefined> {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const problem = this.#take(line);
      if (problem !== undefined) return refuse('bad-trace', problem);
    }
    // A line without end must not pile up.
    if (this.#rest.length > LINE_LENGTH_MAX) return refuse('bad-trace', tooLong(this.#line + 1));
    return ok(undefined);
  }

  /** The whole trace, after the last piece. */
  finish(): Result<Trace> {
    const problem = this.#take(this.#rest);
    if (problem !== undefined) return refuse('bad-trace', problem);
    const header = this.#header;
    if (!header) return refuse('bad-trace', 'The file is empty.');
    return ok({
      seed: String(header.seed),
      nodes: header.nodes,
      roles: [...header.roles] as Trace['roles'][number][],
      endMs: header.endMs,
      events: this.#log.finish(),
      lookups: this.#lookups,
      cuts: this.#cuts,
      kinds: this.#kinds,
    });
  }

  /** The sentence that says what is wrong with this line; undefined when it is taken. */
  #take(line: string): string | undefined {
    this.#line++;
    if (line.trim() === '') return undefined;
    if (line.length > LINE_LENGTH_MAX) return tooLong(this.#line);
    const value = parsed(line);
    if (!this.#header) return this.#takeHeader(value);
    if (value === undefined) return `Line ${this.#line} is not JSON.`;
    const result = v.safeParse(traceEvent, value, { abortEarly: true });
    if (!result.success)
      return `Line ${this.#line} is not an event that this page knows: ${issueText(result.issues[0])}`;
    const problem = this.#takeEvent(result.output);
    return problem === undefined ? undefined : `Line ${this.#line}: ${problem}`;
  }

  #takeHeader(value: unknown): string | undefined {
    const version = (value as { readonly v?: unknown } | null | undefined)?.v;
    if (typeof version !== 'number')
      return 'This is not a trace of the simulator: the first line has no version.';
    if (version !== TRACE_VERSION)
      return `This trace is of version ${version}; this page plays version ${TRACE_VERSION}.`;
    const result = v.safeParse(traceHeader, value, { abortEarly: true });
    if (!result.success) return `The first line is not a trace’s header: ${issueText(result.issues[0])}`;
    const { nodes, roles } = result.output;
    if (roles.length !== nodes.length)
      return `The header has ${nodes.length} nodes, but ${roles.length} roles.`;
    if (new Set(nodes).size !== nodes.length)
      return `Two nodes of the header begin with the same ${ID_DIGITS} digits.`;
    this.#header = result.output;
    return undefined;
  }

  #takeEvent(event: TraceEvent): string | undefined {
    const { nodes, endMs } = this.#header!;
    if (event.t < this.#lastMs)
      return `the event happens at ${event.t} ms, after one at ${this.#lastMs} ms; time must not go back.`;
    if (event.t > endMs)
      return `the event happens at ${event.t} ms, but the header says that all ends at ${endMs} ms.`;
    if (this.#log.length === EVENTS_MAX)
      return `this page plays at most ${EVENTS_MAX.toLocaleString('en')} events.`;
    this.#lastMs = event.t;
    const stranger = nodesIn(event).find((node) => node >= nodes.length);
    if (stranger !== undefined)
      return `there is no node ${stranger}: the header names ${nodes.length}, from 0 on.`;
    return this.#add(event);
  }

  #add(event: TraceEvent): string | undefined {
    switch (event.e) {
      case 'link':
      case 'unlink':
        if (event.a === event.b) return `a link of node ${event.a} with itself.`;
        this.#log.add(event.t, event.e, event);
        return undefined;
      case 'send':
        return this.#addSend(event);
      case 'lookup':
        return this.#addLookup(event);
      case 'answer':
      case 'lost':
        return this.#endLookup(event);
      case 'cut':
        return this.#addCut(event);
      case 'heal':
        this.#log.add(event.t, event.e);
        return undefined;
      default:
        this.#log.add(event.t, event.e, { a: event.n });
        return undefined;
    }
  }

  #addSend({ t, e, a, b, k, d, id }: EventOf<'send'>): string | undefined {
    if (a === b) return `a message of node ${a} to itself.`;
    let kind = this.#kinds.indexOf(k);
    if (kind < 0) {
      if (this.#kinds.length === KINDS_MAX)
        return `this page plays at most ${KINDS_MAX} types of messages in one trace.`;
      kind = this.#kinds.push(k) - 1;
    }
    const ref = id === undefined ? -1 : this.#placeOf.get(id);
    if (ref === undefined) return `a message carries look-up ${id}, which nobody has asked before.`;
    const carried = this.#lookups[ref];
    if (carried?.sends.length === LOOKUP_SENDS_MAX)
      return `look-up ${id} takes more than ${LOOKUP_SENDS_MAX} messages.`;
    carried?.sends.push(this.#log.add(t, e, { a, b, kind, delay: d, ref }));
    if (!carried) this.#log.add(t, e, { a, b, kind, delay: d });
    return undefined;
  }

  #addLookup({ t, e, n, id, key }: EventOf<'lookup'>): string | undefined {
    if (this.#placeOf.has(id)) return `look-up ${id} is asked a second time.`;
    if (this.#lookups.length === LOOKUPS_MAX)
      return `this page plays at most ${LOOKUPS_MAX.toLocaleString('en')} look-ups.`;
    const ref = this.#lookups.push({ asker: n, key, askedMs: t, sends: [], end: undefined }) - 1;
    this.#placeOf.set(id, ref);
    this.#log.add(t, e, { a: n, ref });
    return undefined;
  }

  #endLookup(event: EventOf<'answer' | 'lost'>): string | undefined {
    const ref = this.#placeOf.get(event.id);
    if (ref === undefined) return `look-up ${event.id} ends, but nobody has asked it.`;
    const lookup = this.#lookups[ref]!;
    if (lookup.asker !== event.n) return `look-up ${event.id} is not node ${event.n}’s.`;
    if (lookup.end) return `look-up ${event.id} ends a second time.`;
    lookup.end =
      event.e === 'lost'
        ? { kind: 'lost', atMs: event.t }
        : { kind: 'answer', atMs: event.t, root: event.root, hops: event.hops, right: event.right };
    this.#log.add(event.t, event.e, { a: event.n, ref });
    return undefined;
  }

  #addCut({ t, e, groups }: EventOf<'cut'>): string | undefined {
    const { nodes } = this.#header!;
    if (groups.length !== nodes.length)
      return `a partition of ${groups.length} nodes, but there are ${nodes.length}.`;
    if (this.#cuts.length === CUTS_MAX) return `this page plays at most ${CUTS_MAX} partitions.`;
    this.#log.add(t, e, { ref: this.#cuts.push(groups) - 1 });
    return undefined;
  }
}

/** Reads a whole trace at once. */
export function readTrace(text: string): Result<Trace> {
  const reader = new TraceReader();
  const pushed = reader.push(text);
  return pushed.ok ? reader.finish() : pushed;
}

function nodesIn(event: TraceEvent): readonly number[] {
  if (event.e === 'cut' || event.e === 'heal') return [];
  if ('a' in event) return [event.a, event.b];
  return event.e === 'answer' ? [event.n, event.root] : [event.n];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    // `undefined` is no JSON value: the caller says which line it was.
    return undefined;
  }
}

function issueText(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? `${issue.message}.` : `bad ${path.slice(0, 40)}: ${issue.message}.`;
}

function tooLong(line: number): string {
  return `Line ${line} is longer than ${LINE_LENGTH_MAX.toLocaleString('en')} characters.`;
}
