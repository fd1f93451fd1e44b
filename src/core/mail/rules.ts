/** Rules: what happens by itself to mail that arrives. All conditions of a rule must hold; all rules that fit are applied. */
import * as v from 'valibot';
import { listOf, text, whole } from '../codec/schema.ts';
import { folderSchema, labelIdSchema, type Folder, type LabelId } from './folders.ts';
import type { Correspondent } from './headers.ts';

export const RULE_ID_BYTES = 8;
/** Rules that a mailbox has. */
export const RULES_MAX = 200;
/** Characters of a condition. */
export const CONDITION_CHARS_MAX = 200;
const LABELS_MAX = 20;

const condition = v.nullable(text(CONDITION_CHARS_MAX));

export const ruleSchema = v.strictObject({
  /** Rules are applied in this order; of two that move, the last one counts. */
  place: whole(1_000_000),
  /** Part of the sender's name or address. */
  from: condition,
  /** Part of the name or address of anybody it is written to. */
  to: condition,
  subject: condition,
  hasAttachment: v.nullable(v.boolean()),
  /** What is done: at least one of these. */
  folder: v.nullable(folderSchema),
  labels: listOf(labelIdSchema, LABELS_MAX),
  read: v.boolean(),
  star: v.boolean(),
});
export type Rule = v.InferOutput<typeof ruleSchema>;

/** What rules look at: the headers of a message that comes, or the view of one that is here. */
export interface Ruled {
  readonly from: Correspondent;
  readonly to: readonly Correspondent[];
  readonly cc: readonly Correspondent[];
  readonly subject: string;
  readonly attachments: readonly unknown[];
}

/** What the rules say of one message. */
export interface Ruling {
  readonly folder: Folder | undefined;
  readonly labels: readonly LabelId[];
  readonly read: boolean;
  readonly star: boolean;
}

/** A rule without a condition fits nothing: it would move all mail by mistake. */
export function fits(rule: Rule, headers: Ruled): boolean {
  const { from, to, subject, hasAttachment } = rule;
  if (from === null && to === null && subject === null && hasAttachment === null) return false;
  const people = [...headers.to, ...headers.cc];
  return (
    (from === null || mentions(from, [headers.from.name, headers.from.address])) &&
    (to === null ||
      mentions(
        to,
        people.flatMap(({ name, address }) => [name, address]),
      )) &&
    (subject === null || mentions(subject, [headers.subject])) &&
    (hasAttachment === null || hasAttachment === headers.attachments.length > 0)
  );
}

/** `rules` in any order. */
export function rulingOf(rules: readonly Rule[], headers: Ruled): Ruling {
  const fitting = rules.filter((rule) => fits(rule, headers)).sort((a, b) => a.place - b.place);
  return {
    folder: fitting.findLast(({ folder }) => folder !== null)?.folder ?? undefined,
    labels: [...new Set(fitting.flatMap(({ labels }) => labels))],
    read: fitting.some(({ read }) => read),
    star: fitting.some(({ star }) => star),
  };
}

function mentions(part: string, texts: readonly string[]): boolean {
  const wanted = part.trim().toLowerCase();
  return wanted !== '' && texts.some((one) => one.toLowerCase().includes(wanted));
}
