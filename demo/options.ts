/** What may be said on the command line, and what the data folder remembers of its first start. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { freePort } from '../test/browser/support/free-port.ts';
import { putQuickKey } from '../test/browser/support/quick-key.ts';

export const HELP = `npm run demo -- [--data FOLDER] [--fresh] [--people 3…10] [--letters N] [--seed TEXT]

  --data     keep everything in this folder; else in one below the system's folder for temporary files
  --fresh    begin anew: what the folder holds of an earlier demonstration is deleted
  --people   so many people (10), --letters so many letters of the past year (1000), --seed another year's letters`;

export interface Options {
  readonly folder: string;
  readonly fresh: boolean;
  readonly peopleCount: number;
  readonly letterCount: number;
  readonly seed: string;
}

/** A sentence for the person at the terminal. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

const LETTERS_MAX = 100_000;
/** Its presence says that a demonstration made the folder. */
const SETTING_FILE = 'demo.json';

const settingSchema = v.strictObject({
  v: v.literal(1),
  /** Of the relay: a browser's account belongs to this address. */
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  peopleCount: v.pipe(v.number(), v.integer(), v.minValue(3), v.maxValue(10)),
  letterCount: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LETTERS_MAX)),
  seed: v.string(),
  /** When the year of letters ends: milliseconds since 1970. */
  end: v.pipe(v.number(), v.integer()),
});
export type Setting = v.InferOutput<typeof settingSchema>;

/** Undefined: help was asked for. Throws DemoError. */
export function readOptions(args: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = { data: text, people: text, letters: text, seed: text, fresh: flag, help: flag };
  const values = parsed(() => parseArgs({ args: [...args], options }).values);
  if (values.help) return undefined;
  return {
    folder: resolve(values.data ?? join(tmpdir(), `epost-demo-${userInfo().username}`)),
    fresh: values.fresh,
    peopleCount: whole('--people', values.people ?? '10', 3, 10),
    letterCount: whole('--letters', values.letters ?? '1000', 1, LETTERS_MAX),
    seed: values.seed ?? 'demo',
  };
}

/** What the folder says of its first start; of a new folder the options decide, and the relay gets a key that is made at once. Throws DemoError. */
export async function openFolder(options: Options, now: number): Promise<Setting> {
  const { folder, fresh, peopleCount, letterCount, seed } = options;
  const path = join(folder, SETTING_FILE);
  if (!existsSync(path) && existsSync(folder) && readdirSync(folder).length > 0)
    throw new DemoError(
      `${folder} holds something else than a demonstration: name another folder with --data.`,
    );
  if (fresh) rmSync(folder, { recursive: true, force: true });
  if (existsSync(path)) return readSetting(path);
  const setting = { v: 1 as const, port: await freePort(), peopleCount, letterCount, seed, end: now };
  mkdirSync(relayFolder(folder), { recursive: true, mode: 0o700 });
  writeFileSync(path, JSON.stringify(setting));
  await putQuickKey(relayFolder(folder));
  return setting;
}

/** Where the relay keeps its data. */
export function relayFolder(folder: string): string {
  return join(folder, 'relay');
}

function readSetting(path: string): Setting {
  try {
    return v.parse(settingSchema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new DemoError(`${path} cannot be read: begin anew with --fresh.`, { cause: error });
  }
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new DemoError(`${(error as Error).message}\n\n${HELP}`, { cause: error });
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new DemoError(`${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`);
}
