/** Recipients as typed: names or addresses with commas between, as people also paste them from other programs. */
import type { PersonView } from '../../core/mail/views.ts';

/**
 * `bob, Ada Lovelace <ada@example.org>; carol@example.org` → `bob`, `ada@example.org`, `carol@example.org`. Each one
 * once, in the order typed.
 */
export function parseRecipients(typed: string): readonly string[] {
  const found = splitOutsideQuotes(typed)
    .map(addressIn)
    .filter((recipient) => recipient !== '');
  const seen = new Set<string>();
  return found.filter((recipient) => {
    const key = recipient.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Text for the field, with room to go on typing. */
export function recipientsText(people: readonly PersonView[]): string {
  return joinRecipients({ done: people.map((person) => person.address), typing: '' });
}

/** What stands in the field: recipients behind each of which there is a comma, and what is being typed. */
export interface TypedRecipients {
  /** As they were typed, none empty: `bob`, `Ada <ada@example.org>`. */
  readonly done: readonly string[];
  readonly typing: string;
}

export function typedRecipients(typed: string): TypedRecipients {
  const parts = splitOutsideQuotes(typed);
  const done = parts.slice(0, -1).map((part) => part.trim());
  return { done: done.filter((part) => part !== ''), typing: parts.at(-1)!.trimStart() };
}

/** The text that `typedRecipients` parts again. */
export function joinRecipients({ done, typing }: TypedRecipients): string {
  return done.map((recipient) => `${recipient}, `).join('') + typing;
}

/** A comma in a quoted display name ("Lovelace, Ada" <ada@example.org>) parts nothing. */
function splitOutsideQuotes(typed: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const character of typed) {
    if (character === '"') quoted = !quoted;
    if (!quoted && /[,;\r\n\t]/.test(character)) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part];
}

function addressIn(part: string): string {
  const angled = /<([^<>]*)>\s*$/.exec(part);
  return (angled ? angled[1]! : part).trim();
}
