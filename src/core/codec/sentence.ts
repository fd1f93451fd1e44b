/**
 * What core says to people stands in tables: English with named facts, by code. Sentences travel as text (in errors and
 * refusals, between tabs, over the wire, in logs on disk); a user interface finds code and facts of a text in the tables, and
 * words it in another language. What is said to counters and logs alone is in no table.
 */

export type SentenceTable = Readonly<Record<string, string>>;

type FactNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | FactNames<Rest>
  : never;

type Facts<Text extends string> = Readonly<Record<FactNames<Text>, string | number>>;

/** A function that says sentences of this table, in English: the code, and what the sentence names. */
export function sayerOf<const Table extends SentenceTable>(table: Table) {
  return <Code extends keyof Table & string>(
    code: Code,
    ...[facts]: [FactNames<Table[Code]>] extends [never] ? [] : [Facts<Table[Code]>]
  ): string => {
    const named = (facts ?? {}) as Readonly<Record<string, string | number>>;
    return table[code]!.replace(/\{(\w+)\}/g, (_, name: string) => String(named[name]));
  };
}

export interface Recognised<Code extends string> {
  readonly code: Code;
  readonly facts: Readonly<Record<string, string>>;
}

/** Longer texts are none of ours. */
const SENTENCE_CHARACTERS_MAX = 2_000;

/** A function that tells which sentence of this table a text is, with its facts as text; undefined for any other text. */
export function finderOf<const Table extends SentenceTable>(
  table: Table,
): (text: string) => Recognised<keyof Table & string> | undefined {
  let patterns: readonly (readonly [keyof Table & string, RegExp])[] | undefined;
  return (text) => {
    if (text.length > SENTENCE_CHARACTERS_MAX) return undefined;
    patterns ??= Object.entries(table).map(([code, sentence]) => [code, patternOf(sentence)]);
    for (const [code, pattern] of patterns) {
      const match = pattern.exec(text);
      if (match) return { code, facts: { ...match.groups } };
    }
    return undefined;
  };
}

function patternOf(sentence: string): RegExp {
  const literal = sentence.replace(/[.*+?^$()|[\]\\/-]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\{(\w+)\}/g, '(?<$1>.+?)')}$`, 's');
}
