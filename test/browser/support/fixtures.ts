/** Playwright's `test` with a relay of its own for each test, and people who join it. */
import { test as base } from '@playwright/test';
import { join, type NewcomerOptions, type Person } from './people.ts';
import { startRelayProcess, type RelayProcess } from './relay-process.ts';

interface Fixtures {
  /** A fresh relay in its own process; killed and removed after the test. */
  readonly relay: RelayProcess;
  /** Joins as this name by the relay's invitation, in a browser profile of its own. */
  readonly newcomer: (name: string, options?: NewcomerOptions) => Promise<Person>;
}

export const test = base.extend<Fixtures>({
  relay: async ({}, use) => {
    const relay = await startRelayProcess();
    await use(relay);
    await relay.dispose();
  },
  newcomer: async ({ browser, relay }, use) => {
    const people: Person[] = [];
    await use(async (name, options) => {
      const person = await join(browser, relay.invitation, name, options);
      people.push(person);
      return person;
    });
    for (const { context } of people) await context.close();
  },
});

export { expect } from '@playwright/test';
