/** The manifest's decoder and the reader of CAR files against random bytes and damaged files. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCar, writeCar, type CarItem } from '../../src/core/backup/car-file.ts';
import { backupManifestCodec } from '../../src/core/backup/manifest.ts';
import { concat, equalBytes, fromHex, toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { sha256Of } from '../../src/core/crypto/hash.ts';
import pinned from '../vectors/backup.json' with { type: 'json' };
import { anyBytes, mutated } from './mutations.ts';

const manifest = fromHex(pinned.manifest);
const blocks = Array.from({ length: 6 }, (_, i) => utf8(`block ${i} `.repeat(20 * i)));

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

/** The bytes in pieces of a few bytes, as a disk might give them. */
async function read(bytes: Bytes, pieceBytes = 97): Promise<CarItem[]> {
  const pieces: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.slice(at, at + pieceBytes));
  const items: CarItem[] = [];
  for await (const item of readCar(each(pieces))) items.push(item);
  return items;
}

async function goodFile(): Promise<Bytes> {
  const pieces: Bytes[] = [];
  for await (const piece of writeCar(manifest, each(blocks))) pieces.push(piece);
  return concat(...pieces);
}

it('the manifest decoder never throws, and takes only the one form of what it takes', () => {
  fc.assert(
    fc.property(fc.oneof(anyBytes, mutated([manifest])), (bytes) => {
      const decoded = backupManifestCodec.decode(bytes);
      if (decoded.ok) expect(toHex(backupManifestCodec.encode(decoded.value))).toBe(toHex(bytes));
      else expect(decoded.reason).not.toBe('');
    }),
  );
});

it('what is written is read, whatever pieces the disk gives', async () => {
  const file = await goodFile();
  for (const pieceBytes of [1, 7, 4096, file.length]) {
    const items = await read(file, pieceBytes);
    expect(items.map(({ kind }) => kind)).toEqual(['dag-cbor', ...blocks.map(() => 'raw')]);
    expect(items[0]).toMatchObject({ isRoot: true, bytes: manifest });
  }
});

it('a damaged file gives only sound blocks, names the others, and never fails', async () => {
  const file = await goodFile();
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyBytes, mutated([file])), async (bytes) => {
      const items = await read(bytes);
      for (const item of items)
        if (item.kind === 'raw' || item.kind === 'dag-cbor')
          expect(equalBytes(await sha256Of(item.bytes), item.key)).toBe(true);
        else expect('reason' in item && item.reason).toBeTruthy();
      const broken = items.findIndex(({ kind }) => kind === 'broken');
      expect(broken === -1 || broken === items.length - 1).toBe(true);
    }),
  );
});

it('a length that no block has ends the reading before anything of it is gathered', async () => {
  const file = await goodFile();
  const header = file.slice(0, 1 + file[0]!);
  let given = 0;
  const endless = (async function* () {
    yield concat(header, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f), file.slice(-36));
    for (;;) {
      given += 1;
      yield await Promise.resolve(new Uint8Array(65_536));
    }
  })();
  const items: CarItem[] = [];
  for await (const item of readCar(endless)) items.push(item);
  expect(items.map(({ kind }) => kind)).toEqual(['broken']);
  expect(given).toBeLessThan(10);
});

it('a disk that fails is not taken for a damaged file', async () => {
  const failing = (async function* () {
    yield await Promise.resolve((await goodFile()).slice(0, 50));
    throw new Error('unplugged');
  })();
  await expect(async () => {
    for await (const item of readCar(failing)) void item;
  }).rejects.toThrow('unplugged');
});

it('a source that fails ends the writing with its failure', async () => {
  const failing = (async function* () {
    yield await Promise.resolve(blocks[1]!);
    throw new Error('no such block');
  })();
  await expect(async () => {
    for await (const piece of writeCar(manifest, failing)) void piece;
  }).rejects.toThrow('no such block');
});
