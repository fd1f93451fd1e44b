/** A large attachment that is cut off goes on where it was, in both directions: the machine dies after each chunk in turn. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import type { MessageView } from '../../../src/core/mail/views.ts';
import { HaltingStore } from './halting-store.ts';
import { draft, MemberRing, type TestPerson } from './member-ring.ts';

const CHUNKS = 12;
const bytes = new SeededRandom('film').bytes(CHUNKS * CHUNK_BYTES_MAX);
const film = { name: 'film', type: 'video/mp4', content: new Blob([bytes]) };

/** Switches the machine off: nothing more is written, its links fall silent. */
function kill(net: MemberRing, person: TestPerson, store: HaltingStore): void {
  store.halt();
  net.hub.kill(person.contact.nodeId);
  person.member = undefined;
}

async function sentMessage(person: TestPerson): Promise<MessageView> {
  return (await person.messages('sent'))[0]!;
}

test('an upload: no chunk that the ring has is sent again', { timeout: 120_000 }, async () => {
  const net = await MemberRing.create('upload-cut');
  const [bob] = await net.people('bob', 'cleo', 'dan');
  const ada = await net.person('ada');
  const disk = new MemoryKeyValueStore();
  let store = new HaltingStore(disk, Infinity);
  await ada.open(store);
  await ada.online();
  await net.until(() => net.published(ada.address));
  const before = net.hub.traffic().bytes;
  await net.passing(ada.client.send(draft('bob', 'Film', { files: [film] })));
  let deaths = 0;
  const doneAtDeath: number[] = [];
  for (;;) {
    const begunAt = (await sentMessage(ada)).delivery!.progress?.doneBytes ?? 0;
    const beyond = Math.max(begunAt, doneAtDeath.at(-1) ?? 0);
    await net.until(async () => {
      const { delivery } = await sentMessage(ada);
      return delivery!.state !== 'queued' || (delivery!.progress?.doneBytes ?? 0) > beyond;
    });
    const { delivery } = await sentMessage(ada);
    if (delivery!.state !== 'queued') break;
    doneAtDeath.push(delivery!.progress!.doneBytes);
    kill(net, ada, store);
    deaths += 1;
    await net.pass(3_000, 20);
    store = new HaltingStore(disk, Infinity);
    await ada.open(store);
  }
  await ada.message('Film', 'sent', ({ delivery }) => delivery!.state === 'received');
  const sentBytes = net.hub.traffic().bytes - before;
  expect(deaths).toBeGreaterThanOrEqual(3);
  // Four copies, of which one is her own; the rest is what starting so often costs.
  expect(sentBytes).toBeLessThan(3.3 * bytes.length);
  const message = await bob!.message('Film', 'inbox');
  const blob = await net.passing(bob!.client.attachment(message.id, 0));
  expect(Buffer.from(await blob.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
});

test('a download: no chunk that is here is fetched again', { timeout: 120_000 }, async () => {
  const net = await MemberRing.create('download-cut');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan', 'eve', 'fred', 'gus', 'hal');
  await net.passing(ada!.client.send(draft('bob', 'Film', { files: [film] })));
  const { id } = await bob!.message('Film', 'inbox');
  await ada!.message('Film', 'sent', ({ delivery }) => delivery!.state === 'received');
  const disk = bob!.store as MemoryKeyValueStore;
  const chunksHere = async (): Promise<number> => {
    const everything = await disk.entries({ gte: new Uint8Array(), lt: new Uint8Array(64).fill(255) });
    return everything.filter(([, value]) => value.length > CHUNK_BYTES_MAX).length;
  };
  await bob!.close();
  const lacking = CHUNKS - (await chunksHere());
  expect(lacking).toBeGreaterThan(CHUNKS / 3);
  const trafficBefore = net.hub.traffic().bytes;
  const doneAtDeath: number[] = [];
  let got: Blob | undefined;
  while (got === undefined) {
    const store = new HaltingStore(disk, Infinity);
    await bob!.open(store);
    await bob!.online();
    const beyond = doneAtDeath.at(-1) ?? 0;
    let done = 0;
    let ended = false;
    const reading = bob!.client.attachment(id, 0, (doneBytes) => (done = doneBytes));
    const read = reading.then(
      (blob) => void (got = blob),
      () => undefined, // The machine died.
    );
    void read.then(() => (ended = true));
    await net.until(() => ended || done > beyond);
    if (ended) break;
    doneAtDeath.push(done);
    kill(net, bob!, store);
    disk.reopen();
    await net.pass(3_000, 20);
  }
  expect(Buffer.from(await got!.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  const fetchedBytes = net.hub.traffic().bytes - trafficBefore;
  expect(doneAtDeath.length).toBeGreaterThanOrEqual(2);
  // What was on its way when the machine died is lost, and starting costs something.
  expect(fetchedBytes / CHUNK_BYTES_MAX).toBeLessThan(lacking + doneAtDeath.length);
});
