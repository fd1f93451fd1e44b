/** The logs as a member's disk keeps them: without gaps, and with the hash chain that their state names. */
import { equalBytes, fromHex, fromUtf8, utf8, type Bytes } from '../codec/bytes.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import { deviceCodec } from '../post/accounts.ts';
import { followedStateCodec } from '../post/followed-log.ts';
import { chainAfter, logStart, type LogPosition } from '../post/log-head.ts';
import { journalStateCodec, LogJournal } from '../post/log-journal.ts';
import { PostError } from '../post/post-error.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { namespace, prefixRange } from '../storage/namespace.ts';

/** Entries read at once. */
const PAGE = 512;
const OWN = 'log';
const FOLLOWED = 'log-';

export interface VerifiedJournal {
  readonly name: string;
  readonly result: Result<true>;
}

/** The own log and those of the person's other devices; nothing on a relay. Rejects with StoreError. */
export async function* verifyJournals(disk: KeyValueStore): AsyncGenerator<VerifiedJournal> {
  const own = await ownDevice(disk);
  if (own !== undefined)
    yield {
      name: OWN,
      result: await readable(() => verifyOwn(new LogJournal(disk, OWN, journalStateCodec), own)),
    };
  for await (const name of followedNames(disk)) {
    const device = deviceIn(name);
    const verify = (key: Bytes) => verifyFollowed(new LogJournal(disk, name, followedStateCodec), key);
    const result =
      device === undefined
        ? refuse('malformed', 'a log under a name that is no device')
        : await readable(() => verify(device));
    yield { name, result };
  }
}

async function ownDevice(disk: KeyValueStore): Promise<Bytes | undefined> {
  const stored = await namespace(disk, 'accounts').get(utf8('device'));
  const device = stored && deviceCodec.decode(stored);
  return device?.ok ? device.value.certificate.body.deviceKey : undefined;
}

/** Each followed log once: from one of its keys to the first key behind all of them. */
async function* followedNames(disk: KeyValueStore): AsyncGenerator<string> {
  let range = prefixRange(utf8(FOLLOWED), 1);
  for (;;) {
    const [first] = await disk.keys(range);
    if (first === undefined) return;
    const slash = first.indexOf('/'.charCodeAt(0));
    if (slash < 0) return;
    const name = first.slice(0, slash);
    yield fromUtf8(name);
    range = { ...range, gte: prefixRange(first.slice(0, slash + 1)).lt };
  }
}

function deviceIn(name: string): Bytes | undefined {
  const hex = name.slice(FOLLOWED.length);
  return new RegExp(`^[0-9a-f]{${2 * PUBLIC_KEY_BYTES}}$`).test(hex) ? fromHex(hex) : undefined;
}

type Journal<S> = Pick<LogJournal<S>, 'state' | 'range'>;

async function verifyOwn(
  journal: Journal<{ first: number; before: Bytes; published: number }>,
  device: Bytes,
): Promise<Result<true>> {
  const state = await journal.state();
  if (state === undefined) return ok(true);
  const sealed = await chainTo(journal, logStart(device), state.first);
  if (!sealed.ok) return sealed;
  if (!equalBytes(sealed.value.chain, state.before))
    return refuse('broken-chain', 'a log whose hash chain is not the one that was written down');
  const open = await chainTo(journal, sealed.value, state.published);
  return open.ok ? ok(true) : open;
}

async function verifyFollowed(
  journal: Journal<{ next: number; chain: Bytes; base: LogPosition }>,
  device: Bytes,
): Promise<Result<true>> {
  const state = await journal.state();
  if (state === undefined) return ok(true);
  const start = logStart(device);
  if (state.base.next === 0 && !equalBytes(state.base.chain, start.chain))
    return refuse('broken-chain', 'a log with another beginning');
  const read = await chainTo(journal, state.base, state.next);
  if (!read.ok) return read;
  return equalBytes(read.value.chain, state.chain)
    ? ok(true)
    : refuse('broken-chain', 'a log whose hash chain is not the one that was read');
}

/** The chain over the entries up to `end`. Refusal: `missing-data`, when some are not there. */
async function chainTo(
  journal: Pick<LogJournal<unknown>, 'range'>,
  from: LogPosition,
  end: number,
): Promise<Result<LogPosition>> {
  let { next, chain } = from;
  while (next < end) {
    const until = Math.min(end, next + PAGE);
    const entries = await journal.range(next, until);
    if (entries.length !== until - next)
      return refuse('missing-data', `a log of which entries between ${next} and ${until} are gone`);
    chain = chainAfter(chain, entries);
    next = until;
  }
  return ok({ next, chain });
}

async function readable(verify: () => Promise<Result<true>>): Promise<Result<true>> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof PostError) return refuse(error.code, error.message);
    throw error;
  }
}
