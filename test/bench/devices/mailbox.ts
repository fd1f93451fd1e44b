/** Fills a person's mailbox as life does: letters received and sent, some read, some archived. */
import type { Page } from '@playwright/test';
import type { Inspection } from '../../../src/app/session/inspection.ts';
import type { Folder } from '../../../src/core/mail/folders.ts';
import type { Person } from '../../browser/support/person.ts';

/** In the page. */
declare const epost: Inspection;

/** Of the messages, so many were sent; of those received, so many are read, and archived. */
const SENT_SHARE = 0.2;
const READ_SHARE = 0.5;
const ARCHIVED_SHARE = 0.1;
const AT_ONCE = 4;

export interface Member {
  readonly person: Person;
  readonly address: string;
}

/**
 * Resolves when `owner` has `count` messages, written with the others in equal parts (nobody may write more than 500 a day to one
 * person), and those sent are received. Returns the subject of one of the oldest.
 */
export async function fillMailbox(owner: Member, others: readonly Member[], count: number): Promise<string> {
  const sent = Math.round((count * SENT_SHARE) / others.length);
  const received = Math.round(count / others.length) - sent;
  await Promise.all(
    others.flatMap((other) => [
      write(other.person.page, owner.address, `From ${other.address}`, received),
      write(owner.person.page, other.address, `To ${other.address}`, sent),
    ]),
  );
  await whole(owner.person.page, others.length * (received + sent), others.length * sent);
  const all = received * others.length;
  await tidy(owner.person.page, Math.round(all * READ_SHARE), Math.round(all * ARCHIVED_SHARE));
  return `From ${others[0]!.address} 0`;
}

/** What the mailbox of this page has in a folder. */
export function countIn(page: Page, folder: Folder): Promise<number> {
  return page.evaluate(
    async (wanted) =>
      (await epost.client.snapshot()).messages.filter(({ folder }) => folder === wanted).length,
    folder,
  );
}

/** Resolves with the time (of this machine's clock) at which the mailbox of this page has `count` messages, of them so many sent and received. */
export function whole(page: Page, count: number, received = 0): Promise<number> {
  return page.evaluate(
    ([count, received]) =>
      new Promise<number>((resolve) => {
        const known = new Map<string, boolean>();
        const end = epost.client.subscribe(({ messages }) => {
          for (const { id, delivery } of messages.changed) known.set(id, delivery?.state === 'received');
          if (known.size < count!) return;
          if ([...known.values()].filter((arrived) => arrived).length < received!) return;
          queueMicrotask(() => end());
          resolve(Date.now());
        });
      }),
    [count, received],
  );
}

async function write(page: Page, to: string, what: string, count: number): Promise<void> {
  await page.evaluate(
    async ([to, what, count, atOnce]) => {
      const numbers = Array.from({ length: count }, (_, i) => i).values();
      const writers = Array.from({ length: atOnce }, async () => {
        for (const i of numbers)
          await epost.client.send({
            to: [to],
            cc: [],
            subject: `${what} ${i}`,
            text: `This is letter ${i}. `.repeat(1 + (i % 40)),
            html: undefined,
            files: [],
            forwarded: [],
            inReplyTo: undefined,
          });
      });
      await Promise.all(writers);
    },
    [to, what, count, AT_ONCE] as const,
  );
}

async function tidy(page: Page, read: number, archived: number): Promise<void> {
  await page.evaluate(
    async ([read, archived]) => {
      const { messages } = await epost.client.snapshot();
      const received = messages.filter(({ folder }) => folder === 'inbox');
      for (const { id } of received.slice(-read!))
        await epost.client.change({ kind: 'flag', messages: [id], flag: 'unread', on: false });
      for (const { id } of received.slice(0, archived))
        await epost.client.change({ kind: 'move', messages: [id], folder: 'archive' });
    },
    [read, archived],
  );
}
