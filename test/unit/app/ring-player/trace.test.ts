import { describe, expect, test } from 'vitest';
import '../../../support/english.ts';
import { EventLogBuilder, firstAt } from '../../../../src/app/ring-player/event-log.ts';
import {
  eventNames,
  KINDS_MAX,
  LINE_LENGTH_MAX,
  LOOKUP_SENDS_MAX,
  CUTS_MAX,
  type TraceEvent,
} from '../../../../src/app/ring-player/trace.ts';
import { readStream } from '../../../../src/app/ring-player/load.ts';
import { readTrace, TraceReader } from '../../../../src/app/ring-player/trace-reader.ts';
import { headerOf, story, traceText } from './sample-trace.ts';
import { traceOf } from './trace-of.ts';

const header = headerOf(3, 1_000);
const asked: TraceEvent = { t: 1, e: 'lookup', n: 0, id: 5, key: '0123456789abc' };

function reasonOf(text: string): string {
  const result = readTrace(text);
  return result.ok ? 'none' : result.reason;
}

describe('a good trace', () => {
  test('is read into columns, look-ups and partitions', () => {
    const trace = traceOf(header, [
      { t: 0, e: 'up', n: 2 },
      { t: 1, e: 'lookup', n: 2, id: 90, key: '0123456789abc' },
      { t: 1, e: 'send', a: 2, b: 0, k: 'lookup', d: 40, id: 90 },
      { t: 3, e: 'send', a: 0, b: 1, k: 'probe', d: 7 },
      { t: 41, e: 'answer', n: 2, id: 90, root: 0, hops: 1, right: true },
      { t: 50, e: 'cut', groups: [0, 1, 0] },
    ]);
    expect(trace).toMatchObject({
      seed: '7',
      roles: ['r', 't', 't'],
      endMs: 1_000,
      kinds: ['lookup', 'probe'],
    });
    const { events } = trace;
    expect(Array.from(events.name, (name) => eventNames[name])).toEqual([
      'up',
      'lookup',
      'send',
      'send',
      'answer',
      'cut',
    ]);
    expect([...events.at]).toEqual([0, 1, 1, 3, 41, 50]);
    expect([events.a[2], events.b[2], events.delay[2], events.kind[3]]).toEqual([2, 0, 40, 1]);
    expect([...events.ref]).toEqual([-1, 0, 0, -1, 0, 0]);
    expect(trace.lookups).toEqual([
      {
        asker: 2,
        key: '0123456789abc',
        askedMs: 1,
        sends: [2],
        end: { kind: 'answer', atMs: 41, root: 0, hops: 1, right: true },
      },
    ]);
    expect(trace.cuts).toEqual([[0, 1, 0]]);
  });

  test('is the same in whatever pieces it comes, with empty lines and without the last line’s end', () => {
    const text = traceText(headerOf(12, 60_000), story(12));
    const whole = readTrace(text);
    for (const size of [5, 1_000]) {
      const reader = new TraceReader();
      for (let i = 0; i < text.length; i += size) expect(reader.push(text.slice(i, i + size)).ok).toBe(true);
      expect(reader.finish()).toEqual(whole);
    }
    expect(readTrace(text.replaceAll('\n', '\r\n\n').trimEnd())).toEqual(whole);
  });

  test('may be a header alone', () => {
    expect(readTrace(traceText(header, []))).toMatchObject({ ok: true, value: { events: { length: 0 } } });
  });
});

describe('a bad trace gives one sentence', () => {
  const head = JSON.stringify(header);
  const after = (...events: readonly unknown[]): string =>
    [header, ...events].map((event) => JSON.stringify(event)).join('\n');

  test.each<[string, string, RegExp]>([
    ['nothing', '', /file is empty/],
    ['empty lines', '\n\n', /file is empty/],
    ['no JSON', 'hello', /not a trace of the simulator/],
    ['another kind of file', '{"name":"epost"}', /not a trace of the simulator/],
    ['another version', head.replace('"v":1', '"v":2'), /version 2; this page plays version 1/],
    ['no nodes', JSON.stringify({ ...header, nodes: [] }), /header: bad nodes/],
    ['a short id', JSON.stringify({ ...header, nodes: ['12', '34', '56'] }), /13 hexadecimal digits/],
    ['too few roles', JSON.stringify({ ...header, roles: 'tt' }), /3 nodes, but 2 roles/],
    ['unknown roles', JSON.stringify({ ...header, roles: 'txt' }), /bad roles/],
    ['a node twice', JSON.stringify({ ...header, nodes: Array(3).fill('0123456789abc') }), /same 13 digits/],
    ['too long', JSON.stringify({ ...header, endMs: 9e9 }), /bad endMs/],
    ['a line that is no JSON', `${head}\n{"t":`, /^Line 2 is not JSON/],
    ['a line that is no object', after(7), /^Line 2 is not an event/],
    [
      'an unknown event',
      after({ t: 0, e: 'dance', n: 0 }),
      /^Line 2 is not an event that this page knows: bad e/,
    ],
    ['an unknown field', after({ t: 0, e: 'up', n: 0, x: 1 }), /bad x/],
    ['half a millisecond', after({ t: 0.5, e: 'up', n: 0 }), /bad t/],
    ['a stranger', after({ t: 0, e: 'up', n: 3 }), /Line 2: there is no node 3: the header names 3/],
    [
      'a stranger as root',
      after(asked, { t: 2, e: 'answer', n: 0, id: 5, root: 9, hops: 1, right: true }),
      /no node 9/,
    ],
    [
      'time that goes back',
      after({ t: 5, e: 'heal' }, { t: 4, e: 'heal' }),
      /Line 3: .* time must not go back/,
    ],
    ['an event after the end', after({ t: 1_001, e: 'heal' }), /ends at 1000 ms/],
    ['a link with oneself', after({ t: 0, e: 'link', a: 1, b: 1 }), /node 1 with itself/],
    ['a message to oneself', after({ t: 0, e: 'send', a: 1, b: 1, k: 'probe', d: 1 }), /node 1 to itself/],
    ['a type with spaces', after({ t: 0, e: 'send', a: 1, b: 2, k: 'a b', d: 1 }), /bad k/],
    ['an endless way', after({ t: 0, e: 'send', a: 1, b: 2, k: 'a', d: 60_001 }), /bad d/],
    [
      'a message of no look-up',
      after({ t: 0, e: 'send', a: 1, b: 2, k: 'a', d: 1, id: 4 }),
      /nobody has asked/,
    ],
    ['a look-up twice', after(asked, asked), /asked a second time/],
    ['an answer without question', after({ t: 1, e: 'lost', n: 0, id: 5 }), /nobody has asked it/],
    ['an answer to another', after(asked, { t: 1, e: 'lost', n: 1, id: 5 }), /not node 1’s/],
    [
      'two ends',
      after(asked, { t: 1, e: 'lost', n: 0, id: 5 }, { t: 1, e: 'lost', n: 0, id: 5 }),
      /a second time/,
    ],
    ['a partition of others', after({ t: 0, e: 'cut', groups: [0, 1] }), /of 2 nodes, but there are 3/],
    ['too many groups', after({ t: 0, e: 'cut', groups: [0, 1, 8] }), /bad groups.2/],
  ])('%s', (_, text, reason) => {
    expect(reasonOf(text)).toMatch(reason);
  });

  test('tables have their bounds', () => {
    const cut: TraceEvent = { t: 1, e: 'cut', groups: [0, 0, 1] };
    const send = (i: number): TraceEvent => ({
      t: 1,
      e: 'send',
      a: 0,
      b: 1,
      k: `k${'x'.repeat(i % 32)}`,
      d: 1,
    });
    const typed = (i: number): TraceEvent =>
      ({ ...send(0), k: `${'ab'[i & 1]}${'x'.repeat(i >> 1)}` }) as TraceEvent;
    const carried: TraceEvent = { t: 1, e: 'send', a: 0, b: 1, k: 'lookup', d: 1, id: 5 };
    const repeated = (count: number, one: (i: number) => TraceEvent): TraceEvent[] =>
      Array.from({ length: count }, (_, i) => one(i));
    expect(
      reasonOf(
        traceText(
          header,
          repeated(CUTS_MAX, () => cut),
        ),
      ),
    ).toBe('none');
    expect(
      reasonOf(
        traceText(
          header,
          repeated(CUTS_MAX + 1, () => cut),
        ),
      ),
    ).toMatch(/at most 256 partitions/);
    expect(reasonOf(traceText(header, repeated(KINDS_MAX - 2, typed)))).toBe('none');
    expect(reasonOf(traceText(header, [asked, ...repeated(LOOKUP_SENDS_MAX, () => carried)]))).toBe('none');
    expect(reasonOf(traceText(header, [asked, ...repeated(LOOKUP_SENDS_MAX + 1, () => carried)]))).toMatch(
      /more than 1,024 messages/,
    );
    const types = repeated(
      KINDS_MAX + 1,
      (i) => ({ ...send(0), k: `a-${'abcdefgh'[i & 7]}${'abcdefghi'[i >> 3]}` }) as TraceEvent,
    );
    expect(reasonOf(traceText(header, types))).toMatch(/at most 64 types/);
  });

  test('a line without end is refused before it piles up', () => {
    const reader = new TraceReader();
    expect(reader.push('x'.repeat(LINE_LENGTH_MAX)).ok).toBe(true);
    expect(reader.push('x')).toMatchObject({ ok: false, code: 'bad-trace' });
  });
});

describe('a stream', () => {
  const bytes = new TextEncoder().encode(traceText(headerOf(12, 60_000), story(12)));
  const streamOf = (...pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
  const reading = (signal = new AbortController().signal) => ({ progress: () => undefined, signal });

  test('gives the same trace as the text, cut within a character or not', async () => {
    const whole = readTrace(new TextDecoder().decode(bytes));
    expect(await readStream(streamOf(bytes.subarray(0, 1_001), bytes.subarray(1_001)), reading())).toEqual(
      whole,
    );
  });

  test('that is no text is refused, and so is one that ends within a character', async () => {
    const reason = /not a text file/;
    expect(await readStream(streamOf(Uint8Array.of(0xff, 0xfe)), reading())).toMatchObject({
      reason: expect.stringMatching(reason) as unknown,
    });
    expect(await readStream(streamOf(bytes, Uint8Array.of(0xe2, 0x82)), reading())).toMatchObject({
      reason: expect.stringMatching(reason) as unknown,
    });
  });

  test('that breaks off is said; one that is bad is not read on', async () => {
    let cancelled = false;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new DOMException('gone', 'NotReadableError'));
      },
    });
    const bad = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('hello\n')),
      cancel: () => void (cancelled = true),
    });
    expect(await readStream(broken, reading())).toMatchObject({ ok: false, code: 'unavailable' });
    expect(await readStream(bad, reading())).toMatchObject({ ok: false, code: 'bad-trace' });
    expect(cancelled).toBe(true);
  });

  test('that nobody wants any more ends with the signal’s reason', async () => {
    const ending = new AbortController();
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('\n')),
    });
    const read = readStream(endless, reading(ending.signal));
    ending.abort(new Error('another file'));
    await expect(read).rejects.toThrow('another file');
  });
});

describe('the log of events', () => {
  test('grows, and finds the first event of a time', () => {
    const builder = new EventLogBuilder();
    for (let i = 0; i < 10_000; i++) builder.add(2 * (i >> 1), 'up', { a: i % 100 });
    const log = builder.finish();
    expect(log.length).toBe(10_000);
    expect(log.at.length).toBe(10_000);
    expect([log.a[9_999], log.at[9_999]]).toEqual([99, 9_998]);
    expect([0, 1, 2, 9_998, 9_999].map((ms) => firstAt(log, ms))).toEqual([0, 2, 2, 9_998, 10_000]);
  });
});
