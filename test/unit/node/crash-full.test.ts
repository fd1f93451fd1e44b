/** Every write of a tab may find the disk full: a clear refusal, nothing half done, and all goes on when there is room again. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { CrashDisk, NO_FAULT } from './crash-disk.ts';
import { draft, MemberRing, type TestPerson } from './member-ring.ts';

/** Virtual time for which there is no room: long enough for what is tried again to be tried again. */
const FULL_MS = 1_500;
const file = { name: 'plan', type: 'text/plain', content: new Blob([new Uint8Array(CHUNK_BYTES_MAX + 1)]) };

async function subjects(person: TestPerson, folder: 'inbox' | 'sent'): Promise<string[]> {
  return (await person.messages(folder)).map(({ subject }) => subject).toSorted();
}

async function allReceived(person: TestPerson): Promise<boolean> {
  const sent = await person.messages('sent');
  return sent.every(({ delivery }) => delivery!.state === 'received');
}

test.each(['full', 'once'] as const)(
  'the sender’s disk is full (%s) from each write on',
  { timeout: 120_000 },
  async (kind) => {
    const net = await MemberRing.create(`sender ${kind}`);
    const [bob] = await net.people('bob', 'cleo');
    const ada = await net.person('ada');
    const disk = new CrashDisk(new MemoryKeyValueStore(), NO_FAULT);
    await ada.open(disk);
    await ada.online();
    await net.until(() => net.published(ada.address));
    const accepted: string[] = [];
    const refusals: unknown[] = [];
    let points = 0;
    for (let hasHit = true; hasHit; points++) {
      const subject = `Message ${points + 1}`;
      disk.set({ at: points + 1, kind });
      const sending = ada.client.send(draft('bob', subject, { files: [file] })).then(
        () => void accepted.push(subject),
        (error: unknown) => void refusals.push(error),
      );
      await net.passing(sending);
      await net.pass(FULL_MS, 10);
      hasHit = disk.hasHit;
      disk.makeRoom();
      await net.until(() => allReceived(ada));
      expect(await subjects(ada, 'sent')).toEqual(accepted.toSorted());
      expect(await subjects(bob!, 'inbox')).toEqual(accepted.toSorted());
    }
    expect(points).toBeGreaterThan(5);
    // One failure may hit several writes that share a group: each is tried alone then, and finds room.
    if (kind === 'full') expect(refusals.length).toBeGreaterThan(0);
    expect(accepted.length + refusals.length).toBe(points);
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'disk-full' });
  },
);

test.each(['full', 'once'] as const)(
  'the recipient’s disk is full (%s) from each write on',
  { timeout: 120_000 },
  async (kind) => {
    const net = await MemberRing.create(`recipient ${kind}`);
    const [ada] = await net.people('ada', 'cleo');
    const bob = await net.person('bob');
    const disk = new CrashDisk(new MemoryKeyValueStore(), NO_FAULT);
    await bob.open(disk);
    await bob.online();
    await net.until(() => net.published(bob.address));
    let points = 0;
    for (let hasHit = true; hasHit; points++) {
      disk.set({ at: points + 1, kind });
      await ada!.send('bob', `Mail ${points + 1}`);
      await net.pass(FULL_MS, 10);
      hasHit = disk.hasHit;
      const received = (await ada!.messages('sent')).filter(({ delivery }) => delivery!.state === 'received');
      const here = await subjects(bob, 'inbox');
      expect(received.filter(({ subject }) => !here.includes(subject))).toEqual([]);
      disk.makeRoom();
      await net.until(() => allReceived(ada!), 120_000);
      expect(await subjects(bob, 'inbox')).toEqual(await subjects(ada!, 'sent'));
    }
    expect(points).toBeGreaterThan(3);
  },
);
