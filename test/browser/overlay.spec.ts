/** The overlay in real Chromium: sixteen tabs and the relay make one ring, and twelve repair it without the relay. */
import { expect, test } from '@playwright/test';
import { idText } from '../../src/core/codec/id.ts';
import { NetworkSite, type Tab } from './support/network-site.ts';
import type {} from './support/network-overlay-page.ts';

/** With the relay seventeen nodes: everybody is in everybody's leaf set (l = 16, Pastry §2.1). */
const TABS = 16;
const CLOSED = 4;
/** Repair may wait for the time-outs of those that went. */
const PATIENCE_MS = 180_000;
const poll = { timeout: PATIENCE_MS, intervals: [1_000] };

const TAKEN = 'network.introductions-taken';
const GIVEN = 'network.introductions-given';

test.describe.configure({ timeout: 3 * PATIENCE_MS });

test('all leaf sets are right and every pair routes; without the relay and four tabs as well', async ({
  browser,
}) => {
  const site = await NetworkSite.start({
    page: 'network-overlay-page.ts',
    relay: 'network-overlay-relay.ts',
  });
  const openedAt = Date.now();
  const tabs = await Promise.all(Array.from({ length: TABS }, (_, i) => site.tab(browser, `tab ${i}`)));
  const relay = idText(site.relay.nodeId);

  await test.step('sixteen tabs and the relay', async () => {
    await expectRing(tabs, [relay]);
    note('all leaf sets right, seconds after opening', (Date.now() - openedAt) / 1_000);
    await expectAnswers(tabs, [relay]);
  });

  await test.step('twelve tabs, thirty of their links cut, no relay', async () => {
    const [left, gone] = [tabs.slice(CLOSED), tabs.slice(0, CLOSED)];
    const [takenBefore, givenBefore] = [await total(left, TAKEN), await total(left, GIVEN)];
    const brokenAt = Date.now();
    await Promise.all([
      site.killRelay(),
      ...gone.map(({ context }) => context.close()),
      ...left.map((tab, i) => cut(tab, acrossFrom(left, i))),
    ]);
    await expectRing(left, []);
    note('all leaf sets repaired, seconds', (Date.now() - brokenAt) / 1_000);
    await expectAnswers(left, []);
    const taken = (await total(left, TAKEN)) - takenBefore;
    note('introductions taken from peers', taken);
    expect(taken).toBeGreaterThan(0);
    expect(await total(left, GIVEN)).toBeGreaterThan(givenBefore);
    for (const tab of left) {
      const connections = await tab.page.evaluate(() => window.ring.connections());
      expect(connections.filter(({ relayed, protocols }) => relayed && protocols.length > 0)).toEqual([]);
    }
  });

  await Promise.all(tabs.map(({ context }) => context.close()));
  await site.stop();
});

/** Everybody's leaf set is everybody else. */
async function expectRing(tabs: readonly Tab[], others: readonly string[]): Promise<void> {
  const all = [...tabs.map(({ id }) => id), ...others].sort();
  for (const tab of tabs) {
    const state = (): Promise<unknown> =>
      tab.page.evaluate(() => ({ ready: window.ring.ready(), leafSet: window.ring.leafSet() }));
    await expect.poll(state, poll).toEqual({ ready: true, leafSet: all.filter((id) => id !== tab.id) });
  }
}

/** Each reaches each by its id. */
async function expectAnswers(tabs: readonly Tab[], others: readonly string[]): Promise<void> {
  const all = [...tabs.map(({ id }) => id), ...others];
  for (const tab of tabs)
    expect(
      await tab.page.evaluate(
        (ids) => window.ring.ask(ids),
        all.filter((id) => id !== tab.id),
      ),
    ).toEqual([]);
}

/** The five that are farthest from the i-th when they stand in a circle: who is cut from them still has six neighbours. */
function acrossFrom(tabs: readonly Tab[], i: number): string[] {
  return [4, 5, 6, 7, 8].map((step) => tabs[(i + step) % tabs.length]!.id);
}

const cut = (tab: Tab, from: readonly string[]): Promise<void> =>
  tab.page.evaluate((ids) => window.ring.cut(ids), from);

/** Of a counter, over all tabs. */
async function total(tabs: readonly Tab[], counter: string): Promise<number> {
  const counts = await Promise.all(
    tabs.map(({ page }) => page.evaluate((name) => window.ring.count(name), counter)),
  );
  return counts.reduce((sum, one) => sum + one, 0);
}

function note(type: string, figure: number): void {
  test.info().annotations.push({ type, description: String(figure) });
  console.log(`    ${type}: ${figure}`);
}
