/** The app in browser and system: badge, notifications, installing, what it says of itself. */
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';

/** In the page: what the system would show on the icon. */
declare let badge: number;

/** Nobody sees the page any more, as far as it is told. */
function hide(page: Page): Promise<void> {
  return page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true });
  });
}

function shownNotifications(page: Page): Promise<{ title: string; body: string }[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
  });
}

test('new mail is counted on the icon, told of when it is out of sight, and opened by a click', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const { page } = ada;
  await page.context().grantPermissions(['notifications']);
  await page.evaluate(() => {
    navigator.setAppBadge = (count) => ((badge = count ?? 0), Promise.resolve());
    navigator.clearAppBadge = () => ((badge = 0), Promise.resolve());
  });
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: 'Say from whom, and what about' }).check();
  await page.getByRole('link', { name: 'Mail' }).first().click();
  await hide(page);
  await bob.send({ to: 'ada', subject: 'Report', text: 'Here it is.' });
  await expect.poll(() => shownNotifications(page)).toEqual([{ title: 'Bob', body: 'Report' }]);
  expect(await page.evaluate(() => badge)).toBe(1);

  const [worker] = page.context().serviceWorkers();
  await worker!.evaluate(async () => {
    const { registration } = self as unknown as ServiceWorkerGlobalScope;
    const [notification] = await registration.getNotifications();
    self.dispatchEvent(new NotificationEvent('notificationclick', { notification: notification! }));
  });
  await expect(page.getByRole('heading', { name: 'Report' })).toBeVisible();
  await expect.poll(() => shownNotifications(page)).toEqual([]);
  await expect.poll(() => page.evaluate(() => badge)).toBe(0);
});

test('being told of mail is offered once, and then says no more than that it came', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const { page } = ada;
  await page.context().grantPermissions(['notifications']);
  await hide(page);
  await bob.send({ to: 'ada', subject: 'First', text: 'One.' });
  await page.getByRole('button', { name: 'Tell me' }).click();
  expect(await shownNotifications(page)).toEqual([]);
  await bob.send({ to: 'ada', subject: 'Second', text: 'Two.' });
  await expect.poll(() => shownNotifications(page)).toEqual([{ title: 'New mail', body: '' }]);
});

test('installing is offered after the first sent mail, once; the settings say version and state of the disk', async ({
  newcomer,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  const offerOfBrowser = () =>
    page.evaluate(() => {
      const event = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
        prompt: () => Promise.resolve({ outcome: 'accepted' }),
      });
      window.dispatchEvent(event);
      return event.defaultPrevented;
    });
  expect(await offerOfBrowser()).toBe(true);
  const offer = page.getByRole('button', { name: 'Install' });
  await expect(offer).toBeHidden();
  await ada.send({ to: 'ada', subject: 'A first one', text: 'Sent.' });
  await offer.click();
  await expect(offer).toBeHidden();
  await offerOfBrowser();
  await page.getByRole('link', { name: 'Settings' }).click();
  // Here, where one looks for it, and not as an offer again.
  await expect(page.getByRole('main').getByRole('button', { name: 'Install' })).toBeVisible();
  await expect(offer).toHaveCount(1);
  const { version } = (await (await fetch(`${relay.url}/version.json`)).json()) as { version: string };
  expect(version).toMatch(/^\d+\.\d+\.\d+ \([0-9a-f]{7}\)$/);
  await expect(page.getByText(`Version ${version}`)).toBeVisible();
  await expect(page.getByText(/^The browser (has promised|may erase)/)).toBeVisible();
});
