/** What axe-core finds on a page: wide and light, and dark on a phone. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Structure depends on the size alone, colours on the scheme alone: two looks see each of them. */
const LOOKS = {
  phone: { size: { width: 390, height: 844 }, colorScheme: 'dark' },
  wide: { size: { width: 1440, height: 900 }, colorScheme: 'light' },
} as const;
export type Look = keyof typeof LOOKS;

/** Changes to a look; without movements, so that no colour is looked at on its way. */
export async function lookAs(page: Page, look: Look): Promise<void> {
  const { size, colorScheme } = LOOKS[look];
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.setViewportSize(size);
}

/** Expects no violation of what the page shows; leaves it wide. */
export async function expectAccessible(
  page: Page,
  what: string,
  looks: readonly Look[] = ['phone', 'wide'],
): Promise<void> {
  for (const look of looks) {
    await lookAs(page, look);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, nodes }) => ({
      rule: id,
      where: nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`),
    }));
    expect.soft(found, `${what}, ${look}`).toEqual([]);
  }
  await lookAs(page, 'wide');
}
