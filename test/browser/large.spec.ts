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
