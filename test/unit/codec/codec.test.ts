/** Bytes, handles, schemas and counters: rules and round trips. */
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  compareBytes,
  concat,
  equalBytes,
  fromBase32,
  fromHex,
  fromUtf8,
  toBase32,
  toHex,
  utf8,
} from '../../../src/core/codec/bytes.ts';
import { Counters, COUNTERS_MAX, NOTES_MAX } from '../../../src/core/codec/counters.ts';
import { handleText, parseHandle } from '../../../src/core/codec/handle.ts';
import { asId } from '../../../src/core/codec/id.ts';
import { bytesMax, codec, listOf, text, timeSchema, whole } from '../../../src/core/codec/schema.ts';

const bytes = fc.uint8Array({ maxLength: 64 }).map((some) => new Uint8Array(some));

describe('bytes', () => {
  it('come back from hexadecimal, base32 and UTF-8', () => {
    fc.assert(
      fc.property(bytes, fc.string({ unit: 'grapheme' }), (some, typed) => {
        expect(fromHex(toHex(some))).toEqual(some);
        expect(fromBase32(toBase32(some))).toEqual(some);
        expect(fromUtf8(utf8(typed))).toBe(typed);
      }),
    );
  });

  it('compare like their texts, and are equal only to themselves', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const order = toHex(a) < toHex(b) ? -1 : toHex(a) > toHex(b) ? 1 : 0;
        expect(Math.sign(compareBytes(a, b))).toBe(order);
        expect(equalBytes(a, b)).toBe(order === 0);
        expect(equalBytes(concat(a, b), concat(a, b))).toBe(true);
      }),
    );
  });

  it.each(['0', 'xy', '0g', ' 00'])('are not read from %j', (hex) => {
    expect(() => fromHex(hex)).toThrow(TypeError);
  });
});

describe('a handle', () => {
  const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((some) => asId(new Uint8Array(some)));

  it('comes back from its text', () => {
    fc.assert(
      fc.property(id, id, (ring, key) => {
        expect(parseHandle(handleText({ ring, key }))).toEqual({ ok: true, value: { ring, key } });
      }),
    );
  });

  it.each(['', 'post:', 'post:b/b', `post:${toBase32(new Uint8Array(31))}/${toBase32(new Uint8Array(32))}`])(
    'is not %j',
    (typed) => expect(parseHandle(typed)).toMatchObject({ ok: false, code: 'malformed' }),
  );
});

describe('a codec', () => {
  const body = v.strictObject({
    v: v.literal(3),
    name: text(5),
    items: listOf(whole(9), 2),
    data: bytesMax(4),
  });
  const point = codec('point', body, 64);
  const value = { v: 3 as const, name: 'five5', items: [1, 9], data: Uint8Array.of(1, 2) };
  const decode = (changes: object) =>
    point.decode(codec('any', v.any(), 1000).encode({ ...value, ...changes }));

  it('gives back what it was given, in the same bytes whatever the order of the fields', () => {
    expect(point.decode(point.encode(value))).toEqual({ ok: true, value });
    const { v: version, ...rest } = value;
    expect(point.encode({ ...rest, v: version })).toEqual(point.encode(value));
  });

  it.each([
    ['another version', 'unknown-version', { v: 4 }],
    ['no version', 'unknown-version', { v: null }],
    ['a text too long', 'bad-schema', { name: 'sixsix' }],
    ['a number too large', 'bad-schema', { items: [10] }],
    ['a negative number', 'bad-schema', { items: [-1] }],
    ['a fraction', 'bad-schema', { items: [0.5] }],
    ['a list too long', 'bad-schema', { items: [1, 2, 3] }],
    ['bytes too long', 'bad-schema', { data: new Uint8Array(5) }],
    ['a field too many', 'bad-schema', { more: 1 }],
    ['too many bytes', 'too-large', { data: new Uint8Array(100) }],
  ])('refuses %s', (_, code, changes) => {
    expect(decode(changes)).toMatchObject({ ok: false, code });
  });

  it('finds the version of a signed format in its body', () => {
    const signed = codec('signed point', v.strictObject({ body, signature: bytesMax(1) }), 128);
    const other = codec('any', v.any(), 1000).encode({
      body: { ...value, v: 4 },
      signature: new Uint8Array(1),
    });
    expect(signed.decode(other)).toMatchObject({ ok: false, code: 'unknown-version' });
  });
});

describe('counters', () => {
  it('count by area and code, remember the last sentences, and are bounded', () => {
    const counters = new Counters(() => 7);
    for (let i = 0; i < NOTES_MAX + 5; i++)
      counters.refused('network', { code: 'too-large', reason: `frame ${i}` });
    expect(counters.get('network.too-large')).toBe(NOTES_MAX + 5);
    expect(counters.notes()).toHaveLength(NOTES_MAX);
    expect(counters.notes().at(-1)).toEqual({
      at: 7,
      area: 'network',
      code: 'too-large',
      reason: `frame ${NOTES_MAX + 4}`,
    });
    for (let i = 0; i < 2 * COUNTERS_MAX; i++) counters.add(`name ${i}`);
    expect(counters.counts()).toHaveLength(COUNTERS_MAX + 1);
    expect(counters.get('other.other')).toBe(COUNTERS_MAX + 1);
  });
});

describe('a time', () => {
  it('is always a date that can be shown', () => {
    const format = codec('stamp', v.strictObject({ v: v.literal(1), at: timeSchema }), 64);
    for (const at of [8.64e15 + 1, Number.MAX_SAFE_INTEGER])
      expect(format.decode(format.encode({ v: 1, at }))).toMatchObject({ ok: false, code: 'bad-schema' });
    const last = format.decode(format.encode({ v: 1, at: 8.64e15 }));
    expect(last.ok && new Date(last.value.at).toISOString()).toBe('+275760-09-13T00:00:00.000Z');
  });
});
