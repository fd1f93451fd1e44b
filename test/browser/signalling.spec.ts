/** Signalling through peers, in real Chromium: any tab introduces its neighbours to each other, also while no relay is there. */
import { expect } from '@playwright/test';
import {
  close,
  connect,
  connections,
  count,
  expectAllDirect,
  linkAll,
  messages,
  send,
  tabLinks,
  test,
} from './support/network-tabs.ts';

const taken = 'network.introductions-taken';
const given = 'network.introductions-given';
const failed = 'network.introductions-failed';

test('with the relay dead, two tabs are linked through one that both are linked with', async ({ tabs }) => {
  const all = await tabs.startAll('ada', 'bob', 'cora');
  const [ada, bob, cora] = all;
  await linkAll([ada, bob]);
  await linkAll([bob, cora]);
  await tabs.killRelay();
  expect(await connect(ada, cora.contact, [bob])).toBe('none');
  await expectAllDirect(all);
  expect(await count(ada, taken)).toBe(1);
  expect(await count(bob, given)).toBe(1);
  expect(await send(ada, cora, 100_000, 7, 'bulk')).toBe('none');
  await expect.poll(() => messages(cora)).toMatchObject([{ from: ada.id, length: 100_000, uniform: true }]);

  // Again, the other way round, and without being told who knows Ada.
  await close(ada, cora);
  await expect.poll(async () => (await tabLinks(cora)).length).toBe(1);
  expect(await connect(cora, ada.contact)).toBe('none');
  await expectAllDirect(all);
  expect(await count(cora, taken)).toBe(1);
});

test('both dial at once through a tab: one link', async ({ tabs }) => {
  const all = await tabs.startAll('ada', 'bob', 'cora');
  const [ada, bob, cora] = all;
  await linkAll([ada, bob]);
  await linkAll([bob, cora]);
  await tabs.killRelay();
  for (let round = 1; round <= 5; round++) {
    expect(await Promise.all([connect(ada, cora.contact, [bob]), connect(cora, ada.contact, [bob])])).toEqual(
      ['none', 'none'],
    );
    await expectAllDirect(all);
    expect(await send(ada, cora, 10, round, 'control')).toBe('none');
    await expect.poll(async () => (await messages(cora)).length).toBe(round);
    await close(ada, cora);
    for (const tab of [ada, cora]) await expect.poll(async () => (await tabLinks(tab)).length).toBe(1);
  }
});

for (const [what, afterBytes] of [
  ['everything', 0],
  ['the signalling', 700],
] as const)
  test(`an introducer that drops ${what}: another one is asked`, async ({ tabs }) => {
    const all = await tabs.startAll('ada', 'bob', 'cora', 'dora');
    const [ada, bob, cora, dora] = all;
    await linkAll([ada, bob, dora]);
    await linkAll([cora, bob]);
    await linkAll([cora, dora]);
    await tabs.killRelay();
    await bob.page.evaluate((bytes) => window.node.dropIntroductions(bytes), afterBytes);
    expect(await connect(ada, cora.contact, [bob, dora])).toBe('none');
    expect(await count(ada, failed)).toBe(1);
    expect(await count(dora, given)).toBe(1);
    await expectAllDirect(all);
  });

test('nobody knows the target: unreachable', async ({ tabs }) => {
  const [ada, bob, cora] = await tabs.startAll('ada', 'bob', 'cora');
  await linkAll([ada, bob]);
  await tabs.killRelay();
  expect(await connect(ada, cora.contact, [bob])).toBe('unreachable');
  expect(await count(ada, failed)).toBe(1);
  expect(await count(bob, given)).toBe(0);
});

test('where WebRTC fails, a relay carries the link, and a tab never does', async ({ tabs }) => {
  const [ada, bob, cora] = await tabs.startAll('ada', 'bob', 'cora');
  await linkAll([ada, bob]);
  await linkAll([bob, cora]);
  await ada.page.evaluate(() => window.node.breakWebRtc(true));
  expect(await connect(ada, cora.contact, [bob])).toBe('none');
  expect((await tabLinks(ada)).find(({ node }) => node === cora.id)).toMatchObject({ direct: false });
  const relayed = (await connections(ada)).filter((connection) => connection.relayed);
  expect(relayed.map(({ remoteAddr }) => remoteAddr)).toEqual([
    expect.stringContaining(tabs.site.relayPeerId),
  ]);

  // It is tried again by and by.
  await ada.page.evaluate(() => window.node.breakWebRtc(false));
  await expect
    .poll(async () => (await tabLinks(ada)).every(({ direct }) => direct), { timeout: 90_000 })
    .toBe(true);

  await close(ada, cora);
  await expect.poll(async () => (await tabLinks(cora)).map(({ node }) => node)).toEqual([bob.id]);
  await ada.page.evaluate(() => window.node.breakWebRtc(true));
  await tabs.killRelay();
  expect(await connect(ada, cora.contact, [bob])).toBe('unreachable');
  expect((await tabLinks(cora)).map(({ node }) => node)).toEqual([bob.id]);
});
