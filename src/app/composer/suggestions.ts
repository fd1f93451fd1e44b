/** Whom one may mean while typing. */
import type { PersonView } from '../../core/mail/views.ts';
import { parseRecipients, typedRecipients } from '../format/recipients.ts';

/** People offered at once. */
export const SUGGESTIONS_MAX = 5;

/** People whose address, or a word of whose name, begins with what is being typed, unless they are named already. */
export function suggestPeople(known: readonly PersonView[], typed: string): readonly PersonView[] {
  const { done, typing } = typedRecipients(typed);
  const start = typing.trim().toLowerCase();
  if (start === '') return [];
  const named = new Set(parseRecipients(done.join()).map((recipient) => recipient.toLowerCase()));
  const fits = (person: PersonView): boolean =>
    person.address.startsWith(start) ||
    person.name.toLowerCase().startsWith(start) ||
    person.name
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(start));
  return known
    .filter((person) => !named.has(person.address) && person.address !== start && fits(person))
    .slice(0, SUGGESTIONS_MAX);
}
