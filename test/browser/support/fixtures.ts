/** Playwright's `test` with a relay of its own for each test, and people who join it. */
import { test as base, type BrowserContext } from '@playwright/test';
import { Person } from './person.ts';
import { startRelayProcess, type RelayProcess } from './relay-process.ts';

interface Fixtures {
  /** A fresh relay in its own process; killed and removed after the test. */
  readonly relay: RelayProcess;
  /** Joins as `name` under the address `name` in small letters, in a browser profile of its own. */
  readonly newcomer: (name: string) => Promise<Person>;
  /** An empty browser profile. */
  readonly strangerContext: () => Promise<BrowserContext>;
}

export const test = base.extend<Fixtures>({
  relay: async ({}, use) => {
    const relay = await startRelayProcess();
    await use(relay);
    await relay.dispose();
  },
  newcomer: async ({ browser, relay }, use) => {
    const people: Person[] = [];
    await use(async (name) => {
      const context = await browser.newContext();
      const person = await Person.join(context, relay.invitation, name, name.toLowerCase());
      people.push(person);
      return person;
    });
    for (const { page } of people) await page.context().close();
  },
  strangerContext: async ({ browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext();
      contexts.push(context);
      return context;
    });
    for (const context of contexts) await context.close();
  },
});

export { expect } from '@playwright/test';
