/** What people delete for good leaves the ring: nothing that anybody still needs goes with it, and what they store goes down. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { idText } from '../../../src/core/codec/id.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { PULL_BYTES_MAX } from '../../../src/core/mail/pull-limit.ts';
import { ReferenceIndex } from '../../../src/core/mail/reference-index.ts';
import { SENT_GRACE_MS, SOON_MS } from '../../../src/core/mail/reclaimer.ts';
import {
  FIRST_MS_MAX as GARBAGE_FIRST_MS,
  PAUSE_MS as GARBAGE_PAUSE_MS,
} from '../../../src/core/storage/garbage.ts';
import { RELEASE_GRACE_MS } from '../../../src/core/storage/lease.ts';
import { FIRST_MS_MAX, PAUSE_MS } from '../../../src/core/storage/lease-keeper.ts';
import { logOf } from '../../../src/core/post/log-needs.ts';
import {
  dataKey,
  heldIndex,
  indexPrefix,
  placeOfIndexKey,
  releaseKey,
} from '../../../src/core/storage/layout.ts';
import { namespace, prefixRange } from '../../../src/core/storage/namespace.ts';
import { CrashDisk, NO_FAULT } from './crash-disk.ts';
import { MemberRing, type TestPerson } from './member-ring.ts';

const STEP_MS = 40;
const file = (name: string, seed: number) => ({
  name,
  type: 'application/octet-stream',
  content: new Blob([new Uint8Array(CHUNK_BYTES_MAX + 5000).map((_, i) => (i * seed) & 255)]),
});

/** Everybody goes home, relay too; `ms` later all are back. */
async function later(net: MemberRing, people: readonly TestPerson[], ms: number): Promise<void> {
  for (const person of people) await person.close();
  await net.passing(net.relay.stop());
  net.clock.advance(ms);
  await net.startRelay();
  for (const person of people) await person.open();
  for (const person of people) await person.online();
}

/** So long that what was given up was told everywhere. */
const told = (net: MemberRing): Promise<void> => net.pass(FIRST_MS_MAX + PAUSE_MS + SOON_MS, STEP_MS);
/** So long that garbage was looked for twice. */
const collected = (net: MemberRing): Promise<void> => net.pass(GARBAGE_FIRST_MS + GARBAGE_PAUSE_MS, STEP_MS);

function chargedTo(net: MemberRing, { address }: TestPerson): number {
  return net.relay.storage.accounts().find(({ name }) => name === address)?.bytes ?? 0;
}

async function remove(net: MemberRing, person: TestPerson, subject: string): Promise<void> {
  const found = (await person.messages()).find((message) => message.subject === subject);
  await net.passing(person.client.change({ kind: 'remove', messages: [found!.id] }));
}

test(
  'a letter that all have deleted for good leaves the ring after its grace, and nobody is charged for it any more',
  { timeout: 240_000 },
  async () => {
    const net = await MemberRing.create('deletion');
    const people = await net.people('ada', 'bob', 'cleo', 'dan');
    const [ada, bob] = people as [TestPerson, TestPerson];
    await ada.send('bob', 'Kept', { files: [file('kept', 3)] });
    await ada.send('bob', 'Gone', { files: [file('gone', 7)] });
    for (const subject of ['Kept', 'Gone'])
      await ada.message(subject, 'sent', ({ delivery }) => delivery!.state === 'received');
    await told(net);
    const before = { ring: net.relay.statistics().bytes, ada: chargedTo(net, ada), bob: chargedTo(net, bob) };
    expect(before.bob).toBeGreaterThan(2 * CHUNK_BYTES_MAX);

    await remove(net, ada, 'Gone');
    await remove(net, bob, 'Gone');
    await net.pass(2 * SOON_MS, STEP_MS);
    // Ada's are held for a while, until Bob has had the time to claim what he was sent.
    await later(net, people, SENT_GRACE_MS);
    await told(net);
    expect(chargedTo(net, ada)).toBeLessThanOrEqual(before.ada - CHUNK_BYTES_MAX);
    expect(chargedTo(net, bob)).toBeLessThanOrEqual(before.bob - CHUNK_BYTES_MAX);

    await later(net, people, RELEASE_GRACE_MS);
    await collected(net);
    expect(net.relay.statistics().bytes).toBeLessThanOrEqual(before.ring - CHUNK_BYTES_MAX);
    const [kept] = await bob.messages('inbox');
    const bytes = await net.passing(bob.client.attachment(kept!.id, 0));
    expect(bytes.size).toBe(CHUNK_BYTES_MAX + 5000);
  },
);

test(
  'a large attachment that was never opened stays for its recipient when the sender deletes it for good',
  { timeout: 240_000 },
  async () => {
    const net = await MemberRing.create('unopened');
    const people = await net.people('ada', 'bob', 'cleo', 'dan');
    const [ada, bob] = people as [TestPerson, TestPerson];
    const content = new Blob([new Uint8Array(PULL_BYTES_MAX + 9).map((_, i) => (i * 5) & 255)]);
    await ada.send('bob', 'Large', { files: [{ name: 'large', type: 'text/plain', content }] });
    await ada.message('Large', 'sent', ({ delivery }) => delivery!.state === 'received');
    await told(net);
    const kept = bob.store;
    await remove(net, ada, 'Large');
    await net.pass(2 * SOON_MS, STEP_MS);
    await later(net, people, SENT_GRACE_MS);
    await told(net);
    expect(chargedTo(net, ada)).toBeLessThan(chargedTo(net, bob));
    await later(net, people, RELEASE_GRACE_MS);
    await collected(net);
    expect(bob.store).toBe(kept);
    const [large] = await bob.messages('inbox');
    const bytes = await net.passing(bob.client.attachment(large!.id, 0));
    expect(bytes.size).toBe(content.size);
  },
);

test.each(['before', 'after'] as const)(
  'a machine that dies %s each write while it gives up a letter gives up that one, and no other',
  { timeout: 240_000 },
  async (kind) => {
    const net = await MemberRing.create(`giving up ${kind}`);
    const [, bob] = await net.people('ada', 'bob', 'cleo');
    const person = await net.person('eve');
    const disk = new MemoryKeyValueStore();
    await person.open(disk);
    await person.online();
    await net.until(() => net.published(person.address));
    let points = 0;
    for (let hasHit = true; hasHit; points++) {
      // Both letters have the same attachment: what one gives up the other one needs.
      for (const subject of [`Kept ${points}`, `Gone ${points}`])
        await bob!.send('eve', subject, { files: [file('both', 3)] });
      for (const subject of [`Kept ${points}`, `Gone ${points}`]) await person.message(subject, 'inbox');
      await net.pass(2 * SOON_MS, STEP_MS);
      await person.close();
      const store = new CrashDisk(disk, NO_FAULT);
      store.died = () => net.hub.kill(person.contact.nodeId);
      await person.open(store);
      await person.online();
      await net.pass(SOON_MS, STEP_MS);
      const gone = (await person.messages()).find(({ subject }) => subject === `Gone ${points}`)!;
      store.set({ at: points + 1, kind });
      const removing = person.client.change({ kind: 'remove', messages: [gone.id] }).catch(() => undefined);
      await net.until(async () => store.hasHit || (await isGivenUp(disk, gone.id)), 60_000);
      hasHit = store.hasHit;
      await removing;
      store.halt();
      net.hub.kill(person.contact.nodeId);
      person.member = undefined;
      await net.pass(100, 10);
      await person.open(disk);
      await person.online();
      // What was not on the disk when the machine died was not accepted either.
      if ((await person.messages()).some(({ id }) => id === gone.id))
        await net.passing(person.client.change({ kind: 'remove', messages: [gone.id] }));
      await net.until(() => isGivenUp(disk, gone.id), 60_000);
      await expectSound(net, disk, person);
    }
    expect(points).toBeGreaterThan(6);
  },
);

test(
  'a reader whose space is used up is told so in a sentence, until there is room again',
  { timeout: 120_000 },
  async () => {
    const net = await MemberRing.create('over quota');
    const [ada] = await net.people('ada', 'bob', 'cleo');
    const eve = await net.person('eve', { quotaBytes: CHUNK_BYTES_MAX + 100_000 });
    await eve.open();
    await eve.online();
    await net.until(() => net.published(eve.address));
    for (const [subject, seed] of [
      ['First', 3],
      ['Second', 5],
    ] as const) {
      await ada!.send('eve', subject, { files: [file(subject, seed)] });
      await eve.message(subject, 'inbox');
    }
    const isTold = async (): Promise<boolean> =>
      (await eve.snapshot()).notices.some(
        ({ id, text }) => id === 'over-quota' && /all the space that your organization gives you/.test(text),
      );
    for (let waited = 0; waited < 2 * PAUSE_MS && !(await isTold()); waited += SOON_MS)
      await net.pass(SOON_MS, STEP_MS);
    expect(await isTold()).toBe(true);
    const { storedBytes, allowedBytes } = (await eve.snapshot()).disk;
    expect(storedBytes).toBeGreaterThan(CHUNK_BYTES_MAX);
    expect(storedBytes).toBeLessThanOrEqual(allowedBytes);
    await remove(net, eve, 'Second');
    for (let waited = 0; waited < 2 * PAUSE_MS && (await isTold()); waited += SOON_MS)
      await net.pass(SOON_MS, STEP_MS);
    expect(await isTold()).toBe(false);
  },
);

async function isGivenUp(disk: MemoryKeyValueStore, id: string): Promise<boolean> {
  return !(await ReferenceIndex.open(disk)).has(id);
}

/** What messages need is pinned and not given up; what no message needs is pinned no longer. */
async function expectSound(net: MemberRing, disk: MemoryKeyValueStore, person: TestPerson): Promise<void> {
  const store = namespace(disk, 'storage');
  const needed = new Set<string>();
  for (const { id } of await person.messages()) {
    const { blocks } = await net.passing(person.client.locate(id));
    for (const { key } of blocks) needed.add(key);
  }
  for (const [name, value] of await store.entries(prefixRange(indexPrefix('block')))) {
    const index = heldIndex.decode(value);
    if (!index.ok) throw new Error(index.reason);
    const place = placeOfIndexKey(name);
    const key = idText(place.key);
    const block = await store.get(dataKey(place));
    if (block !== undefined && logOf(block) !== undefined) continue;
    if (needed.has(key)) expect(index.value.pinned, 'a block that is needed').toBe(true);
    else expect(index.value.pinned, 'a block that nothing needs').toBe(false);
  }
  for (const name of await store.keys(prefixRange(releaseKey())))
    expect(needed.has(idText(name.slice(1))), 'a release of what is needed').toBe(false);
}
