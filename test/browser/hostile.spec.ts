/** Hostile members and strangers in a ring of real browsers: they get nowhere, are counted, and the mail still arrives. */
import type { Page } from '@playwright/test';
import { fromHex, toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { compareDistance, type Id } from '../../src/core/codec/id.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import type { NetworkView } from '../../src/core/node/client.ts';
import type { Inspection } from '../../src/app/session/inspection.ts';
import { expect, test as base } from './support/fixtures.ts';
import { hostilePage } from './support/hostile-site.ts';
import { binaryFile, type Person } from './support/person.ts';
import type { RelayProcess } from './support/relay-process.ts';

/** In the page. */
declare const epost: Inspection;

/** Replicas on the nearest nodes, as the relay's default policy has it: k − 1 of them may lie. */
const K = 3;
const large = binaryFile('large.bin', 10_000_000);

const test = base.extend<{ readonly hostile: () => Promise<Page> }>({
  hostile: async ({ browser, relay }, use) => {
    const pages: Page[] = [];
    await use(async () => {
      const context = await browser.newContext();
      pages.push(await hostilePage(context, relay.url));
      return pages.at(-1)!;
    });
    for (const page of pages) await page.context().close();
  },
});

test('two members serve changed blocks: they are refused and counted, and 10 MB arrive byte for byte', async ({
  newcomer,
  hostile,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const liars = [await hostile(), await hostile()] as const;
  const token = tokenOf(relay.invitation);
  const [theirs, others] = [await placesOf(liars[0], token, 'mal'), await placesOf(liars[1], token, 'eve')];
  const honest = (await peersOf(ada)).map(({ nodeId }) => fromHex(nodeId));
  const [first, second] = worstPair(theirs, others, honest, fromHex(await nodeIdOf(bob)));
  await liars[0].evaluate((name) => window.hostile.lie(name), first);
  await liars[1].evaluate((name) => window.hostile.lie(name), second);
  for (const person of [ada, bob])
    await expect.poll(() => person.linksTo('tab'), { timeout: 60_000 }).toBe(3);

  await ada.send({ to: 'bob', subject: 'Ten megabytes', text: 'Past the liars.', files: [large] });
  await bob.open('Ten megabytes');
  expect((await bob.save(large.name)).equals(large.buffer)).toBe(true);
  await ada.openFolder('Sent');
  await ada.open('Ten megabytes');
  await ada.expectDelivery(/received/i);
  const lies = await Promise.all(liars.map((page) => page.evaluate(() => window.hostile.lies())));
  expect(Math.max(...lies)).toBeGreaterThan(0);
  expect(await countOf(bob, 'storage.wrong-hash')).toBeGreaterThan(0);
});

test('certificates of another authority or for other keys give no link to anybody, are counted, and the mail arrives', async ({
  newcomer,
  hostile,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const token = tokenOf(relay.invitation);
  const strangers = [await hostile(), await hostile()] as const;
  const forged = await strangers[0].evaluate(([text]) => window.hostile.join(text, 'forger'), [
    token,
  ] as const);
  await strangers[0].evaluate(() => window.hostile.pretend('forger', 'other-authority', 'forger'));
  const stolen = await strangers[1].evaluate(([text]) => window.hostile.join(text, 'victim'), [
    token,
  ] as const);
  await strangers[1].evaluate(([text]) => window.hostile.join(text, 'thief'), [token] as const);
  await strangers[1].evaluate(() => window.hostile.pretend('thief', 'other-peer-key', 'victim'));

  for (const code of ['bad-signature', 'wrong-peer-key'])
    await expect.poll(() => refusals(relay, code), { timeout: 60_000 }).toBeGreaterThan(0);
  await ada.send({ to: 'bob', subject: 'Past the strangers', text: 'As if they were not there.' });
  await bob.open('Past the strangers');
  await ada.openFolder('Sent');
  await ada.open('Past the strangers');
  await ada.expectDelivery(/received/i);
  for (const page of strangers) expect(await page.evaluate(() => window.hostile.links())).toBe(0);
  for (const person of [ada, bob]) {
    const known = (await peersOf(person)).map(({ nodeId }) => nodeId);
    expect(known).toHaveLength(3);
    expect(known).not.toContain(forged);
    expect(known).not.toContain(stolen);
  }
});

test('received HTML runs nothing and asks nobody: scripts, handlers, pictures, forms, frames, redirections', async ({
  newcomer,
  hostile,
  relay,
}) => {
  const bob = await newcomer('Bob');
  const { page } = bob;
  const tried: string[] = [];
  const asked: string[] = [];
  page.context().on('request', (request) => tried.push(request.url()));
  // What a policy stops does not come so far.
  await page.context().route('http://hostile.example.org/**', async (route) => {
    asked.push(route.request().url());
    await route.abort();
  });
  page.context().on('page', (opened) => asked.push(`a window: ${opened.url()}`));
  page.on('dialog', (dialog) => {
    asked.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const mallory = await hostile();
  await mallory.evaluate((text) => window.hostile.join(text, 'mallory'), tokenOf(relay.invitation));
  await mallory.evaluate(
    (html) => window.hostile.sendHtml('mallory', 'bob@example.org', 'You have won', html),
    hostileHtml,
  );
  await bob.open('You have won');
  const frame = page.frameLocator('iframe[title="Text of the message"]');
  await expect(frame.getByText('The last words.')).toBeVisible();
  await frame.getByText('A form that says press me.').click();
  await expect(
    frame.locator('script, form, input, iframe, object, embed, svg, meta[http-equiv=refresh], base'),
  ).toHaveCount(0);
  await expect(frame.locator('img[src^="http"], [onerror], [onload], [onclick], [style]')).toHaveCount(0);
  await expect(frame.getByRole('link')).toHaveCount(1);

  await expectNothingDone(bob, relay.url, asked);
  expect(tried.filter((url) => !url.startsWith(`${relay.url}/`) && url !== 'about:srcdoc')).toEqual([]);
  expect(tried.filter((url) => url.includes('hostile'))).toEqual([]);

  // The frame holds by itself, too: the same HTML as it came, past the cleaning.
  await page.evaluate((html) => {
    const element = document.querySelector<HTMLIFrameElement>('iframe[title="Text of the message"]')!;
    element.srcdoc = element.srcdoc.replace(/<body>[^]*<\/body>/, () => `<body>${html}</body>`);
  }, hostileHtml);
  await expect(frame.locator('form')).toHaveCount(1);
  await expect(frame.getByText('The last words.')).toBeVisible();
  await frame.getByText('A form that says press me.').click();
  await frame.getByRole('button', { name: 'Send' }).click();
  await expectNothingDone(bob, relay.url, asked);
});

/** Nothing ran and nobody was asked; before that, a letter goes its way, so that whatever was to run has had its time. */
async function expectNothingDone(reader: Person, relayUrl: string, asked: readonly string[]): Promise<void> {
  const { page } = reader;
  const address = await page.evaluate(async () => {
    const { client } = epost;
    const { address } = (await client.snapshot()).account.person;
    const letter = {
      to: [address],
      cc: [],
      subject: 'Later',
      text: '',
      html: undefined,
      files: [],
      forwarded: [],
      inReplyTo: undefined,
    };
    await client.send(letter);
    return address;
  });
  const arrived = (): Promise<boolean> =>
    page.evaluate(async () => {
      const { messages } = await epost.client.snapshot();
      return messages.every(({ delivery }) => delivery === undefined || delivery.state === 'received');
    });
  expect(address).toBe('bob@example.org');
  await expect.poll(arrived, { timeout: 60_000 }).toBe(true);
  expect(asked).toEqual([]);
  expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
  const elsewhere = page.frames().filter((one) => /^http/.test(one.url()) && !one.url().startsWith(relayUrl));
  expect(elsewhere.map((one) => one.url())).toEqual([]);
}

/** Each line is a way by which a page does something; `ran` would be set where it could be. */
const hostileHtml = `
<script>top.ran = 1; parent.ran = 1; fetch('/hostile-script')</script>
<img src="http://hostile.example.org/pixel.png" onerror="top.ran = 1" alt="A picture">
<img src="/hostile-own-origin.png"><img src=x onerror=top.ran=1>
<p onclick="top.ran = 1">A form that says press me.</p>
<form action="http://hostile.example.org/form"><input name="password" autofocus onfocus="top.ran = 1"><button>Send</button></form>
<meta http-equiv="refresh" content="0;url=http://hostile.example.org/refresh">
<base href="http://hostile.example.org/">
<link rel="stylesheet" href="http://hostile.example.org/style.css"><link rel="prefetch" href="/hostile-prefetch">
<style>@import url(http://hostile.example.org/import.css); body { background: url(/hostile-background.png) }</style>
<p style="background: url(http://hostile.example.org/style.png)">Styled.</p>
<iframe src="http://hostile.example.org/frame"></iframe><iframe srcdoc="<script>top.ran = 1</script>"></iframe>
<object data="http://hostile.example.org/object"></object><embed src="http://hostile.example.org/embed">
<svg onload="top.ran = 1"><script>top.ran = 1</script><image href="http://hostile.example.org/image.svg"/></svg>
<math><mtext><table><mglyph><style><img src=x onerror="top.ran = 1"></style></mglyph></table></mtext></math>
<video src="http://hostile.example.org/video" poster="http://hostile.example.org/poster" autoplay></video>
<a href="javascript:top.ran=1">A link that runs</a> <a href="https://example.org/">An ordinary link</a>
<details open ontoggle="top.ran = 1">Open.</details><marquee onstart="top.ran = 1">Marquee.</marquee>
<template><img src="/hostile-template.png" onerror="top.ran = 1"></template><noscript><img src="/hostile-noscript.png"></noscript>
<p>The last words.</p>`;

/** Members that the page may be, with the places that the authority drew for them: an organization with many bad members. */
const MEMBERS = 6;
/** Keys that stand for all keys. */
const SAMPLES = 512;

interface Place {
  readonly name: string;
  readonly nodeId: Bytes;
}

async function placesOf(page: Page, token: string, prefix: string): Promise<Place[]> {
  const places: Place[] = [];
  for (let i = 0; i < MEMBERS; i++) {
    const name = `${prefix}${i}`;
    const nodeId = await page.evaluate((args) => window.hostile.join(...args), [token, name] as const);
    places.push({ name, nodeId: fromHex(nodeId) });
  }
  return places;
}

/** The two whom the reader asks first for the most blocks that it does not hold itself. */
function worstPair(
  theirs: readonly Place[],
  others: readonly Place[],
  honest: readonly Bytes[],
  reader: Bytes,
): readonly [string, string] {
  const samples = Array.from({ length: SAMPLES }, (_, i) => sha256(utf8(String(i))));
  const harm = (pair: readonly Place[]): number => {
    const lying = pair.map(({ nodeId }) => toHex(nodeId));
    const all: Id[] = [...honest, ...pair.map(({ nodeId }) => nodeId)];
    return samples.filter((key) => {
      const nearest = [...all].sort((a, b) => compareDistance(key, a, b)).map((id) => toHex(id));
      return lying.includes(nearest[0]!) && nearest.indexOf(toHex(reader)) >= K;
    }).length;
  };
  const pairs = theirs.flatMap((a) =>
    others.map((b) => ({ names: [a.name, b.name] as const, harm: harm([a, b]) })),
  );
  return pairs.reduce((worst, pair) => (pair.harm > worst.harm ? pair : worst)).names;
}

const tokenOf = (invitation: string): string => invitation.slice(invitation.lastIndexOf('/') + 1);

const nodeIdOf = (person: Person): Promise<string> =>
  person.page.evaluate(async () => (await epost.client.snapshot()).account.nodeId);

/** Everybody whom this person's node knows, itself included. */
const peersOf = (person: Person): Promise<NetworkView['peers']> =>
  person.page.evaluate(async () => (await epost.client.network()).peers);

const countOf = (person: Person, counter: string): Promise<number> =>
  person.page.evaluate(async (name) => {
    const { counters } = await epost.client.network();
    return counters.find(([one]) => one === name)?.[1] ?? 0;
  }, counter);

const refusals = (relay: RelayProcess, code: string): Promise<number> =>
  relay.metric(`epost_events_total{area="network",code="${code}"}`);
