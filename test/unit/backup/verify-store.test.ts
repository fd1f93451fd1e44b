/** `verify`: a disk that lived is sound, and each thing on it that is changed, moved or lost is named. */
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { verifyLiveStore, verifyStore, type StoreReport } from '../../../src/core/backup/verify-store.ts';
import { fromUtf8, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import type { RingTrust } from '../../../src/core/identity/certificates.ts';
import { prefixRange } from '../../../src/core/storage/namespace.ts';
import { MemberRing } from '../node/member-ring.ts';

type Entries = readonly (readonly [Bytes, Bytes])[];

const EVERYTHING = { gte: new Uint8Array(0), lt: Uint8Array.of(255) };
let entries: Entries;
let trust: RingTrust;
let now: number;

beforeAll(async () => {
  const ring = await MemberRing.create('verify');
  const [ada, bob] = await ring.people('ada', 'bob');
  const second = await ring.device(ada!, 'ada-two');
  await second.open();
  await second.online();
  for (let i = 0; i < 40; i++) await ada!.send('bob', `Mail ${i}`);
  await ada!.message('Mail 39', 'sent', ({ delivery }) => delivery?.state === 'received');
  await bob!.close();
  await ada!.send('bob', 'While away');
  await ada!.message('While away', 'sent', ({ delivery }) => delivery?.state === 'notified');
  await ring.pass(65_000, 50);
  expect(await second.messages()).toHaveLength(41);
  const { store } = second;
  await second.close();
  entries = await store.entries(EVERYTHING);
  trust = ring.ring.trust;
  now = ring.clock.now();
}, 60_000);

async function verified(changed: Entries): Promise<StoreReport> {
  const store = new MemoryKeyValueStore();
  await store.write(changed.map(([key, value]) => ({ type: 'put', key, value })));
  return verifyStore(store, trust, now);
}

/** The faults after the value of one entry is replaced, or the entry is gone. */
async function after(chosen: readonly [Bytes, Bytes], value: Bytes | undefined): Promise<string[]> {
  const rest = entries.filter((entry) => entry !== chosen);
  const report = await verified(value === undefined ? rest : [...rest, [chosen[0], value]]);
  return report.faults.map(({ kind, code }) => `${kind} ${code}`);
}

function under(prefix: string, ...bytes: number[]): Entries {
  const range = prefixRange(Uint8Array.of(...utf8(prefix), ...bytes));
  const compare = (key: Bytes) => fromKey(key) >= fromKey(range.gte) && fromKey(key) < fromKey(range.lt);
  return entries.filter(([key]) => compare(key));
}

function fromKey(key: Bytes): string {
  return String.fromCharCode(...key);
}

function flipped(value: Bytes): Bytes {
  return value.map((byte, i) => (i === value.length >> 1 ? byte ^ 1 : byte));
}

const INDEX = 0x68;
const DATA = 0x64;
const LEASE = 0x6c;

it('finds nothing wrong with a disk that has lived, and says what it looked at', async () => {
  const report = await verified(entries);
  expect(report.faults).toEqual([]);
  const { checked, bytes } = report;
  for (const kind of ['block', 'record', 'certificate', 'inbox', 'lease', 'journal', 'log'] as const)
    expect(checked[kind], kind).toBeGreaterThan(0);
  expect(bytes).toBeGreaterThan(20_000);
});

describe('each kind of thing', () => {
  it.each([
    ['certificate', 1],
    ['record', 2],
    ['inbox', 4],
    ['block', 5],
  ])('%s that changed on the disk is named', async (kind, byte) => {
    const things = under('storage/', DATA, byte);
    expect(things.length).toBeGreaterThan(0);
    for (const thing of things.slice(0, 3))
      expect(await after(thing, flipped(thing[1]))).toContain(`${kind} damaged`);
    expect(await after(things[0]!, undefined)).toContain(`${kind} missing-data`);
    const index = under('storage/', INDEX, byte)[0]!;
    expect(await after(index, undefined)).toContain('data orphan');
    expect(await after(index, utf8('x'))).toContain('index malformed');
  });

  it('a sound block under the key of another is out of place', async () => {
    const [one, other] = under('storage/', DATA, 5);
    const indexOf = ([key]: readonly [Bytes, Bytes]) =>
      entries.find(([name]) => fromKey(name) === fromKey(key).replace('storage/d', 'storage/h'))!;
    const moved: Entries = [
      ...entries.filter((entry) => entry !== one && entry !== indexOf(one!)),
      [one![0], other![1]],
      [indexOf(one!)[0], indexOf(other!)[1]],
    ];
    const { faults } = await verified(moved);
    expect(faults).toContainEqual(expect.objectContaining({ kind: 'block', code: 'wrong-hash' }));
  });

  it('a lease that nobody signed, or on nothing', async () => {
    const lease = under('storage/', LEASE)[0]!;
    expect((await after(lease, flipped(lease[1])))[0]).toMatch(/^lease /);
    const unsigned = lease[1].map((byte, i) => (i === lease[1].length - 1 ? byte ^ 1 : byte));
    expect(await after(lease, unsigned)).toContain('lease bad-signature');
    const key = fromKey(lease[0]).slice('storage/l'.length, 'storage/l'.length + 32);
    const block = entries.filter(
      ([name]) => /^storage\/[hd]\x05/.test(fromKey(name)) && fromKey(name).endsWith(key),
    );
    const { faults } = await verified(entries.filter((entry) => !block.includes(entry)));
    expect(faults).toContainEqual(expect.objectContaining({ kind: 'lease', code: 'orphan' }));
  });

  it('an entry of a log that changed, or is gone', async () => {
    const journals = entries.filter(([key]) => /^log(-[0-9a-f]+)?\/entry\//.test(text(key)));
    const followed = journals.filter(([key]) => text(key).startsWith('log-'));
    const chosen = followed[3]!;
    expect(await after(chosen, flipped(chosen[1]))).toEqual(['journal broken-chain']);
    expect(await after(chosen, undefined)).toEqual(['journal missing-data']);
  });
});

function text(key: Bytes): string {
  try {
    return fromUtf8(key.slice(0, 80));
  } catch {
    return fromKey(key);
  }
}

describe('while the node runs', () => {
  /** Shows the first read of one key as it never was, as when it is written between two reads. */
  async function raced(readsWrong: number): Promise<StoreReport> {
    const store = new MemoryKeyValueStore();
    await store.write(entries.map(([key, value]) => ({ type: 'put', key, value })));
    const [wanted] = under('storage/', DATA).find(([, value]) => value.length > 100)!;
    const get = store.get.bind(store);
    let reads = 0;
    store.get = async (key) => {
      const value = await get(key);
      if (value === undefined || fromKey(key) !== fromKey(wanted) || reads++ >= readsWrong) return value;
      return flipped(value);
    };
    return verifyLiveStore(store, trust, now);
  }

  it('what was wrong once is no fault', async () => {
    expect((await raced(1)).faults).toEqual([]);
  });

  it('what is wrong twice is one', async () => {
    expect((await raced(1000)).faultCount).toBeGreaterThan(0);
  });
});
