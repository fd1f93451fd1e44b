/** Reads a trace piece by piece: the first thing wrong ends it with a sentence, and nothing of it is played. */
import * as v from 'valibot';
import { refuse, ok, type Result } from '../../core/codec/result.ts';
import { t } from '../i18n/translate.svelte.ts';
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
    if (!header) return refuse('bad-trace', t.trace.empty);
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
    if (value === undefined) return t.trace.notJson({ line: this.#line });
    const result = v.safeParse(traceEvent, value, { abortEarly: true });
    if (!result.success) return t.trace.notEvent({ line: this.#line, issue: issueText(result.issues[0]) });
    const problem = this.#takeEvent(result.output);
    return problem === undefined ? undefined : t.trace.atLine({ line: this.#line, problem });
  }

  #takeHeader(value: unknown): string | undefined {
    const version = (value as { readonly v?: unknown } | null | undefined)?.v;
    if (typeof version !== 'number') return t.trace.noVersion;
    if (version !== TRACE_VERSION) return t.trace.otherVersion({ version, played: TRACE_VERSION });
    const result = v.safeParse(traceHeader, value, { abortEarly: true });
    if (!result.success) return t.trace.notHeader({ issue: issueText(result.issues[0]) });
    const { nodes, roles } = result.output;
    if (roles.length !== nodes.length) return t.trace.roles({ nodes: nodes.length, roles: roles.length });
    if (new Set(nodes).size !== nodes.length) return t.trace.twins({ digits: ID_DIGITS });
    this.#header = result.output;
    return undefined;
  }

  #takeEvent(event: TraceEvent): string | undefined {
    const { nodes, endMs } = this.#header!;
    if (event.t < this.#lastMs) return t.trace.backwards({ at: event.t, last: this.#lastMs });
    if (event.t > endMs) return t.trace.afterEnd({ at: event.t, end: endMs });
    if (this.#log.length === EVENTS_MAX) return t.trace.eventsMax({ max: EVENTS_MAX });
    this.#lastMs = event.t;
    const stranger = nodesIn(event).find((node) => node >= nodes.length);
    if (stranger !== undefined) return t.trace.noNode({ node: stranger, nodes: nodes.length });
    return this.#add(event);
  }

  #add(event: TraceEvent): string | undefined {
    switch (event.e) {
      case 'link':
      case 'unlink':
        if (event.a === event.b) return t.trace.ownLink({ node: event.a });
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

  #addSend({ t: atMs, e, a, b, k, d, id }: EventOf<'send'>): string | undefined {
    if (a === b) return t.trace.ownMessage({ node: a });
    let kind = this.#kinds.indexOf(k);
    if (kind < 0) {
      if (this.#kinds.length === KINDS_MAX) return t.trace.kindsMax({ max: KINDS_MAX });
      kind = this.#kinds.push(k) - 1;
    }
    const ref = id === undefined ? -1 : this.#placeOf.get(id);
    if (ref === undefined) return t.trace.strangeCargo({ id: String(id) });
    const carried = this.#lookups[ref];
    if (carried?.sends.length === LOOKUP_SENDS_MAX)
      return t.trace.sendsMax({ id: String(id), max: LOOKUP_SENDS_MAX });
    carried?.sends.push(this.#log.add(atMs, e, { a, b, kind, delay: d, ref }));
    if (!carried) this.#log.add(atMs, e, { a, b, kind, delay: d });
    return undefined;
  }

  #addLookup({ t: atMs, e, n, id, key }: EventOf<'lookup'>): string | undefined {
    if (this.#placeOf.has(id)) return t.trace.askedTwice({ id });
    if (this.#lookups.length === LOOKUPS_MAX) return t.trace.lookupsMax({ max: LOOKUPS_MAX });
    const ref = this.#lookups.push({ asker: n, key, askedMs: atMs, sends: [], end: undefined }) - 1;
    this.#placeOf.set(id, ref);
    this.#log.add(atMs, e, { a: n, ref });
    return undefined;
  }

  #endLookup(event: EventOf<'answer' | 'lost'>): string | undefined {
    const ref = this.#placeOf.get(event.id);
    if (ref === undefined) return t.trace.endsUnasked({ id: event.id });
    const lookup = this.#lookups[ref]!;
    if (lookup.asker !== event.n) return t.trace.foreignLookup({ id: event.id, node: event.n });
    if (lookup.end) return t.trace.endsTwice({ id: event.id });
    lookup.end =
      event.e === 'lost'
        ? { kind: 'lost', atMs: event.t }
        : { kind: 'answer', atMs: event.t, root: event.root, hops: event.hops, right: event.right };
    this.#log.add(event.t, event.e, { a: event.n, ref });
    return undefined;
  }

  #addCut({ t: atMs, e, groups }: EventOf<'cut'>): string | undefined {
    const { nodes } = this.#header!;
    if (groups.length !== nodes.length)
      return t.trace.partition({ groups: groups.length, nodes: nodes.length });
    if (this.#cuts.length === CUTS_MAX) return t.trace.cutsMax({ max: CUTS_MAX });
    this.#log.add(atMs, e, { ref: this.#cuts.push(groups) - 1 });
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

/** Where it is wrong, and what stands there, cut. */
function issueText(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const received = issue.received.slice(0, 40);
  if (issue.type === 'regex' && path?.startsWith('nodes.'))
    return t.trace.issueId({ path, received, digits: ID_DIGITS });
  return path === null ? t.trace.issue({ received }) : t.trace.issueAt({ path: path.slice(0, 40), received });
}

function tooLong(line: number): string {
  return t.trace.lineMax({ line, max: LINE_LENGTH_MAX });
}
