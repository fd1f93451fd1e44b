/** What the operator may say: `start`, `invite [--uses N] [--days D]`, `operator`, `verify [--json]`, `help`. */
import { parseArgs } from 'node:util';
import { ConfigError } from './config.ts';
import { INVITATION_DAYS_MAX, type InviteTerms } from './operator-routes.ts';
import { INVITATION_USES_MAX } from '../../src/core/identity/invitation.ts';

export type Command =
  | { readonly name: 'start' }
  | { readonly name: 'help' }
  | { readonly name: 'operator' }
  | { readonly name: 'verify'; readonly json: boolean }
  | ({ readonly name: 'invite' } & InviteTerms);

export const HELP = `ePOST relay

  start                        run the relay (also without a word)
  invite [--uses N] [--days D] print a new invitation: for one person and 7 days, unless said otherwise
  operator                     where the operator's page of the running relay is, and its password
  verify [--json]              prove that what the stopped relay keeps is sound; exit code 1 if it is not
  help                         this text

Settings come from the environment or from epost.toml: see relay/README.md.`;

/** Throws ConfigError, with a sentence that names what is wrong. */
export function parseCommand(args: readonly string[]): Command {
  const [name = 'start', ...rest] = args;
  switch (name) {
    case 'start':
    case 'operator':
      parse(rest, {});
      return { name };
    case 'help':
    case '--help':
    case '-h':
      return { name: 'help' };
    case 'invite': {
      const { uses, days } = parse(rest, { uses: { type: 'string' }, days: { type: 'string' } });
      return {
        name,
        uses: count('--uses', uses ?? '1', INVITATION_USES_MAX),
        days: count('--days', days ?? '7', INVITATION_DAYS_MAX),
      };
    }
    case 'verify':
      return { name, json: 'json' in parse(rest, { json: { type: 'boolean' } }) };
    default:
      throw new ConfigError(`${name} is not a command; there are start, invite, operator, verify and help.`);
  }
}

function parse(
  args: readonly string[],
  options: Record<string, { type: 'string' | 'boolean' }>,
): Record<string, string | undefined> {
  try {
    return parseArgs({ args: [...args], options }).values as Record<string, string | undefined>;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}.`, { cause: error });
  }
}

function count(name: string, text: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new ConfigError(`${name} must be a whole number from 1 to ${max}, not ${JSON.stringify(text)}.`);
}
