/** A large attachment between two tabs: it comes byte for byte, in bounded memory. */
import { expect, test } from './support/fixtures.ts';
import { HeapWatch } from './support/heap.ts';
import { hashOfFile, writeLargeFile } from './support/large-file.ts';

const MEBIBYTES = 24;
const EXTRA_HEAP_BYTES_MAX = 64 * 1024 * 1024;
/** Two tabs, two disks and a relay share one machine. */
const PATIENCE_MS = 300_000;

test('a large attachment goes from tab to tab in bounded memory', async ({ newcomer }, testInfo) => {
  test.setTimeout(2 * PATIENCE_MS);
  const path = testInfo.outputPath('film.bin');
  const hash = await writeLargeFile(path, MEBIBYTES);
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await ada.expectOnline();
  await bob.expectOnline();
  const heaps = [await HeapWatch.start(ada.page), await HeapWatch.start(bob.page)];

  await ada.send({ to: 'bob', subject: 'The film', text: 'Enjoy.', files: [path] }, PATIENCE_MS);
  await ada.openFolder('Sent');
  await ada.open('The film');
  await ada.expectDelivery(/received/i, PATIENCE_MS);
  await bob.open('The film');
  expect(await hashOfFile(await bob.saved('film.bin', PATIENCE_MS))).toBe(hash);

  // Where the browser lets the person choose a file: here one of the browser's own. What came once is not fetched again.
  await bob.page.evaluate(() => {
    const picker = async () =>
      (await navigator.storage.getDirectory()).getFileHandle('chosen.bin', { create: true });
    Object.assign(window, { showSaveFilePicker: picker });
  });
  await bob.page.getByRole('button', { name: 'Save film.bin' }).click();
  const chosenBytes = () =>
    bob.page.evaluate(async () => {
      const folder = await navigator.storage.getDirectory();
      return (await (await folder.getFileHandle('chosen.bin', { create: true })).getFile()).size;
    });
  await expect.poll(chosenBytes, { timeout: PATIENCE_MS }).toBe(MEBIBYTES * 1024 * 1024);

  for (const heap of heaps) {
    const { liveBytes, usedBytes } = await heap.end();
    const description = `live ${mebibytes(liveBytes)}, with garbage ${mebibytes(usedBytes)}`;
    testInfo.annotations.push({ type: 'extra heap', description });
    expect(liveBytes).toBeLessThan(EXTRA_HEAP_BYTES_MAX);
  }
});

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
