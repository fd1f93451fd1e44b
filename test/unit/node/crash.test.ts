/**
 * Promise 1: any tab may die at any moment. The sender's and the recipient's machine die before and after each of their writes in
 * turn, from the opening of the tab until the message is received; nothing accepted is lost, nothing is there twice.
 */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { CrashDisk, NO_FAULT, type Fault } from './crash-disk.ts';
import { draft, MemberRing, type TestPerson } from './member-ring.ts';

/** In two chunks, so that an upload has a middle. */
const file = { name: 'plan', type: 'text/plain', content: new Blob([new Uint8Array(CHUNK_BYTES_MAX + 1)]) };

/** Opens the tab on a disk that ends at a write, and its links fall silent at the same moment. */
async function openUntil(
  net: MemberRing,
  person: TestPerson,
  disk: MemoryKeyValueStore,
  fault: Fault,
): Promise<CrashDisk> {
  const store = new CrashDisk(disk, fault);
  store.died = () => net.hub.kill(person.contact.nodeId);
  await person.open(store).catch(() => undefined);
  return store;
}

/** The machine is off, if it was not already. */
function kill(net: MemberRing, person: TestPerson, store: CrashDisk): void {
  store.halt();
  net.hub.kill(person.contact.nodeId);
  person.member = undefined;
}

async function countsAt(person: TestPerson, folder: 'inbox' | 'sent'): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { subject } of await person.messages(folder))
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  return counts;
}

async function allReceived(person: TestPerson): Promise<boolean> {
  const sent = await person.messages('sent');
  return sent.every(({ delivery }) => delivery!.state === 'received');
}

/** A person whose identity is in the ring, with the tab closed: what its disk has then. */
async function published(
  net: MemberRing,
  name: string,
): Promise<{ readonly person: TestPerson; readonly disk: MemoryKeyValueStore }> {
  const person = await net.person(name);
  const disk = new MemoryKeyValueStore();
  await person.open(disk);
  await person.online();
  await net.until(() => net.published(person.address));
  await person.close();
  return { person, disk };
}

test('20 messages and a kill in the middle: all arrive, each exactly once', { timeout: 60_000 }, async () => {
  const net = await MemberRing.create('twenty');
  const [bob] = await net.people('bob', 'cleo', 'dan');
  const ada = await net.person('ada');
  const disk = new MemoryKeyValueStore();
  const first = await openUntil(net, ada, disk, NO_FAULT);
  await ada.online();
  const subjects = Array.from({ length: 20 }, (_, i) => `Message ${i}`);
  for (const subject of subjects) await ada.send('bob', subject);
  await net.until(async () => (await bob!.messages('inbox')).length >= 5);
  kill(net, ada, first);
  await net.pass(4_000, 10);
  await ada.open(disk);
  await net.until(async () => (await ada.messages('sent')).length === 20 && (await allReceived(ada)));
  expect([...(await countsAt(bob!, 'inbox'))].toSorted()).toEqual(
    subjects.map((subject) => [subject, 1]).toSorted(),
  );
});

test.each(['before', 'after'] as const)(
  'the sender’s machine dies %s each write in turn',
  { timeout: 120_000 },
  async (kind) => {
    const net = await MemberRing.create(`sender dies ${kind}`);
    const [bob] = await net.people('bob', 'cleo');
    const { person: ada, disk } = await published(net, 'ada');
    const accepted: string[] = [];
    let points = 0;
    for (let hasHit = true; hasHit; points++) {
      const subject = `Message ${points + 1}`;
      const store = await openUntil(net, ada, disk, { at: points + 1, kind });
      const sent =
        ada.member === undefined ? undefined : ada.client.send(draft('bob', subject, { files: [file] }));
      void sent?.then(
        () => accepted.push(subject),
        () => undefined, // The machine died before it said yes.
      );
      await net.until(async () => store.hasHit || (accepted.includes(subject) && (await allReceived(ada))));
      hasHit = store.hasHit;
      kill(net, ada, store);
      await net.pass(100, 10);
      await ada.open(disk);
      await net.until(() => allReceived(ada));
      const [inbox, outbox] = [await countsAt(bob!, 'inbox'), await countsAt(ada, 'sent')];
      expect(accepted.filter((one) => inbox.get(one) !== 1)).toEqual([]);
      expect([...inbox].filter(([, count]) => count !== 1)).toEqual([]);
      expect(inbox).toEqual(outbox);
      await ada.close();
    }
    expect(points).toBeGreaterThan(5);
  },
);

test.each(['before', 'after'] as const)(
  'the recipient’s machine dies %s each write in turn',
  { timeout: 120_000 },
  async (kind) => {
    const net = await MemberRing.create(`recipient dies ${kind}`);
    const [ada] = await net.people('ada', 'cleo');
    const { person: bob, disk } = await published(net, 'bob');
    let points = 0;
    for (let hasHit = true; hasHit; points++) {
      await ada!.send('bob', `Mail ${points + 1}`);
      const store = await openUntil(net, bob, disk, { at: points + 1, kind });
      await net.until(async () => store.hasHit || (await allReceived(ada!)));
      hasHit = store.hasHit;
      kill(net, bob, store);
      await net.pass(100, 10);
      const before = await ada!.messages('sent');
      await bob.open(disk);
      const here = await countsAt(bob, 'inbox');
      const received = before.filter(({ delivery }) => delivery!.state === 'received');
      expect(received.filter(({ subject }) => here.get(subject) !== 1)).toEqual([]);
      await net.until(() => allReceived(ada!));
      const inbox = await countsAt(bob, 'inbox');
      expect(inbox.size).toBe(points + 1);
      expect([...inbox].filter(([, count]) => count !== 1)).toEqual([]);
      await bob.close();
    }
    expect(points).toBeGreaterThan(5);
  },
);
