/** A rule in plain words. */
import type { Rule } from '../../core/mail/rules.ts';
import type { OrganizationView } from '../../core/mail/views.ts';
import { listText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';
import { placeName } from '../state/places.ts';

/** “When the sender contains “bob”: move to Archive and star.” */
export function ruleText(rule: Rule, organization: OrganizationView): string {
  const { from, to, subject, hasAttachment, folder, labels, read, star } = rule;
  const conditions = [
    ...(from === null ? [] : [t.rules.fromHas({ text: from })]),
    ...(to === null ? [] : [t.rules.toHas({ text: to })]),
    ...(subject === null ? [] : [t.rules.subjectHas({ text: subject })]),
    ...(hasAttachment === null ? [] : [hasAttachment ? t.rules.hasAttachment : t.rules.hasNoAttachment]),
  ];
  const actions = [
    ...(folder === null ? [] : [t.rules.doMove({ folder: placeName(folder, organization) })]),
    ...organization.labels
      .filter(({ id }) => labels.includes(id))
      .map(({ name }) => t.rules.doLabel({ label: name })),
    ...(read ? [t.rules.doRead] : []),
    ...(star ? [t.rules.doStar] : []),
  ];
  return t.rules.summary({
    conditions: listText(conditions),
    actions: actions.length === 0 ? t.rules.doNothing : listText(actions),
  });
}
