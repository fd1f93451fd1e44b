/** Deterministic DAG-CBOR with one valibot schema per format; whatever comes from a peer is decoded here. */
import * as v from 'valibot';
import { acceptorOf } from './acceptor.ts';
import type { Bytes } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { ID_BYTES, type Id } from './id.ts';
import { refuse, ok, type Result } from './result.ts';

/** Encodes and decodes one format. */
export interface Codec<T> {
  readonly name: string;
  readonly schema: v.GenericSchema<unknown, T>;
  encode(value: T): Bytes;
  /** Refusals: `too-large`, `malformed`, `unknown-version`, `bad-schema`. Never throws. */
  decode(bytes: Uint8Array): Result<T>;
}

/**
 * A format named `name` (as in sentences), of version `schema.v`, at most `maxBytes` long. A value whose
 * `v` differs from the schema's is refused as an unknown version before anything else is looked at.
 */
export function codec<S extends v.GenericSchema>(
  name: string,
  schema: S,
  maxBytes: number,
): Codec<v.InferOutput<S>> {
  const version = expectedVersion(schema);
  const accepts = acceptorOf(schema);
  return {
    name,
    schema: schema as unknown as v.GenericSchema<unknown, v.InferOutput<S>>,
    encode: (value) => encodeCbor(value),
    decode(bytes) {
      if (bytes.length > maxBytes)
        return refuse(
          'too-large',
          `${withArticle(name)} of ${bytes.length} bytes is over the limit of ${maxBytes}`,
        );
      const decoded = decodeCbor(bytes);
      if (!decoded.ok)
        return refuse('malformed', `${withArticle(name)} that is not DAG-CBOR: ${decoded.reason}`);
      const found = versionIn(decoded.value);
      if (version !== undefined && found !== version)
        return refuse(
          'unknown-version',
          `${withArticle(name)} of unknown version ${String(found).slice(0, 20)}`,
        );
      if (accepts?.(decoded.value) === true) return ok(decoded.value as v.InferOutput<S>);
      return validate(name, schema, decoded.value);
    },
  };
}

/** Checks a value that is already decoded. */
export function validate<S extends v.GenericSchema>(
  name: string,
  schema: S,
  value: unknown,
): Result<v.InferOutput<S>> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return ok(result.output);
  const issue = result.issues[0];
  return refuse(
    'bad-schema',
    `${withArticle(name)} with a bad ${v.getDotPath(issue) ?? 'form'}: ${issue.message}`,
  );
}

function withArticle(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

interface ObjectSchema {
  readonly entries?: Readonly<Record<string, ObjectSchema & { readonly literal?: unknown }>>;
}

/** The version literal of a strict object schema: its own `v`, or that of its signed `body`. */
function expectedVersion(schema: v.GenericSchema): number | undefined {
  const { entries } = schema as ObjectSchema;
  const literal = entries?.['v']?.literal ?? entries?.['body']?.entries?.['v']?.literal;
  return typeof literal === 'number' ? literal : undefined;
}

function versionIn(value: unknown): unknown {
  const object = value as { v?: unknown; body?: { v?: unknown } | null } | null | undefined;
  return object?.v ?? object?.body?.v;
}

/** Bytes of any length up to `max`. */
export function bytesMax(max: number) {
  return v.custom<Bytes>(
    (value) => value instanceof Uint8Array && value.length <= max,
    `bytes, at most ${max}`,
  );
}

/** Exactly `length` bytes. */
export function bytesOf(length: number) {
  return v.custom<Bytes>(
    (value) => value instanceof Uint8Array && value.length === length,
    `${length} bytes`,
  );
}

/** An id: 32 bytes. */
export const idSchema = v.custom<Id>(
  (value) => value instanceof Uint8Array && value.length === ID_BYTES,
  `${ID_BYTES} bytes`,
);

/** A whole number, 0 ≤ n ≤ max. */
export function whole(max: number = Number.MAX_SAFE_INTEGER) {
  return v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(max));
}

/** Milliseconds since 1970, up to the last one that is a date (ECMA-262, 21.4.1.1): what is decoded can be shown. */
export const timeSchema = whole(8.64e15);

/** Text of at most `max` UTF-16 units. */
export function text(max: number) {
  return v.pipe(v.string(), v.maxLength(max));
}

/** A list of at most `max` items. */
export function listOf<S extends v.GenericSchema>(item: S, max: number) {
  return v.pipe(v.array(item), v.maxLength(max));
}

type TaggedSchema<K extends string> = v.GenericSchema & {
  readonly entries: { readonly [name in K]: { readonly literal: string } };
};

/** Of several strict objects the one whose literal `key` the value has. Takes as long for the last as for the first. */
export function taggedBy<K extends string, S extends TaggedSchema<K>>(key: K, schemas: readonly S[]) {
  const byTag = new Map<unknown, S>(schemas.map((schema) => [schema.entries[key].literal, schema]));
  const tags = schemas.map((schema) => schema.entries[key].literal);
  // Says which tags there are; never accepts.
  const unknownTag = v.object({ [key]: v.picklist(tags) }) as unknown as S;
  return v.lazy(
    (value) => byTag.get((value as Readonly<Record<string, unknown>> | null)?.[key]) ?? unknownTag,
  );
}
