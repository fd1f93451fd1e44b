/** Bad days in real Chromium: each is said clearly where a person sees it, nothing is lost, nothing is half done. */
import type { BrowserContext, Page } from '@playwright/test';
import type { Inspection } from '../../src/app/session/inspection.ts';
import { expect, test } from './support/fixtures.ts';
import { binaryFile, Person } from './support/person.ts';
import { fillDisk, limitDisk, shiftClock, stopWorkers } from './support/browser-state.ts';

/** In the page. */
declare const epost: Inspection;

const HOUR_MS = 60 * 60 * 1000;
/** Enough for the app and for letters, not for `large`. */
const SMALL_DISK_BYTES = 6_000_000;
const large = binaryFile('large.bin', 10_000_000);

test('the service worker is stopped in the middle of use: mail is sent, read and answered', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await ada.send({ to: 'bob', subject: 'Before the stop', text: 'All is well.' });
  await bob.open('Before the stop');
  await stopWorkers(await ada.page.context().newCDPSession(ada.page));
  await ada.send({ to: 'bob', subject: 'After the stop', text: 'All is still well.' });
  await bob.open('After the stop');
  await expect(bob.page.getByText('All is still well.').last()).toBeVisible();
  await stopWorkers(await bob.page.context().newCDPSession(bob.page));
  await bob.send({ to: 'ada', subject: 'An answer', text: 'So it is.' });
  await ada.open('An answer');
});

test('clocks an hour apart: mail arrives both ways, each with the date of its writer', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const context = await strangerContext();
  await shiftClock(context, HOUR_MS);
  const bob = await Person.join(context, relay.invitation, 'Bob', 'bob');
  const apart = (await clockOf(bob.page)) - (await clockOf(ada.page));
  expect(Math.round(apart / HOUR_MS)).toBe(1);

  await ada.send({ to: 'bob', subject: 'From the past', text: 'It is early.' });
  await bob.open('From the past');
  await bob.send({ to: 'ada', subject: 'From the future', text: 'It is late.' });
  await ada.open('From the future');
  for (const [reader, writer, subject] of [
    [bob, ada, 'From the past'],
    [ada, bob, 'From the future'],
  ] as const) {
    const off = (await clockOf(writer.page)) - (await dateOf(reader, subject));
    expect(Math.round(off / HOUR_MS)).toBe(0);
    await expect(reader.page.locator('article time').first()).toHaveText(/\d/);
  }
  await ada.openFolder('Sent');
  await ada.open('From the past');
  await ada.expectDelivery(/received/i);
});

test('nobody can be reached: the state is honest, what is written waits on disk, and goes out when they are back', async ({
  newcomer,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await ada.expectOnline();
  await bob.page.close();
  await relay.kill();
  await ada.page.context().setOffline(true);
  await expect.poll(() => connectionOf(ada), { timeout: 60_000 }).toBe('offline');
  await expect(ada.page.getByText('Offline', { exact: true }).first()).toBeVisible();
  await ada.send({ to: 'bob', subject: 'Into the silence', text: 'Is anybody there?' });
  await ada.openFolder('Sent');
  await ada.open('Into the silence');
  await ada.expectDelivery(/queued.*network/i);

  await ada.page.context().setOffline(false);
  await relay.restart();
  await ada.expectDelivery(/notified/i);
  const back = await bob.reopen();
  await back.open('Into the silence');
  await ada.expectDelivery(/received/i);
  await expect.poll(() => connectionOf(ada)).toBe('online');
});

test('the disk of the sender is full: it is said, nothing is half done, and the letter goes when there is room', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  const page = await (await strangerContext()).newPage();
  const giveRoom = await limitDisk(page, relay.url, SMALL_DISK_BYTES);
  const ada = await Person.join(page.context(), relay.invitation, 'Ada', 'ada');
  const bob = await newcomer('Bob');
  await ada.expectOnline();
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByLabel('To', { exact: true }).fill('bob');
  await page.getByLabel('Subject', { exact: true }).fill('Too much');
  await page.getByLabel('Message', { exact: true }).fill('Here is a lot.');
  await ada.attach([large]);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByLabel('Composer').getByText(/disk of this device is full/)).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByLabel('Message', { exact: true })).toHaveText('Here is a lot.');
  expect(await subjectsOf(ada)).toEqual([]);

  await giveRoom();
  await page.getByRole('button', { name: 'Minimise' }).click();
  await ada.send({ to: 'bob', subject: 'A small one', text: 'There is room again.' });
  await bob.open('A small one');
  await page.getByRole('button', { name: 'Too much' }).click();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await bob.open('Too much');
  expect((await bob.save(large.name)).equals(large.buffer)).toBe(true);
  await expect(page.getByLabel('Notices')).toBeHidden();
  expect(await subjectsOf(bob)).toEqual(['A small one', 'Too much']);
});

test('the disk of the recipient is full: it is said there, and the mail comes when there is room', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  const ada = await newcomer('Ada');
  // With these two and the relay there are k devices that have room.
  await newcomer('Cleo');
  const page = await (await strangerContext()).newPage();
  const giveRoom = await limitDisk(page, relay.url, SMALL_DISK_BYTES);
  const bob = await Person.join(page.context(), relay.invitation, 'Bob', 'bob');
  await bob.expectOnline();
  await fillDisk(page);
  await ada.send({ to: 'bob', subject: 'For a full house', text: 'Take your time.' });
  await expect(page.getByLabel('Notices').getByText(/disk of this device is full/)).toBeVisible({
    timeout: 60_000,
  });
  await ada.openFolder('Sent');
  await ada.open('For a full house');
  await ada.expectDelivery(/notified/i);
  expect(await subjectsOf(bob)).toEqual([]);

  await giveRoom();
  await bob.open('For a full house');
  await expect(page.getByText('Take your time.').last()).toBeVisible();
  await ada.expectDelivery(/received/i);
  await expect(page.getByLabel('Notices')).toBeHidden();
  expect(await subjectsOf(bob)).toEqual(['For a full house']);
});

test('two tabs of one profile: both read and send; when the one that leads closes, the other takes over', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const second = await ada.reopen();
  await bob.send({
    to: 'ada',
    subject: 'To both',
    text: 'In every window.',
    files: [binaryFile('s.bin', 9_000)],
  });
  await ada.open('To both');
  await second.open('To both');
  await expect(second.page.getByText('In every window.').last()).toBeVisible();
  expect((await second.save('s.bin')).length).toBe(9_000);
  await second.send({ to: 'bob', subject: 'From the second', text: 'Sent by another window.' });
  await bob.open('From the second');
  expect(await leads(ada)).toBe(true);
  expect(await leads(second)).toBe(false);

  await ada.page.close();
  await bob.send({ to: 'ada', subject: 'To whoever is left', text: 'Still there?' });
  await second.openFolder('Inbox');
  await second.open('To whoever is left');
  expect(await leads(second)).toBe(true);
  await second.send({ to: 'bob', subject: 'Still here', text: 'Yes.' });
  await bob.open('Still here');
  expect(await subjectsOf(second)).toEqual([
    'From the second',
    'Still here',
    'To both',
    'To whoever is left',
  ]);
  expect(await subjectsOf(bob)).toEqual(['From the second', 'Still here', 'To both', 'To whoever is left']);
});

test('reloaded with the relay and the network gone: the mailbox opens from disk, and what is written goes out later', async ({
  newcomer,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await bob.send({ to: 'ada', subject: 'Read it later', text: 'On the train, say.' });
  await ada.open('Read it later');
  await expect(ada.page.getByText('On the train, say.').last()).toBeVisible();
  await ada.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await relay.kill();
  await ada.page.context().setOffline(true);
  await ada.page.reload();
  await ada.openFolder('Inbox');
  await ada.open('Read it later');
  await expect(ada.page.getByText('On the train, say.').last()).toBeVisible();
  await ada.send({ to: 'bob', subject: 'From the train', text: 'I have read it.' });
  await ada.openFolder('Sent');
  await ada.open('From the train');
  await ada.expectDelivery(/queued/i);

  await ada.page.context().setOffline(false);
  await relay.restart();
  await bob.open('From the train');
  await ada.expectDelivery(/received/i);
});

test('an ordinary session breaks no rule of the page and logs no error', async ({
  strangerContext,
  relay,
}) => {
  const context = await strangerContext();
  const wrong = await listen(context);
  const ada = await Person.join(context, relay.invitation, 'Ada', 'ada');
  const bob = await Person.join(await strangerContext(), relay.invitation, 'Bob', 'bob');
  await ada.send({
    to: 'bob',
    subject: 'Good morning',
    text: 'See https://example.org/',
    files: [binaryFile('a.bin', 5_000)],
  });
  await bob.open('Good morning');
  await bob.send({ to: 'ada', subject: 'And to you', text: 'Thanks.', files: [binaryFile('b.bin', 5_000)] });
  await ada.open('And to you');
  await ada.save('b.bin');
  for (const name of ['People', 'Network', 'Mail'])
    await ada.page.getByRole('link', { name }).first().click();
  const again = await ada.reopen();
  await again.open('And to you');
  await ada.page.close();
  await again.page.reload();
  await again.openFolder('Sent');
  await again.open('Good morning');
  await again.expectDelivery(/received/i);
  expect(wrong).toEqual([]);
});

/** Everything that goes wrong on the pages of a context, in words, as it happens. */
async function listen(context: BrowserContext): Promise<string[]> {
  const wrong: string[] = [];
  await context.exposeFunction('reportViolation', (text: string) => wrong.push(`policy: ${text}`));
  await context.addInitScript(() => {
    const { reportViolation } = globalThis as unknown as { reportViolation: (text: string) => void };
    addEventListener('securitypolicyviolation', (event) => {
      const { violatedDirective, blockedURI } = event as SecurityPolicyViolationEvent;
      reportViolation(`${violatedDirective} ${blockedURI}`);
    });
  });
  context.on('console', (message) => {
    if (message.type() === 'error') wrong.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => wrong.push(`uncaught: ${error.error().message}`));
  return wrong;
}

const clockOf = (page: Page): Promise<number> => page.evaluate(() => Date.now());

const connectionOf = (person: Person): Promise<string> =>
  person.page.evaluate(async () => (await epost.client.snapshot()).connection.state);

/** Whether this tab runs the profile's node. */
const leads = (person: Person): Promise<boolean> =>
  person.page.evaluate(() => epost.connections().length > 0);

/** The date that a message shows, in milliseconds. */
const dateOf = (person: Person, subject: string): Promise<number> =>
  person.page.evaluate(async (wanted) => {
    const { messages } = await epost.client.snapshot();
    return messages.find((message) => message.subject === wanted)!.at;
  }, subject);

/** Subjects of all messages in the mailbox, sorted. */
const subjectsOf = (person: Person): Promise<string[]> =>
  person.page.evaluate(async () => {
    const { messages } = await epost.client.snapshot();
    return messages.map(({ subject }) => subject).sort();
  });
