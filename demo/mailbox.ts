/** Fills a person's mailbox with their letters of the past year, as mail that comes from a file. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportedMail } from '../src/core/mail/views.ts';
import type { Client, NodeUpdate } from '../src/core/node/client.ts';
import { letters, mailboxEntry, type Person } from '../test/support/corpus.ts';
import type { Setting } from './options.ts';

/** Mails that go to the node in one call. */
const BATCH_MAILS = 32;
/** Half of what people write passes Ada by. */
const AMONG_OTHERS = 50;

/** The year of the organization, oldest first. */
export function yearOf({ seed, letterCount, peopleCount, end }: Setting) {
  return letters(letterCount, seed, { end, peopleCount, amongOthers: AMONG_OTHERS, unnumbered: true });
}

/** Resolves when all letters are in the ring, too: once for each folder, so that what was deleted stays away. */
export async function fillMailbox(
  client: Client,
  folder: string,
  person: Person,
  setting: Setting,
): Promise<void> {
  const done = join(folder, 'filled');
  if (existsSync(done)) return;
  let batch: ImportedMail[] = [];
  for (const letter of yearOf(setting)) {
    const mail = mailboxEntry(letter, person);
    if (mail !== undefined) batch.push(mail);
    if (batch.length < BATCH_MAILS) continue;
    await client.importMail(batch);
    batch = [];
  }
  if (batch.length > 0) await client.importMail(batch);
  await until(client, ({ state }) => state.disk.unreplicated === 0);
  writeFileSync(done, '');
}

/** Resolves with the first update that fits. */
export function until(client: Client, fits: (update: NodeUpdate) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = client.subscribe((update) => {
      if (!fits(update)) return;
      // Not within the call that subscribes.
      queueMicrotask(() => unsubscribe());
      resolve();
    });
  });
}
