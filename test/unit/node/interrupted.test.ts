/** A large attachment that is cut off goes on where it was, in both directions: the machine dies after each chunk in turn. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { toHex } from '../../../src/core/codec/bytes.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { jobCodec } from '../../../src/core/mail/outbox.ts';
import type { MessageView } from '../../../src/core/mail/views.ts';
import { BLOCKS_AT_ONCE } from '../../../src/core/post/message-store.ts';
import { uploadCodec } from '../../../src/core/post/upload.ts';
import type { KeyValueStore } from '../../../src/core/storage/key-value-store.ts';
import { HaltingStore } from './halting-store.ts';
import { draft, MemberRing, type TestPerson } from './member-ring.ts';
import { RecordingNetwork } from './recording-network.ts';

const CHUNKS = 12;
const bytes = new SeededRandom('film').bytes(CHUNKS * CHUNK_BYTES_MAX);
const film = { name: 'film', type: 'video/mp4', content: new Blob([bytes]) };
const EVERYTHING = { gte: new Uint8Array(), lt: new Uint8Array(64).fill(255) };

/** One life of a node: from its start until it is killed. */
class Life {
  readonly network: RecordingNetwork;
  readonly #net: MemberRing;
  readonly #person: TestPerson;
  readonly #store: HaltingStore;

  private constructor(net: MemberRing, person: TestPerson, disk: KeyValueStore) {
    this.network = new RecordingNetwork(net.hub.network(person.contact), CHUNK_BYTES_MAX);
    this.#net = net;
    this.#person = person;
    this.#store = new HaltingStore(disk, Infinity);
  }

  static async begin(net: MemberRing, person: TestPerson, disk: KeyValueStore): Promise<Life> {
    const life = new Life(net, person, disk);
    await person.open(life.#store, { network: life.network });
    return life;
  }

  /** Switches the machine off: nothing more is written, its links fall silent; then some time passes. */
  async kill(): Promise<void> {
    this.#store.halt();
    this.#net.hub.kill(this.#person.contact.nodeId);
    this.#person.member = undefined;
    await this.#net.pass(3_000, 20);
  }
}

/** The film's blocks that lie on a disk, by their keys. */
async function chunksOn(disk: KeyValueStore): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const values = (await disk.entries(EVERYTHING)).map(([, value]) => value);
  const chunks = values.filter((value) => value.length > CHUNK_BYTES_MAX);
  return new Map(chunks.map((chunk) => [toHex(sha256(chunk)), chunk]));
}

/** Keys of the blocks of the one message on its way that the ring has, as this disk says. */
async function storedBlocks(disk: KeyValueStore): Promise<ReadonlySet<string>> {
  const values = (await disk.entries(EVERYTHING)).map(([, value]) => value);
  const job = values.map((value) => jobCodec.decode(value)).find(({ ok }) => ok);
  const upload = values.map((value) => uploadCodec.decode(value)).find(({ ok }) => ok);
  if (!job?.ok) throw new Error('no message is on its way');
  const bits = upload?.ok === true ? upload.value.stored : new Uint8Array();
  const has = (place: number): boolean => ((bits[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
  const stored = job.value.blocks.filter((_, place) => has(place));
  return new Set(stored.map(({ key }) => toHex(key)));
}

async function sentMessage(person: TestPerson): Promise<MessageView> {
  return (await person.messages('sent'))[0]!;
}

test('an upload: no chunk that the ring has is sent again', { timeout: 120_000 }, async () => {
  const net = await MemberRing.create('upload-cut');
  const [bob] = await net.people('bob', 'cleo', 'dan');
  const ada = await net.person('ada');
  const disk = new MemoryKeyValueStore();
  let life = await Life.begin(net, ada, disk);
  await ada.online();
  await net.until(() => net.published(ada.address));
  await net.passing(ada.client.send(draft('bob', 'Film', { files: [film] })));
  const chunks = await chunksOn(disk);
  expect(chunks.size).toBe(CHUNKS);
  let atBirth: ReadonlySet<string> = new Set();
  const sentOf: string[][] = [];
  const doneAtDeath: number[] = [];
  for (;;) {
    const begun = await sentMessage(ada);
    const beyond = Math.max(begun.delivery!.progress?.doneBytes ?? 0, doneAtDeath.at(-1) ?? 0);
    await net.until(async () => {
      const { delivery } = await sentMessage(ada);
      return delivery!.state !== 'queued' || (delivery!.progress?.doneBytes ?? 0) > beyond;
    });
    const { delivery } = await sentMessage(ada);
    const sent = life.network.sent(chunks);
    expect(sent.filter((key) => atBirth.has(key))).toEqual([]);
    sentOf.push(sent);
    if (delivery!.state !== 'queued') break;
    doneAtDeath.push(delivery!.progress!.doneBytes);
    await life.kill();
    atBirth = await storedBlocks(disk);
    life = await Life.begin(net, ada, disk);
  }
  await ada.message('Film', 'sent', ({ delivery }) => delivery!.state === 'received');
  expect(doneAtDeath.length).toBeGreaterThanOrEqual(3);
  // To each of the three other holders once; what was on its way at a death may have to go again.
  const deaths = doneAtDeath.length;
  expect(sentOf.flat().length).toBeGreaterThanOrEqual(3 * CHUNKS);
  expect(sentOf.flat().length).toBeLessThanOrEqual(3 * (CHUNKS + BLOCKS_AT_ONCE * deaths));
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
  const chunks = await chunksOn(ada!.store);
  expect(chunks.size).toBe(CHUNKS);
  const disk = bob!.store as MemoryKeyValueStore;
  await bob!.close();
  const lacking = CHUNKS - (await chunksOn(disk)).size;
  expect(lacking).toBeGreaterThan(CHUNKS / 3);
  const doneAtDeath: number[] = [];
  let got: Blob | undefined;
  while (got === undefined) {
    const here = await chunksOn(disk);
    const life = await Life.begin(net, bob!, disk);
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
    expect(life.network.received(chunks).filter((key) => here.has(key))).toEqual([]);
    if (ended) break;
    doneAtDeath.push(done);
    await life.kill();
    disk.reopen();
  }
  expect(Buffer.from(await got!.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  expect(doneAtDeath.length).toBeGreaterThanOrEqual(2);
  expect([...(await chunksOn(disk)).keys()].sort()).toEqual([...chunks.keys()].sort());
});
