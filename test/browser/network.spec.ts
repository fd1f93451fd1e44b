/** The network port in real Chromium: tabs that find each other through a relay, and go on without it. */
import { expect } from '@playwright/test';
import { idText } from '../../src/core/codec/id.ts';
import {
  close,
  connect,
  count,
  events,
  expectAllDirect,
  linkAll,
  links,
  messages,
  reachable,
  send,
  tabLinks,
  test,
} from './support/network-tabs.ts';

const MIB = 1024 * 1024;

test('tabs are linked directly by WebRTC; control overtakes bulk; closing is seen', async ({ tabs }) => {
  const all = await tabs.startAll('ada', 'bob', 'cora');
  const [ada, bob, cora] = all;
  await linkAll(all);
  await expectAllDirect(all);
  const relayId = idText(tabs.site.relay.nodeId);
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

  await close(ada, bob);
  await expect.poll(() => events(bob)).toContain(`down ${ada.id} closed`);
  expect(await events(ada)).toContain(`down ${bob.id} test`);
  expect(await connect(bob, ada.contact)).toBe('none');
  await cora.page.evaluate(() => window.node.stop());
  await expect.poll(() => events(ada)).toContain(`down ${cora.id} closed`);
});

test('both dial at once, again and again: one link, and messages pass', async ({ tabs }) => {
  const [ada, bob] = await tabs.startAll('ada', 'bob');
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
    if (round % 2) await close(ada, bob);
    else await close(bob, ada);
    for (const tab of [ada, bob]) await expect.poll(() => tabLinks(tab)).toEqual([]);
  }
});

test('a tab that is gone without a word is lost', async ({ tabs }) => {
  const [ada, bob] = await tabs.startAll('ada', 'bob');
  await linkAll([ada, bob]);
  await bob.context.close();
  await expect.poll(() => events(ada)).toContain(`down ${bob.id} lost`);
  expect(await connect(ada, bob.contact)).toBe('unreachable');
});

test('forged certificates get nowhere, and are counted', async ({ tabs }) => {
  const [ada] = await tabs.startAll('ada');
  const mallory = await tabs.start('mallory', 'other-authority');
  const eve = await tabs.start('eve', 'other-peer-key');
  await expect.poll(() => count(mallory, 'network.relay-refused')).toBeGreaterThan(0);
  await expect.poll(() => count(eve, 'network.relay-refused')).toBeGreaterThan(0);
  expect(await connect(mallory, ada.contact)).toBe('refused');
  expect(await connect(eve, ada.contact)).toBe('refused');
  expect(await connect(ada, mallory.contact)).toBe('unreachable');
  for (const tab of [mallory, eve]) expect(await events(tab)).toEqual([]);
  expect(await links(ada)).toHaveLength(1);
});

test('links stay when the relay is killed, and everything recovers when it is back', async ({ tabs }) => {
  const all = await tabs.startAll('ada', 'bob', 'cora');
  const [ada, bob, cora] = all;
  await linkAll([ada, bob]);
  await tabs.killRelay();
  for (let i = 1; i <= 5; i++) {
    expect(await send(ada, bob, 50_000, i, 'bulk')).toBe('none');
    expect(await send(bob, ada, 50, i, 'control')).toBe('none');
    await expect.poll(async () => (await messages(bob)).length).toBe(i);
    await expect.poll(async () => (await messages(ada)).length).toBe(i);
  }
  expect(await connect(cora, ada.contact)).toBe('unreachable');
  expect(await events(ada)).not.toContain(`down ${bob.id} lost`);

  await tabs.site.startRelay();
  for (const tab of all) await expect.poll(() => reachable(tab)).toBe(true);
  expect(await connect(cora, ada.contact)).toBe('none');
  expect(await connect(bob, cora.contact)).toBe('none');
  await expectAllDirect(all);
});
