/** A rule as the form has it: fields that are empty instead of `null`, and what is missing in it. */
import type { Folder, LabelId } from '../../core/mail/folders.ts';
import type { Rule } from '../../core/mail/rules.ts';

export const attachmentChoices = ['any', 'with', 'without'] as const;

export interface RuleDraft {
  from: string;
  to: string;
  subject: string;
  attachment: (typeof attachmentChoices)[number];
  /** Empty: it stays where it is. */
  folder: Folder | '';
  labels: LabelId[];
  read: boolean;
  star: boolean;
}

/** `undefined`: a new one. */
export function draftOf(rule: Rule | undefined): RuleDraft {
  return {
    from: rule?.from ?? '',
    to: rule?.to ?? '',
    subject: rule?.subject ?? '',
    attachment: attachmentOf(rule?.hasAttachment ?? null),
    folder: rule?.folder ?? '',
    labels: [...(rule?.labels ?? [])],
    read: rule?.read ?? false,
    star: rule?.star ?? false,
  };
}

function attachmentOf(wanted: boolean | null): RuleDraft['attachment'] {
  if (wanted === null) return 'any';
  return wanted ? 'with' : 'without';
}

export function ruleOf(draft: RuleDraft, place: number): Rule {
  const { from, to, subject, attachment, folder, labels, read, star } = draft;
  return {
    place,
    from: from.trim() || null,
    to: to.trim() || null,
    subject: subject.trim() || null,
    hasAttachment: attachment === 'any' ? null : attachment === 'with',
    folder: folder || null,
    labels: [...labels],
    read,
    star,
  };
}

/** Without a condition a rule fits nothing; without an action it does nothing. */
export function missingIn({ from, to, subject, hasAttachment, folder, labels, read, star }: Rule): {
  readonly condition: boolean;
  readonly action: boolean;
} {
  return {
    condition: from === null && to === null && subject === null && hasAttachment === null,
    action: folder === null && labels.length === 0 && !read && !star,
  };
}

/** The rule at `from` goes to `to`: which rules have another place then. */
export function reordered(
  rules: readonly { readonly id: string; readonly rule: Rule }[],
  from: number,
  to: number,
): readonly { readonly id: string; readonly rule: Rule }[] {
  const order = [...rules];
  order.splice(to, 0, ...order.splice(from, 1));
  return order.flatMap(({ id, rule }, place) =>
    rule.place === place ? [] : [{ id, rule: { ...rule, place } }],
  );
}
