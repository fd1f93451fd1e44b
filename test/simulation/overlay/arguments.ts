/** The command line of the simulator's commands: `--name value` and `--flag`. */

/** The command was given wrongly: its message is for the person who gave it. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments';
}

export interface ArgumentKind {
  readonly kind: 'whole' | 'number' | 'share' | 'text' | 'flag';
  readonly help: string;
}

export type Given = ReadonlyMap<string, string>;

/** Takes `--name value` and `--flag`; refuses what it does not know. */
export function parseArguments(
  args: readonly string[],
  known: Readonly<Record<string, ArgumentKind>>,
): Given {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const name = args[i]!.startsWith('--') ? args[i]!.slice(2) : undefined;
    const kind = name === undefined ? undefined : known[name];
    if (name === undefined || kind === undefined)
      throw new BadArguments(`${args[i]!} is unknown.\n${usage(known)}`);
    if (kind.kind === 'flag') {
      given.set(name, '');
      continue;
    }
    const value = args[++i];
    if (value === undefined) throw new BadArguments(`--${name} needs a value.`);
    check(name, kind, value);
    given.set(name, value);
  }
  return given;
}

export function numberOf(given: Given, name: string, otherwise: number): number {
  const value = given.get(name);
  return value === undefined ? otherwise : Number(value);
}

function check(name: string, { kind }: ArgumentKind, value: string): void {
  if (kind === 'text') return;
  const number = value.trim() === '' ? NaN : Number(value);
  const fits =
    number >= 0 &&
    number < Infinity &&
    (kind !== 'whole' || Number.isSafeInteger(number)) &&
    (kind !== 'share' || number <= 1);
  const what = { whole: 'a whole number', number: 'a number, 0 or more', share: 'a share, 0 to 1', flag: '' }[
    kind
  ];
  if (!fits) throw new BadArguments(`--${name} takes ${what}, not ${value}.`);
}

function usage(known: Readonly<Record<string, ArgumentKind>>): string {
  const lines = Object.entries(known).map(
    ([name, { kind, help }]) => `  --${name}${kind === 'flag' ? '' : ' …'}`.padEnd(22) + help,
  );
  return lines.join('\n');
}
