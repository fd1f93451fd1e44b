/** The network port in real Chromium: tabs that find each other through a relay, and go on without it. */
import { expect, test } from '@playwright/test';
import { packed } from './support/network-setup.ts';
import { NetworkSite, type Tab } from './support/network-site.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';
import { idText } from '../../src/core/codec/id.ts';

const MIB = 1024 * 1024;

const connect = (tab: Tab, to: Contact): Promise<string> =>
  tab.page.evaluate((text) => window.node.connect(text), packed(to));
const send = (tab: Tab, to: Tab, length: number, fill: number, lane: 'control' | 'bulk'): Promise<string> =>
  tab.page.evaluate((args) => window.node.send(...args), [to.id, length, fill, lane] as const);
const links = (tab: Tab) => tab.page.evaluate(() => window.node.links());
const events = (tab: Tab) => tab.page.evaluate(() => window.node.events());
const messages = (tab: Tab) => tab.page.evaluate(() => window.node.messages());
const connections = (tab: Tab) => tab.page.evaluate(() => window.node.connections());
const reachable = (tab: Tab) => tab.page.evaluate(() => window.node.reachable());
const count = async (tab: Tab, name: string): Promise<number> => {
  const counts = await tab.page.evaluate(() => window.node.counts());
  return counts.find(([counter]) => counter === name)?.[1] ?? 0;
};

let site: NetworkSite;
const tabs: Tab[] = [];

test.beforeEach(async () => {
  site = await NetworkSite.start();
});
test.afterEach(async () => {
  await Promise.all(tabs.splice(0).map(({ context }) => context.close()));
  await site.stop();
});

async function start(tab: Promise<Tab>): Promise<Tab> {
  tabs.push(await tab);
  return tabs.at(-1)!;
}

async function startAll(
  browser: Parameters<NetworkSite['tab']>[0],
  names: readonly string[],
): Promise<Tab[]> {
  const started: Tab[] = [];
  for (const name of names) started.push(await start(site.tab(browser, name)));
  for (const tab of started) await expect.poll(() => reachable(tab)).toBe(true);
  return started;
}

/** Each pair by WebRTC, nothing between tabs through the relay. */
async function expectAllDirect(all: readonly Tab[]): Promise<void> {
  for (const tab of all) {
    await expect
      .poll(async () => (await links(tab)).filter(({ role }) => role === 'tab').length)
      .toBe(all.length - 1);
    expect((await links(tab)).every(({ direct }) => direct)).toBe(true);
    await expect.poll(async () => (await connections(tab)).filter(({ relayed }) => relayed)).toEqual([]);
    const between = async () =>
      (await connections(tab)).filter(({ remoteAddr }) => remoteAddr.includes('/webrtc'));
    await expect.poll(async () => (await between()).length).toBe(all.length - 1);
    for (const connection of await between()) {
      expect(connection).toMatchObject({ webrtc: true, relayed: false, status: 'open' });
      expect(connection.limits ?? null).toBeNull();
      expect(connection.protocols).toEqual(['/epost/link/1']);
    }
  }
}

async function linkAll(all: readonly Tab[]): Promise<void> {
  for (const [i, tab] of all.entries())
    expect(await Promise.all(all.slice(0, i).map((other) => connect(tab, other.contact)))).toEqual(
      all.slice(0, i).map(() => 'none'),
    );
}

test('tabs are linked directly by WebRTC; control overtakes bulk; closing is seen', async ({ browser }) => {
  const all = await startAll(browser, ['ada', 'bob', 'cora']);
  const [ada, bob, cora] = all as [Tab, Tab, Tab];
  await linkAll(all);
  await expectAllDirect(all);
  const relayId = idText(site.relay.nodeId);
  const relayed = (await links(ada)).find(({ node }) => node === relayId)!.sentBytes;

  const bulk = send(ada, bob, MIB, 1, 'bulk');
  expect(await send(ada, bob, 20, 2, 'control')).toBe('none');
  expect(await bulk).toBe('none');
  await expect.poll(async () => (await messages(bob)).length).toBe(2);
  expect((await messages(bob)).map(({ length, uniform }) => [length, uniform])).toEqual(
    expect.arrayContaining([
      [MIB, true],
      [20, true],
    ]),
  );
  const many = await Promise.all(Array.from({ length: 20 }, (_, i) => send(cora, ada, 100_000, i, 'bulk')));
  expect(many).toEqual(many.map(() => 'none'));
  await expect.poll(async () => (await messages(ada)).map(({ fill }) => fill)).toEqual(many.map((_, i) => i));
  // Only probes went to the relay meanwhile.
  expect((await links(ada)).find(({ node }) => node === relayId)!.sentBytes - relayed).toBeLessThan(10_000);

  await ada.page.evaluate((id) => window.node.close(id), bob.id);
  await expect.poll(() => events(bob)).toContain(`down ${ada.id} closed`);
  expect(await events(ada)).toContain(`down ${bob.id} test`);
  expect(await connect(bob, ada.contact)).toBe('none');
  await cora.page.evaluate(() => window.node.stop());
  await expect.poll(() => events(ada)).toContain(`down ${cora.id} closed`);
});

test('both dial at once, again and again: one link, and messages pass', async ({ browser }) => {
  const [ada, bob] = (await startAll(browser, ['ada', 'bob'])) as [Tab, Tab];
  for (let round = 1; round <= 5; round++) {
    expect(await Promise.all([connect(ada, bob.contact), connect(bob, ada.contact)])).toEqual([
      'none',
      'none',
    ]);
    await expectAllDirect([ada, bob]);
    expect(await send(ada, bob, 10, round, 'control')).toBe('none');
    expect(await send(bob, ada, 10, round, 'control')).toBe('none');
    await expect.poll(async () => (await messages(bob)).length).toBe(round);
    await expect.poll(async () => (await messages(ada)).length).toBe(round);
    await (round % 2 ? ada : bob).page.evaluate((id) => window.node.close(id), (round % 2 ? bob : ada).id);
    for (const tab of [ada, bob])
      await expect.poll(async () => (await links(tab)).filter(({ role }) => role === 'tab')).toEqual([]);
  }
});

test('a tab that is gone without a word is lost', async ({ browser }) => {
  const [ada, bob] = (await startAll(browser, ['ada', 'bob'])) as [Tab, Tab];
  await linkAll([ada, bob]);
  await bob.context.close();
  await expect.poll(() => events(ada)).toContain(`down ${bob.id} lost`);
  expect(await connect(ada, bob.contact)).toBe('unreachable');
});

test('forged certificates get nowhere, and are counted', async ({ browser }) => {
  const [ada] = (await startAll(browser, ['ada'])) as [Tab];
  const mallory = await start(site.tab(browser, 'mallory', 'other-authority'));
  const eve = await start(site.tab(browser, 'eve', 'other-peer-key'));
  await expect.poll(() => count(mallory, 'network.relay-refused')).toBeGreaterThan(0);
  await expect.poll(() => count(eve, 'network.relay-refused')).toBeGreaterThan(0);
  expect(await connect(mallory, ada.contact)).toBe('refused');
  expect(await connect(eve, ada.contact)).toBe('refused');
  expect(await connect(ada, mallory.contact)).toBe('unreachable');
  for (const tab of [mallory, eve]) expect(await events(tab)).toEqual([]);
  expect(await links(ada)).toHaveLength(1);
});

test('links stay when the relay is killed, and everything recovers when it is back', async ({ browser }) => {
  const all = await startAll(browser, ['ada', 'bob', 'cora']);
  const [ada, bob, cora] = all as [Tab, Tab, Tab];
  await linkAll([ada, bob]);
  await site.killRelay();
  const relayId = idText(site.relay.nodeId);
  for (const tab of all) await expect.poll(() => events(tab)).toContain(`down ${relayId} lost`);
  for (let i = 1; i <= 5; i++) {
    expect(await send(ada, bob, 50_000, i, 'bulk')).toBe('none');
    expect(await send(bob, ada, 50, i, 'control')).toBe('none');
    await expect.poll(async () => (await messages(bob)).length).toBe(i);
    await expect.poll(async () => (await messages(ada)).length).toBe(i);
  }
  expect(await connect(cora, ada.contact)).toBe('unreachable');
  expect(await events(ada)).not.toContain(`down ${bob.id} lost`);

  await site.startRelay();
  for (const tab of all) await expect.poll(() => reachable(tab)).toBe(true);
  expect(await connect(cora, ada.contact)).toBe('none');
  expect(await connect(bob, cora.contact)).toBe('none');
  await expectAllDirect(all);
});
