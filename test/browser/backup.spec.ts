/** A person's back-up in real Chromium: saved, then restored with the words where every replica is gone. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLevelKeyValueStore } from '../../src/adapters/level/key-value-store.ts';
import { utf8 } from '../../src/core/codec/bytes.ts';
import { prefixRange } from '../../src/core/storage/namespace.ts';
import { expect, test } from './support/fixtures.ts';
import { binaryFile, type Person } from './support/person.ts';

const PATIENCE_MS = 60_000;
const photo = binaryFile('photo.bin', 1_500_000);

async function toBackups({ page }: Person): Promise<void> {
  await page.getByRole('link', { name: 'Back-up' }).click();
  await expect(page.getByRole('heading', { name: 'Back-up', exact: true })).toBeVisible();
}

/** What the relay keeps for others is gone, as after a disk that died; its members are as they were. */
async function loseReplicas(dataDir: string): Promise<void> {
  const disk = await openLevelKeyValueStore(join(dataDir, 'db'));
  const keys = await disk.keys(prefixRange(utf8('storage/')));
  await disk.write(keys.map((key) => ({ type: 'delete', key })));
  await disk.close();
}

test('with words and file all mail is back in an empty browser, though every replica is gone', async ({
  relay,
  newcomer,
  strangerContext,
}, testInfo) => {
  const ada = await newcomer('Ada');
  await ada.send({ to: 'ada', subject: 'Note to myself', text: 'Keep this.', files: [photo] });
  await ada.openFolder('Inbox');
  await ada.open('Note to myself');

  await toBackups(ada);
  await ada.page.getByRole('button', { name: 'Check now' }).click();
  await expect(ada.page.getByText(/kept by all the devices/)).toBeVisible({ timeout: PATIENCE_MS });

  await ada.page.getByRole('button', { name: 'Check this device' }).click();
  await expect(ada.page.getByText('Each is what it was when it was written.')).toBeVisible({
    timeout: PATIENCE_MS,
  });

  await ada.page.getByRole('button', { name: 'Search for it' }).click();
  await expect(ada.page.getByText(/^Nothing is missing/)).toBeVisible({ timeout: PATIENCE_MS });

  // Straight into a file, as where the browser lets the person choose one: here one of the browser's own.
  await ada.page.evaluate(() => {
    const picker = async () =>
      (await navigator.storage.getDirectory()).getFileHandle('chosen.car', { create: true });
    Object.assign(window, { showSaveFilePicker: picker });
  });
  const save = ada.page.getByRole('button', { name: 'Save a back-up' });
  await save.click();
  await expect(ada.page.getByText(/^Saved: 2 messages/)).toBeVisible({ timeout: PATIENCE_MS });
  const chosenBytes = await ada.page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    return (await (await folder.getFileHandle('chosen.car')).getFile()).size;
  });

  // As a download, where it does not.
  await ada.page.evaluate(() => Object.assign(window, { showSaveFilePicker: undefined }));
  const download = ada.page.waitForEvent('download', { timeout: PATIENCE_MS });
  await save.click();
  const saved = await download;
  expect(saved.suggestedFilename()).toMatch(/^epost-ada@example\.org-\d{4}-\d\d-\d\d\.car$/);
  const file = testInfo.outputPath('ada.car');
  await writeFile(file, await readFile(await saved.path()));
  const { length } = await readFile(file);
  expect(length).toBeGreaterThan(photo.buffer.length);
  expect(Math.abs(chosenBytes - length)).toBeLessThan(100_000);
  await ada.page.context().close();

  await relay.stop();
  await loseReplicas(relay.dataDir);
  await relay.restart();

  const back = await ada.recover(await strangerContext(), relay.url);
  await back.expectOnline();
  await expect(back.rows('Note to myself')).toHaveCount(0);
  await toBackups(back);
  const chooser = back.page.waitForEvent('filechooser');
  await back.page.getByText('Choose a back-up file').click();
  await (await chooser).setFiles(file);
  await expect(back.page.getByText(/Your mailbox now has 2\./)).toBeVisible({ timeout: PATIENCE_MS });
  await back.openFolder('Inbox');
  await back.open('Note to myself');
  await expect(back.page.getByText('Keep this.').last()).toBeVisible();
  expect((await back.save('photo.bin')).equals(photo.buffer)).toBe(true);

  // A file that is none is said in a sentence.
  await writeFile(file, 'a text');
  await toBackups(back);
  const again = back.page.waitForEvent('filechooser');
  await back.page.getByText('Choose a back-up file').click();
  await (await again).setFiles(file);
  await expect(back.page.getByRole('alert').filter({ hasText: 'no sound back-up' })).toBeVisible();
});
