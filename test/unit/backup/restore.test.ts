/** A mailbox as a file, and back: from a ring that has lost everything, from damaged files, and by the wrong person. */
import { CarBlockIterator } from '@ipld/car/iterator';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { backupManifestCodec } from '../../../src/core/backup/manifest.ts';
import type { Client } from '../../../src/core/node/client.ts';
import { MemberRing, type TestPerson } from '../node/member-ring.ts';

const PHOTO_BYTES = 700_001;

/** A ring in which Ada has sent, received, moved and removed, and her back-up. */
async function adasMailbox(seed: string): Promise<{ ring: MemberRing; ada: TestPerson; file: Blob }> {
  const ring = await MemberRing.create(seed);
  const [ada, bob] = await ring.people('ada', 'bob', 'cleo', 'dan');
  const photo = new Blob([new SeededRandom('photo').bytes(PHOTO_BYTES)]);
  await ada!.send('bob', 'To Bob', { files: [{ name: 'photo', type: 'image/png', content: photo }] });
  await bob!.send('ada', 'To Ada');
  const got = await ada!.message('To Ada', 'inbox');
  await ada!.send('cleo', 'Removed');
  const removed = await ada!.message('Removed', 'sent', ({ delivery }) => delivery?.state === 'received');
  await ring.passing(ada!.client.change({ kind: 'remove', messages: [removed.id] }));
  await ring.passing(ada!.client.change({ kind: 'move', messages: [got.id], folder: 'archive' }));
  const { file } = await ring.passing(ada!.client.backUp(undefined));
  return { ring, ada: ada!, file: file! };
}

/** The same organization with every disk lost, and a new device of the person in it. */
async function afterTheFire(
  seed: string,
  before: TestPerson,
): Promise<{ ring: MemberRing; ada: TestPerson }> {
  const ring = await MemberRing.create(seed);
  await ring.people('cleo', 'dan', 'eve');
  const ada = await ring.device(before, 'ada-new');
  await ada.open();
  await ada.online();
  return { ring, ada };
}

async function bytesOf(file: Blob): Promise<Bytes> {
  return new Uint8Array(await file.arrayBuffer());
}

test('a CAR file has the signed manifest as its root, then each block under its standard CID', async () => {
  const { file } = await adasMailbox('file');
  const car = await CarBlockIterator.fromBytes(await bytesOf(file));
  const [root] = await car.getRoots();
  const cids: string[] = [];
  let bytes = 0;
  for await (const block of car) {
    cids.push(block.cid.toString());
    if (block.cid.code === 0x55) bytes += block.bytes.length;
    else {
      expect(block.cid.equals(root)).toBe(true);
      const manifest = backupManifestCodec.decode(new Uint8Array(block.bytes));
      expect(manifest.ok && manifest.value.body).toMatchObject({ name: 'ada@example.org', messages: 2 });
      expect(manifest.ok && manifest.value.body.heads).toHaveLength(1);
    }
  }
  expect(cids[0]).toMatch(/^bafyrei/);
  expect(cids.slice(1).every((cid) => cid.startsWith('bafkrei'))).toBe(true);
  expect(new Set(cids).size).toBe(cids.length);
  expect(bytes).toBeGreaterThan(PHOTO_BYTES);
});

test('with words and file the whole mailbox is back in a ring where every replica is gone', async () => {
  const before = await adasMailbox('fire');
  const { ring, ada } = await afterTheFire('fire', before.ada);
  expect(await ada.messages()).toEqual([]);
  const progress: (readonly [number, number])[] = [];
  const report = await ring.passing(
    ada.client.restoreBackup(before.file, (done, total) => progress.push([done, total])),
  );
  expect(report).toMatchObject({
    messagesThen: 2,
    messagesNow: 2,
    missing: 0,
    present: 0,
    logs: 1,
    newerLogs: 0,
  });
  expect(report.problems).toEqual([]);
  expect(progress.at(-1)).toEqual([before.file.size, before.file.size]);
  const sent = await ada.message('To Bob', 'sent');
  const saved = await ring.passing(ada.client.attachment(sent.id, 0));
  expect(await bytesOf(saved)).toEqual(new SeededRandom('photo').bytes(PHOTO_BYTES));
  const got = await ada.message('To Ada', 'archive');
  expect((await ring.passing(ada.client.body(got.id))).text).toBe('Text of To Ada');
  const check = await ring.passing(ada.client.checkMailbox());
  expect(check).toMatchObject({ messages: 2, lost: 0, thin: 0, unknown: 0, problems: [] });
  expect(check.whole).toBe(check.blocks);

  // The ring holds it, not only the device that restored: another new device has it without the file.
  await ada.close();
  const other = await ring.device(before.ada, 'ada-third');
  await other.open();
  const again = await other.message('To Ada', 'archive');
  expect((await ring.passing(other.client.body(again.id))).text).toBe('Text of To Ada');
});

test('what the ring has is neither sent again nor overwritten', async () => {
  const { ring, ada, file } = await adasMailbox('nothing-lost');
  await ada.send('dan', 'After the back-up');
  await ada.message('After the back-up', 'sent', ({ delivery }) => delivery?.state === 'received');
  await ring.pass(2_000);
  const report = await ring.passing(ada.client.restoreBackup(file));
  expect(report).toMatchObject({
    restored: 0,
    missing: 0,
    logs: 0,
    newerLogs: 1,
    messagesThen: 2,
    messagesNow: 3,
  });
  await ada.message('After the back-up', 'sent');
});

test('a file with a damaged block says which; everything else comes back', async () => {
  const before = await adasMailbox('damaged');
  const bytes = await bytesOf(before.file);
  // Before the last block, which is the manifest of the photo, lies its last chunk.
  bytes[bytes.length - 100_000]! ^= 1;
  const { ring, ada } = await afterTheFire('damaged', before.ada);
  const report = await ring.passing(ada.client.restoreBackup(new Blob([bytes])));
  expect(report).toMatchObject({ missing: 1, problemCount: 1, messagesNow: 2 });
  expect(report.problems[0]!.what).toMatch(/^block bafkrei/);
  const check = await ring.passing(ada.client.checkMailbox());
  expect(check.lost).toBe(1);
});

test('a file that is cut off gives what stands before the cut', async () => {
  const before = await adasMailbox('cut');
  const cut = before.file.slice(0, before.file.size - 300_000);
  const { ring, ada } = await afterTheFire('cut', before.ada);
  const report = await ring.passing(ada.client.restoreBackup(cut));
  expect(report.missing).toBeGreaterThan(0);
  expect(report.problems.at(-1)).toMatchObject({ what: 'the file' });
  expect((await ada.messages()).map(({ subject }) => subject).sort()).toEqual(['To Ada', 'To Bob']);
});

test("somebody else's file, a file that is none, and a file with a forged manifest are refused", async () => {
  const { ring, ada, file } = await adasMailbox('refused');
  const [eve] = await ring.people('eve');
  const refusal = async (client: Client, blob: Blob): Promise<string> => {
    try {
      await ring.passing(client.restoreBackup(blob));
      return 'taken';
    } catch (error) {
      return `${(error as { code?: string }).code}: ${(error as Error).message}`;
    }
  };
  expect(await refusal(eve!.client, file)).toMatch(
    /^bad-file: This file is the mailbox of ada@example.org, made with other/,
  );
  expect(await refusal(ada.client, new Blob(['a text']))).toMatch(/^bad-file: .*no sound back-up/);
  expect(await refusal(ada.client, new Blob([]))).toMatch(/^bad-file/);
  const bytes = await bytesOf(file);
  bytes[200]! ^= 1;
  expect(await refusal(ada.client, new Blob([bytes]))).toMatch(/^bad-file: .*hash is not its name/);
});

test('a back-up can be ended, and one goes on at a time', async () => {
  const { ring, ada } = await adasMailbox('ended');
  const first = ada.client.backUp(undefined, () => void ada.client.endBackup());
  const second = ada.client.checkMailbox();
  await expect(ring.passing(second)).rejects.toMatchObject({ code: 'busy' });
  await expect(ring.passing(first)).rejects.toMatchObject({ code: 'ended' });
  expect((await ring.passing(ada.client.checkMailbox())).lost).toBe(0);
});

test('a file that cannot be written to its end is not kept', async () => {
  const { ring, ada } = await adasMailbox('target');
  const calls: string[] = [];
  let pieces = 0;
  const target = {
    createWritable: () =>
      Promise.resolve({
        write: () => (++pieces > 5 ? Promise.reject(new Error('no space')) : Promise.resolve()),
        close: () => Promise.resolve(void calls.push('close')),
        abort: () => Promise.resolve(void calls.push('abort')),
      }),
  };
  await expect(ring.passing(ada.client.backUp(target))).rejects.toThrow('no space');
  expect(calls).toEqual(['abort']);
});
