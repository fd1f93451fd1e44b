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
  return people.map((person) => person.address).join(', ');
}

/** The part being typed after the last comma, and what stands before it. */
export function lastRecipient(typed: string): { readonly before: string; readonly typing: string } {
  const comma = Math.max(typed.lastIndexOf(','), typed.lastIndexOf(';'));
  const before = typed.slice(0, comma + 1);
  return { before: before === '' ? '' : `${before} `, typing: typed.slice(comma + 1).trim() };
}

/** A comma in a quoted display name ("Lovelace, Ada" <ada@example.org>) parts nothing. */
function splitOutsideQuotes(typed: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const character of typed) {
    if (character === '"') quoted = !quoted;
    if (!quoted && /[,;\n]/.test(character)) {
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
