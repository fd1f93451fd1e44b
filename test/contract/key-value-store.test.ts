/** Runs the contract of the disk port on memory and on LevelDB; test/browser/idb.spec.ts runs it on IndexedDB. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openLevelKeyValueStore } from '../../src/adapters/level/key-value-store.ts';
import { MemoryKeyValueStore } from '../../src/adapters/memory/key-value-store.ts';
import { equalBytes, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import type { KeyValueStore } from '../../src/core/storage/key-value-store.ts';
import { keyValueStoreCases } from './key-value-store.ts';

describe('MemoryKeyValueStore', () => {
  for (const { name, run } of keyValueStoreCases)
    it(name, async () => {
      const store = new MemoryKeyValueStore();
      await run(() => {
        store.reopen();
        return Promise.resolve(store);
      });
    });

  it('refuses a batch over its quota and writes nothing of it', async () => {
    const store = new MemoryKeyValueStore({ quotaBytes: 100 });
    await store.write([{ type: 'put', key: utf8('a'), value: new Uint8Array(50) }]);
    const batch = store.write([
      { type: 'delete', key: utf8('a') },
      { type: 'put', key: utf8('b'), value: new Uint8Array(10) },
      { type: 'put', key: utf8('c'), value: new Uint8Array(90) },
    ]);
    await expect(batch).rejects.toMatchObject({ name: 'StoreError', code: 'full' });
    expect(await store.get(utf8('a'))).toHaveLength(50);
    expect(await store.get(utf8('b'))).toBeUndefined();
    await store.write([{ type: 'put', key: utf8('a'), value: new Uint8Array(99) }]);
    expect(await store.usage()).toEqual({ usedBytes: 100, quotaBytes: 100 });
  });
});

describe('LevelKeyValueStore', () => {
  const opened: KeyValueStore[] = [];
  const folders: string[] = [];

  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  });

  async function freshOpener(): Promise<() => Promise<KeyValueStore>> {
    const folder = await mkdtemp(join(tmpdir(), 'epost-level-'));
    folders.push(folder);
    return async () => {
      const store = await openLevelKeyValueStore(join(folder, 'db'));
      opened.push(store);
      return store;
    };
  }

  for (const { name, run } of keyValueStoreCases) it(name, async () => run(await freshOpener()));

  it('takes more than may wait for the garbage collector, all of it durable', async () => {
    const open = await freshOpener();
    const store = await open();
    const valueOf = (i: number): Bytes => new Uint8Array(4 * 1024 * 1024).fill(i);
    const count = 12;
    for (let i = 0; i < count; i++)
      await store.write([{ type: 'put', key: utf8(`${i}`), value: valueOf(i) }]);
    await store.write([{ type: 'delete', key: utf8('0') }]);
    await store.close();
    const again = await open();
    expect(await again.get(utf8('0'))).toBeUndefined();
    for (let i = 1; i < count; i++)
      expect(equalBytes((await again.get(utf8(`${i}`)))!, valueOf(i))).toBe(true);
  });

  it('says so when another user has the database open', async () => {
    const open = await freshOpener();
    await open();
    await expect(open()).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/^The data folder .* is in use by another process\.$/) as string,
    });
  });

  it('says so when the folder cannot be used', async () => {
    await expect(openLevelKeyValueStore('/dev/null/db')).rejects.toMatchObject({ code: 'io' });
  });
});
