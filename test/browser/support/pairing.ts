/** Pairing on two pages, by the names on screen and nothing else. */
import { expect, type Page } from '@playwright/test';

const PATIENCE_MS = 60_000;

export async function openDevices(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Devices' }).click();
  await expect(page.getByRole('heading', { name: 'Devices' })).toBeVisible();
}

/** The code that the page shows. */
export async function shownCode(page: Page): Promise<string> {
  const code = page.getByLabel('Code', { exact: true });
  await expect(code).toHaveText(/^(\w{4}-){3}\w{4}$/, { timeout: PATIENCE_MS });
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  return code.innerText();
}

export async function typeCode(page: Page, code: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Or type the code that the other device shows' }).fill(code);
  await page.getByRole('button', { name: 'Connect' }).click();
}

/** The taking side says yes; resolves when the giving side can. */
export async function sayYesToAccount(giver: Page, taker: Page): Promise<void> {
  await taker.getByRole('button', { name: 'Use this account' }).click({ timeout: PATIENCE_MS });
  await expect(giver.getByRole('button', { name: 'Add this device' })).toBeEnabled({ timeout: PATIENCE_MS });
}

/** Both sides say yes; resolves when the new device is in the mailbox. */
export async function sayYes(giver: Page, taker: Page): Promise<void> {
  await sayYesToAccount(giver, taker);
  await giver.getByRole('button', { name: 'Add this device' }).click();
  await expect(taker.getByRole('button', { name: 'Compose' })).toBeVisible({ timeout: PATIENCE_MS });
}
