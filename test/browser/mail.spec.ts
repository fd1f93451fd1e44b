/** The main job, end to end: real Chromium, separate browser contexts, a real relay, everything over real libp2p. */
import { expect, test } from './support/fixtures.ts';
import { binaryFile } from './support/person.ts';

const photo = binaryFile('photo.bin', 3_000_000);

test('two people write, watch the delivery, read, save the attachment byte for byte, and reply', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await ada.send({ to: 'bob', subject: 'Report', text: 'Dear Bob,\n\nhere it is.', files: [photo] });
  await ada.openFolder('Sent');
  await ada.open('Report');
  await ada.expectDelivery(/received/i);

  await bob.open('Report');
  await expect(bob.page.getByText('here it is.').last()).toBeVisible();
  expect((await bob.save('photo.bin')).equals(photo.buffer)).toBe(true);

  await bob.page.getByRole('button', { name: 'Reply', exact: true }).click();
  await bob.page.getByLabel('Message', { exact: true }).fill('Thank you!');
  await bob.page.getByRole('button', { name: 'Send', exact: true }).click();
  await ada.openFolder('Inbox');
  await ada.open('Re: Report');
  await expect(ada.page.getByText('Thank you!').last()).toBeVisible();
});

test('B is offline: A closes the tab after notified; B opens later and has it, byte for byte', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await bob.page.close();
  await ada.send({
    to: 'bob@example.org',
    subject: 'While you were away',
    text: 'Read this.',
    files: [photo],
  });
  await ada.openFolder('Sent');
  await ada.open('While you were away');
  await ada.expectDelivery(/notified/i);
  await ada.page.close();

  const back = await bob.reopen();
  await back.open('While you were away');
  expect((await back.save('photo.bin')).equals(photo.buffer)).toBe(true);
});

test('a tab is killed while it sends 20 messages: all 20 arrive, each exactly once', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const subjects = Array.from({ length: 20 }, (_, i) => `Letter ${String(i + 1).padStart(2, '0')} of 20`);
  for (const subject of subjects) await ada.send({ to: 'bob', subject, text: `This is ${subject}.` });
  await ada.crash();
  await ada.reopen();
  // Tall enough for all rows: only those in sight are drawn.
  await bob.page.setViewportSize({ width: 1280, height: 2600 });
  await expect(bob.rows('of 20')).toHaveCount(20, { timeout: 90_000 });
  const shown = await bob.rows('of 20').allInnerTexts();
  for (const subject of subjects) expect(shown.filter((text) => text.includes(subject))).toHaveLength(1);
});

test('recovery words in an empty profile bring the mailbox back', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await bob.send({ to: 'ada', subject: 'Keep this', text: 'A letter worth keeping.', files: [photo] });
  await ada.open('Keep this');
  await ada.send({ to: 'bob', subject: 'An answer', text: 'I shall.' });
  await ada.openFolder('Sent');
  await ada.open('An answer');
  await ada.expectDelivery(/received/i);
  await ada.page.context().close();

  const again = await ada.recover(await strangerContext(), relay.url);
  await again.open('Keep this');
  await expect(again.page.getByText('A letter worth keeping.').last()).toBeVisible();
  expect((await again.save('photo.bin')).equals(photo.buffer)).toBe(true);
  await again.openFolder('Sent');
  await again.open('An answer');
});

test('what is written offline is queued on disk and goes out when the network is back', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await ada.expectOnline();
  await ada.page.context().setOffline(true);
  await ada.send({ to: 'bob', subject: 'Written on a train', text: 'No network here.' });
  await ada.openFolder('Sent');
  await ada.open('Written on a train');
  await ada.expectDelivery(/queued|stored|notified|received/i);
  await ada.page.context().setOffline(false);
  await bob.open('Written on a train');
});

test('a forwarded attachment is not uploaded again, and arrives', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const cleo = await newcomer('Cleo');
  await ada.send({ to: 'bob', subject: 'The photo', text: 'Look.', files: [photo] });
  await bob.open('The photo');
  expect((await bob.save('photo.bin')).equals(photo.buffer)).toBe(true);
  await bob.page.getByRole('button', { name: 'Forward', exact: true }).click();
  await bob.page.getByLabel('To', { exact: true }).fill('cleo');
  await bob.page.getByRole('button', { name: 'Send', exact: true }).click();
  await cleo.open('Fwd: The photo');
  expect((await cleo.save('photo.bin')).equals(photo.buffer)).toBe(true);
});

test('the sender learns that a message was read when its reader allows it', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await bob.page.getByRole('link', { name: 'People' }).click();
  await bob.page.getByRole('checkbox', { name: 'Tell senders when I have read their mail' }).check();
  await ada.send({ to: 'bob', subject: 'Have you read it?', text: 'The book, I mean.' });
  await bob.openFolder('Inbox');
  await bob.open('Have you read it?');
  await ada.openFolder('Sent');
  await ada.open('Have you read it?');
  await ada.expectDelivery(/^\s*read/i);
});
