/** `npm run demo`, small: its words bring a year of mail into an empty browser, people answer, and nothing stays behind when it ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { yearOf } from '../../demo/mailbox.ts';
import type { Inspection } from '../../src/app/session/inspection.ts';
import { people } from '../support/corpus.ts';
import { processesOf, startDemo } from './support/demo-process.ts';
import { expect, test } from './support/fixtures.ts';
import { Person } from './support/person.ts';

/** In the page. */
declare const epost: Inspection;

const ARGS = ['--people', '3', '--letters', '20', '--seed', 'test'];
/** The browser comes to a ring whose machine is busy. */
const PATIENCE_MS = 60_000;

test('the printed words open a year of mail, people answer, and Ctrl-C leaves no process', async ({
  strangerContext,
}) => {
  // Five processes and a browser: on a machine that does other work, too, that takes longer than most tests.
  test.slow();
  const folder = await mkdtemp(join(tmpdir(), 'epost-demo-'));
  try {
    const demo = await startDemo(folder, ARGS);
    expect(await processesOf(folder)).toHaveLength(1 + 3);
    const ada = await Person.recover(await strangerContext(), demo.url, demo.words);

    // Every letter of the year, with the date at which it was written.
    const [self] = people;
    const year = [...yearOf(demo.setting)].filter(({ from, to }) => from === self || to.includes(self!));
    expect(year.length).toBeGreaterThan(5);
    const dated = (): Promise<string[]> =>
      ada.page.evaluate(async () =>
        (await epost.client.snapshot()).messages.map(({ at, subject }) => `${at} ${subject}`),
      );
    const written = year.map(({ at, subject }) => `${Math.floor(at / 1000) * 1000} ${subject}`);
    await expect.poll(dated, { timeout: PATIENCE_MS }).toEqual(expect.arrayContaining(written));
    await ada.openFolder('Sent');
    const sent = year.findLast(({ from }) => from === self)!;
    await ada.open(sent.subject);
    await expect(ada.page.getByRole('article').last()).toContainText(sent.text.slice(0, 40));

    await ada.send({ to: 'bruno', subject: 'The small clock', text: 'Does it still run?' });
    await ada.openFolder('Inbox');
    await ada.open('Re: The small clock');

    expect(await demo.end()).toBe(0);
    expect(await processesOf(folder)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
