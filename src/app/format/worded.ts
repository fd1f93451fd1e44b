/** What core says, in the language that is shown. */
import { recognised } from '../../core/node/sentences.ts';
import { t } from '../i18n/translate.svelte.ts';
import { dayDate } from './dates.ts';

/** Facts that are sentences themselves. */
const SENTENCES: ReadonlySet<string> = new Set(['reason', 'notice']);

/** A sentence of core's, or a refusal's reason, as the catalogue words it; any other text as it is. */
export function worded(text: string): string {
  const known = recognised(text);
  if (!known) return text;
  const message: string | ((facts: never) => string) = t.core[known.code];
  if (typeof message === 'string') return message;
  const facts = Object.entries(known.facts).map(([name, value]) => [name, factOf(name, value)] as const);
  // Core names the facts that its sentence has, and a test compares them with the catalogue's.
  return message(Object.fromEntries(facts) as never);
}

function factOf(name: string, value: string): string | number {
  if (SENTENCES.has(name)) return worded(value);
  if (name === 'day') return dayDate(Date.parse(value));
  return /^\d{1,15}$/.test(value) ? Number(value) : value;
}
