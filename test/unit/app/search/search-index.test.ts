/** The index against a naive twin, and what of it is on disk. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/adapters/memory/random.ts';
import { MemoryKeyValueStore } from '../../../../src/adapters/memory/key-value-store.ts';
import { memoryVault } from '../../../../src/adapters/memory/vault.ts';
import type { Vault } from '../../../../src/core/identity/vault.ts';
import { fromUtf8, utf8 } from '../../../../src/core/codec/bytes.ts';
import { sealKey } from '../../../../src/core/crypto/seal.ts';
import type { ToldMessage } from '../../../../src/app/search/protocol.ts';
import { parseQuery, type Field, type TextTerm } from '../../../../src/app/search/query.ts';
import { SearchIndex } from '../../../../src/app/search/search-index.ts';
import { searchKey } from '../../../../src/app/search/search-key.ts';
import { ShardStore } from '../../../../src/app/search/shard-store.ts';
import { wordsOf } from '../../../../src/app/search/words.ts';

function told(number: number, changes: Partial<ToldMessage> = {}): ToldMessage {
  const parts = { subject: '', from: '', to: '', files: '', preview: '' };
  return { number, id: number.toString(16).padStart(8, '0'), head: 1, ...parts, ...changes };
}

function find(index: SearchIndex, typed: string): number[] {
  return [...index.find(parseQuery(typed).text)].sort((a, b) => a - b);
}

interface Letter {
  readonly message: ToldMessage;
  readonly text: string | undefined;
}

/** What the index should say, read word for word. */
function has({ message, text }: Letter, { words, prefix, field }: TextTerm): boolean {
  const { subject, from, to, files, preview } = message;
  const parts: Record<Field | 'files' | 'text', string> = { subject, from, to, files, text: text ?? preview };
  const places = field === undefined ? Object.values(parts) : [parts[field]];
  return places.some((place) => {
    const there = wordsOf(place);
    return there.some((_, at) =>
      words.every((word, i) =>
        prefix && i === words.length - 1 ? there[at + i]?.startsWith(word) : there[at + i] === word,
      ),
    );
  });
}

const vocabulary = ['a', 'ab', 'abc', 'b', 'Bé', 'c', 'münchen'];
const line = fc.array(fc.constantFrom(...vocabulary), { maxLength: 6 }).map((words) => words.join(' '));
const term = fc
  .tuple(fc.constantFrom('', '-'), fc.constantFrom('', 'from:', 'to:', 'subject:'), fc.boolean(), line)
  .map(([minus, field, quoted, words]) =>
    quoted ? `${minus}${field}"${words}"` : `${minus}${field}${words.split(' ')[0]}`,
  );
const letter = fc.record({
  subject: line,
  from: line,
  to: line,
  files: line,
  preview: line,
  text: fc.option(line, { nil: undefined }),
  fate: fc.constantFrom('stays', 'goes', 'is settled'),
});

describe('the index', () => {
  test('finds what a reader would, and nothing that is gone', () => {
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 30 }), fc.array(term, { maxLength: 4 }), (letters, terms) => {
        const index = new SearchIndex(new SeededRandom(1));
        const there = new Map<number, Letter>();
        letters.forEach(({ text, fate, ...parts }, number) => {
          const message = told(number, parts);
          expect(index.tell(message)).toBe(true);
          if (text !== undefined) index.body(number, text, undefined);
          there.set(number, { message, text });
          if (fate === 'is settled') index.settled();
          if (fate === 'goes') {
            index.remove(number);
            there.delete(number);
          }
        });
        const query = parseQuery(terms.join(' ')).text;
        const expected = [...there].filter(([, one]) =>
          query.every((asked) => has(one, asked) !== asked.not),
        );
        expect(find(index, terms.join(' '))).toEqual(expected.map(([number]) => number));
        expect(index.size).toBe(there.size);
      }),
      { numRuns: 300 },
    );
  });

  test('a message that is told again otherwise keeps its text', () => {
    const index = new SearchIndex(new SeededRandom(1));
    index.tell(told(0, { from: 'Ada', preview: 'first' }));
    index.body(0, 'first and last', undefined);
    expect(index.tell(told(0, { from: 'Ada' }))).toBe(false);
    expect(index.tell(told(0, { from: 'Countess', head: 2 }))).toBe(false);
    expect(find(index, 'from:countess last')).toEqual([0]);
    expect(find(index, 'ada')).toEqual([]);
  });

  test('HTML is found by what is read of it', () => {
    const index = new SearchIndex(new SeededRandom(1));
    index.tell(told(0));
    index.body(0, 'plain', '<p class="style">shown <b>bold</b></p><script>hidden</script>');
    expect(find(index, 'plain "shown bold"')).toEqual([0]);
    expect(find(index, 'hidden')).toEqual([]);
    expect(find(index, 'style')).toEqual([]);
  });

  test('thousands fill shards, and few are left when most are gone', () => {
    const index = new SearchIndex(new SeededRandom(1));
    for (let number = 0; number < 3000; number++) index.tell(told(number, { subject: `letter ${number}` }));
    expect(index.settled().length).toBe(3);
    expect(find(index, 'letter').length).toBe(3000);
    for (let number = 0; number < 3000; number++) if (number % 100 !== 0) index.remove(number);
    const shards = index.settled();
    expect(shards.map(({ size, content }) => [size, content.ids.length])).toEqual([[30, 30]]);
    expect(find(index, 'letter').length).toBe(30);
    expect(find(index, '"letter 2900"')).toEqual([2900]);
  });
});

describe('on disk', () => {
  const random = new SeededRandom(2);
  const messages = Array.from({ length: 1500 }, (_, number) => told(number, { subject: `letter ${number}` }));

  async function filled(): Promise<{ disk: MemoryKeyValueStore; key: CryptoKey; index: SearchIndex }> {
    const disk = new MemoryKeyValueStore();
    const key = await sealKey(random.bytes(32));
    const index = new SearchIndex(random);
    for (const message of messages) {
      index.tell(message);
      index.body(message.number, `secret text of ${message.number}`, undefined);
    }
    await new ShardStore(disk, key, random).save(index.settled());
    return { disk, key, index };
  }
  const everything = { gte: new Uint8Array(0), lt: new Uint8Array([0xff]) };

  async function loaded(disk: MemoryKeyValueStore, key: CryptoKey): Promise<SearchIndex> {
    const index = new SearchIndex(random);
    index.take(await new ShardStore(disk, key, random).load());
    return index;
  }

  test('is what was indexed, and nobody reads it without the key', async () => {
    const { disk, key } = await filled();
    const again = await loaded(disk, key);
    expect(find(again, 'secret')).toEqual([]);
    expect(messages.filter((message) => again.tell(message))).toEqual([]);
    expect(find(again, '"text of 1234"')).toEqual([1234]);
    const entries = await disk.entries(everything);
    expect(entries.some(([, value]) => Buffer.from(value).toString('latin1').includes('secret'))).toBe(false);
    expect((await loaded(disk, await sealKey(random.bytes(32)))).size).toBe(0);
  });

  test('a damaged shard is none: its messages are wanted again', async () => {
    const { disk, key, index } = await filled();
    const [first, second] = index.settled();
    const entry = utf8(`shard/${first!.name}`);
    const damaged = (await disk.get(entry))!;
    damaged[damaged.length >> 1]! ^= 1;
    await disk.write([{ type: 'put', key: entry, value: damaged }]);
    const again = await loaded(disk, key);
    const wanted = messages.filter((message) => again.tell(message));
    expect(wanted.length).toBe(first!.size);
    for (const { number } of wanted) again.body(number, `secret text of ${number}`, undefined);
    expect(find(again, 'secret').length).toBe(1500);
    await new ShardStore(disk, key, random).save(again.settled());
    expect((await loaded(disk, key)).size).toBe(1500);
    // The shard that was whole stays, the damaged one goes.
    const names = (await disk.keys(everything)).map((name) => fromUtf8(name));
    expect(names).not.toContain(`shard/${first!.name}`);
    expect(second!.size).toBe(1500 - first!.size);
  });

  test('only shards that changed are written; what was removed is gone', async () => {
    const { disk, key, index } = await filled();
    const before = new Set(index.settled().map(({ name }) => name));
    index.remove(0);
    const after = index.settled();
    expect(after.filter(({ name }) => before.has(name)).length).toBe(before.size - 1);
    await new ShardStore(disk, key, random).save(after);
    const again = await loaded(disk, key);
    expect(again.size).toBe(1499);
    for (const message of messages.slice(1)) again.tell(message);
    expect(find(again, '"letter 0"')).toEqual([]);
  });

  test('a message that is in two shards is taken with its whole text', async () => {
    const { disk, key } = await filled();
    const other = new SearchIndex(random);
    other.tell(messages[5]!);
    await disk.write(
      await (async () => {
        const apart = new MemoryKeyValueStore();
        await new ShardStore(apart, key, random).save(other.settled());
        const entries = await apart.entries(everything);
        return entries.map(([name, value]) => ({ type: 'put', key: name, value }) as const);
      })(),
    );
    const again = await loaded(disk, key);
    expect(again.size).toBe(1500);
    expect(again.tell(messages[5]!)).toBe(false);
    expect(find(again, '"text of 5"')).toEqual([5]);
  });

  test('what nobody tells of is dropped', async () => {
    const { disk, key } = await filled();
    const again = await loaded(disk, key);
    for (const message of messages.slice(0, 10)) again.tell(message);
    again.dropUntold();
    expect(again.size).toBe(10);
  });
});

describe('the key', () => {
  test('is kept sealed, and another device has another one', async () => {
    const disk = new MemoryKeyValueStore();
    const vaultOf = async (seed: number): Promise<Vault> => {
      const vault = memoryVault(new SeededRandom(seed));
      await vault.begin();
      await vault.commit();
      return vault;
    };
    const vault = await vaultOf(1);
    const shards = new SearchIndex(new SeededRandom(3));
    shards.tell(told(0));
    const random = new SeededRandom(4);
    await new ShardStore(disk, await searchKey(disk, vault, random), random).save(shards.settled());
    expect((await new ShardStore(disk, await searchKey(disk, vault, random), random).load()).length).toBe(1);
    const other = await searchKey(disk, await vaultOf(2), random);
    expect((await new ShardStore(disk, other, random).load()).length).toBe(0);
  });
});
