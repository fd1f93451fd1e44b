/** Promise 1: any tab may die at any moment. The disk stops at each write in turn; nothing accepted is lost or doubled. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { HaltingStore } from './halting-store.ts';
import { draft, MemberRing, type TestPerson } from './member-ring.ts';

/** Switches the machine off: nothing more is written, its links fall silent. */
function kill(net: MemberRing, person: TestPerson, store: HaltingStore): void {
  store.halt();
  net.hub.kill(person.contact.nodeId);
  person.member = undefined;
}

/** Sends until the disk halts; subjects of those that were accepted. */
async function sendUntilHalt(
  net: MemberRing,
  person: TestPerson,
  subjects: readonly string[],
): Promise<string[]> {
  const accepted: string[] = [];
  const sending = subjects.map((subject) =>
    person.client.send(draft('bob', subject)).then(
      () => void accepted.push(subject),
      () => undefined,
    ),
  );
  await net.passing(Promise.all(sending));
  return accepted;
}

async function countsAt(person: TestPerson): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { subject } of await person.messages('inbox'))
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  return counts;
}

test('20 messages and a kill in the middle: all arrive, each exactly once', { timeout: 60_000 }, async () => {
  const net = await MemberRing.create('twenty');
  const [bob] = await net.people('bob', 'cleo', 'dan');
  const ada = await net.person('ada');
  const disk = new MemoryKeyValueStore();
  const first = new HaltingStore(disk, Infinity);
  await ada.open(first);
  await ada.online();
  const subjects = Array.from({ length: 20 }, (_, i) => `Message ${i}`);
  for (const subject of subjects) await ada.send('bob', subject);
  await net.until(async () => (await bob!.messages('inbox')).length >= 5);
  kill(net, ada, first);
  await net.pass(4_000);
  await ada.open(disk);
  await net.until(async () => {
    const sent = await ada.messages('sent');
    return sent.length === 20 && sent.every(({ delivery }) => delivery!.state === 'received');
  });
  expect([...(await countsAt(bob!))].toSorted()).toEqual(subjects.map((subject) => [subject, 1]).toSorted());
});

test('the sender’s disk halts at each write in turn', { timeout: 120_000 }, async () => {
  const net = await MemberRing.create('sender-halts');
  const [bob] = await net.people('bob', 'cleo');
  const ada = await net.person('ada');
  const disk = new MemoryKeyValueStore();
  await ada.open(disk);
  await ada.online();
  await net.until(() => net.published(ada.address));
  await ada.close();
  const expected = new Set<string>();
  const tried = new Set<string>();
  for (let writes = 1; writes <= 24; writes++) {
    const store = new HaltingStore(disk, writes);
    await ada.open(store).catch(() => undefined);
    const subjects = [`${writes} a`, `${writes} b`];
    for (const subject of subjects) tried.add(subject);
    const accepted = ada.member === undefined ? [] : await sendUntilHalt(net, ada, subjects);
    for (const subject of accepted) expected.add(subject);
    await net.pass(600);
    kill(net, ada, store);
    await net.pass(200);
  }
  await net.pass(4_000);
  await ada.open(disk);
  await net.until(async () => {
    const sent = await ada.messages('sent');
    return sent.every(({ delivery }) => delivery!.state === 'received');
  });
  const counts = await countsAt(bob!);
  expect([...expected].filter((subject) => counts.get(subject) !== 1)).toEqual([]);
  expect([...counts].filter(([subject, count]) => count !== 1 || !tried.has(subject))).toEqual([]);
  expect(expected.size).toBeGreaterThan(20);
});

test('the recipient’s disk halts at each write in turn', { timeout: 120_000 }, async () => {
  const net = await MemberRing.create('recipient-halts');
  const [ada] = await net.people('ada', 'cleo');
  const bob = await net.person('bob');
  const disk = new MemoryKeyValueStore();
  await bob.open(disk);
  await bob.online();
  await net.until(() => net.published(bob.address));
  await bob.close();
  for (let writes = 1; writes <= 14; writes++) {
    await ada!.send('bob', `Mail ${writes}`);
    const store = new HaltingStore(disk, writes);
    await bob.open(store).catch(() => undefined);
    await net.pass(1_000);
    kill(net, bob, store);
    await net.pass(200);
  }
  await net.pass(4_000);
  await bob.open(disk);
  await net.until(async () => {
    const sent = await ada!.messages('sent');
    return sent.every(({ delivery }) => delivery!.state === 'received');
  });
  const counts = await countsAt(bob);
  expect(counts.size).toBe(14);
  expect([...counts.values()].every((count) => count === 1)).toBe(true);
});
