/**
 * `npm run bench -- attachment [--mebibytes N]` (200): one large attachment between two tabs in real Chromium, with the heap of
 * both, in use and with garbage. Prints a table and, as its last line, one JSON object.
 *
 * Estimates: in memory of each tab are 4 chunks of 256 KiB on their way to or from the disk, a frame's window a link, and what the
 * garbage collector has not fetched yet: below 64 MiB whatever the length. Sending: 2 copies over data channels and a websocket,
 * each block hashed, encrypted and written: 5–15 MB/s on two busy cores.
 */
import { chromium } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumFlags } from '../browser/support/chromium.ts';
import { HeapWatch } from '../browser/support/heap.ts';
import { hashOfFile, writeLargeFile } from '../browser/support/large-file.ts';
import { Person } from '../browser/support/person.ts';
import { startRelayProcess } from '../browser/support/relay-process.ts';

const mebibytes = Number(process.argv[process.argv.indexOf('--mebibytes') + 1]) || 200;
const PATIENCE_MS = 1_800_000;
const MIB = 1024 * 1024;

const folder = await mkdtemp(join(tmpdir(), 'epost-attachment-'));
const relay = await startRelayProcess();
const browser = await chromium.launch({
  executablePath: process.env['EPOST_CHROMIUM'],
  args: [...chromiumFlags],
});
try {
  const path = join(folder, 'film.bin');
  const hash = await writeLargeFile(path, mebibytes);
  const ada = await Person.join(await browser.newContext(), relay.invitation, 'Ada', 'ada');
  const bob = await Person.join(await browser.newContext(), relay.invitation, 'Bob', 'bob');
  await ada.expectOnline();
  await bob.expectOnline();
  const heaps = { sender: await HeapWatch.start(ada.page), reader: await HeapWatch.start(bob.page) };

  const begun = performance.now();
  await ada.send({ to: 'bob', subject: 'The film', text: 'Enjoy.', files: [path] }, PATIENCE_MS);
  const queuedMs = performance.now() - begun;
  await ada.openFolder('Sent');
  await ada.open('The film');
  await ada.expectDelivery(/received/i, PATIENCE_MS);
  const receivedMs = performance.now() - begun;
  await bob.open('The film');
  const saving = performance.now();
  const same = (await hashOfFile(await bob.saved('film.bin', PATIENCE_MS))) === hash;
  const savedMs = performance.now() - saving;

  const [sender, reader] = [await heaps.sender.end(), await heaps.reader.end()];
  const figures = {
    mebibytes,
    same,
    senderLiveMiB: Math.round(sender.liveBytes / MIB),
    senderUsedMiB: Math.round(sender.usedBytes / MIB),
    readerLiveMiB: Math.round(reader.liveBytes / MIB),
    readerUsedMiB: Math.round(reader.usedBytes / MIB),
    queuedMs: Math.round(queuedMs),
    receivedMs: Math.round(receivedMs),
    savedMs: Math.round(savedMs),
  };
  console.table({ ...figures, goal: 'extra heap ≤ 64 MiB' });
  console.log(JSON.stringify(figures));
  if (!same) process.exitCode = 1;
} finally {
  await browser.close();
  await relay.dispose();
  await rm(folder, { recursive: true });
}
