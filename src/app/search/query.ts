/** What a person types into the search field: words, phrases and operators. Whatever is no operator is taken as text. */
import { wordsOf } from './words.ts';

/** Parts of a message in which words are looked for by name; `to` has those of `cc` too. */
export type Field = 'subject' | 'from' | 'to';

/** Words that follow each other in one part of a message, or, by `not`, do not. */
export interface TextTerm {
  readonly kind: 'text';
  /** Folded, at least one. */
  readonly words: readonly string[];
  /** Whether the last one may be the beginning of a word. */
  readonly prefix: boolean;
  /** Undefined: in any part. */
  readonly field: Field | undefined;
  readonly not: boolean;
}

/** What does not need the index. */
export type FactTerm =
  | { readonly kind: 'attachment' | 'unread' | 'starred'; readonly not: boolean }
  /** `time`: milliseconds since 1970; `before`: whether it is sent before it, or from then on. */
  | { readonly kind: 'time'; readonly time: number; readonly before: boolean; readonly not: boolean }
  | { readonly kind: 'folder' | 'label'; readonly name: string; readonly not: boolean };

export interface Fault {
  readonly kind: 'date' | 'folder' | 'label';
  /** What was typed. */
  readonly text: string;
}

export interface Query {
  readonly text: readonly TextTerm[];
  readonly facts: readonly FactTerm[];
  readonly faults: readonly Fault[];
}

interface Token {
  readonly not: boolean;
  /** In small letters. */
  readonly operator: string | undefined;
  readonly value: string;
  /** `open`: the quotation has no end yet. */
  readonly quoted: 'no' | 'open' | 'yes';
  /** As it stands there, without the minus. */
  readonly whole: string;
}

/** Quotation marks of print, which keyboards of phones write. */
const PRINTED_MARKS = /[\u201c\u201d\u201e\u201f\u00ab\u00bb]/g;
const TOKEN = /(-?)((?:(\p{L}+):)?(?:"([^"]*)("?)|(\S*)))/uy;
const FIELDS: readonly string[] = ['subject', 'from', 'to'] satisfies Field[];
const FLAGS: Readonly<Record<string, 'attachment' | 'unread' | 'starred'>> = {
  'has:attachment': 'attachment',
  'is:unread': 'unread',
  'is:starred': 'starred',
};

export function parseQuery(typed: string): Query {
  const text: TextTerm[] = [];
  const facts: FactTerm[] = [];
  const faults: Fault[] = [];
  for (const token of tokensOf(typed.replace(PRINTED_MARKS, '"'))) {
    const term = termOf(token);
    if (term === undefined) continue;
    if (term.kind === 'text') text.push(term);
    else if (term.kind === 'date') faults.push(term);
    else facts.push(term);
  }
  return { text, facts, faults };
}

/** Words that are looked for, not those that are not wanted: to be marked where they are found. */
export function wantedWords({ text }: Query): readonly string[] {
  return text.filter(({ not }) => !not).flatMap(({ words }) => words);
}

function* tokensOf(text: string): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    if (/\s/u.test(text[at]!)) {
      at++;
      continue;
    }
    TOKEN.lastIndex = at;
    const [all, minus, whole, operator, phrase, end, word] = TOKEN.exec(text)!;
    at += all.length;
    const quoted = phrase === undefined ? 'no' : end === '' ? 'open' : 'yes';
    yield {
      not: minus === '-',
      operator: operator?.toLowerCase(),
      value: phrase ?? word ?? '',
      quoted,
      whole: whole!,
    };
  }
}

function termOf(token: Token): TextTerm | FactTerm | (Fault & { readonly kind: 'date' }) | undefined {
  const { operator, value, not } = token;
  if (operator === undefined) return textTerm(token, value, undefined);
  if (FIELDS.includes(operator)) return textTerm(token, value, operator as Field);
  const flag = FLAGS[`${operator}:${value.toLowerCase()}`];
  if (flag !== undefined) return { kind: flag, not };
  if (operator === 'in' || operator === 'label') {
    const name = value.trim();
    return name === '' ? undefined : { kind: operator === 'in' ? 'folder' : 'label', name, not };
  }
  if (operator === 'before' || operator === 'after') {
    if (value === '') return undefined;
    const time = startOfDay(value);
    return time === undefined
      ? { kind: 'date', text: value }
      : { kind: 'time', time, before: operator === 'before', not };
  }
  return textTerm(token, token.whole, undefined);
}

function textTerm({ not, quoted }: Token, text: string, field: Field | undefined): TextTerm | undefined {
  const words = wordsOf(text);
  return words.length === 0
    ? undefined
    : { kind: 'text', words, prefix: !not && quoted !== 'yes', field, not };
}

/** Midnight here, of `2026-11-01`; undefined when there is no such day. */
function startOfDay(text: string): number | undefined {
  const [, year, month, day] = (/^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || year < 100) return undefined;
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : undefined;
}
