/**
 * No block that a message needs is ever given up, in whatever order several devices of a person write, forward, delete, merge, restart and
 * sleep; and when all is said, nothing else is kept. Real logs, messages, index and rounds over a ring in memory.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { fromHex, toHex, type Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { idText } from '../../../src/core/codec/id.ts';
import type { PublicKeys, Vault } from '../../../src/core/identity/vault.ts';
import { compose } from '../../../src/core/mail/compose.ts';
import { messageIdOf } from '../../../src/core/mail/headers.ts';
import { KeepGate } from '../../../src/core/mail/keep-gate.ts';
import { MailboxLog } from '../../../src/core/mail/mailbox-log.ts';
import { MessageReader } from '../../../src/core/mail/message-reader.ts';
import { ORPHAN_MS, Reclaimer, ROUND_MS } from '../../../src/core/mail/reclaimer.ts';
import { ReferenceIndex } from '../../../src/core/mail/reference-index.ts';
import { Trash, TRASH_MS } from '../../../src/core/mail/trash.ts';
import { MessageStore, type BlockInfo } from '../../../src/core/post/message-store.ts';
import { RELEASE_GRACE_MS } from '../../../src/core/storage/lease.ts';
import type { Storage } from '../../../src/core/storage/storage.ts';
import { turn } from '../../support/turn.ts';
import { ClaimingDevice, ClaimRing } from './claim-ring.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEVICES = 2;
/** A device that was away for longer may find gone what another one has given up meanwhile: the grace of a release is 7 days. */
const DAYS_OFFLINE_MAX = 5;
const RING = new Uint8Array(32).fill(4);

type Step =
  | { readonly do: 'write'; readonly device: number; readonly files: readonly number[] }
  | { readonly do: 'forward' | 'remove' | 'trash'; readonly device: number; readonly which: number }
  | { readonly do: 'abandon'; readonly device: number; readonly files: readonly number[] }
  | { readonly do: 'merge' | 'restart' | 'round' | 'offline' | 'online'; readonly device: number }
  | { readonly do: 'day' };

class TestDevice {
  readonly disk = new MemoryKeyValueStore();
  readonly storage: ClaimingDevice;
  readonly keys: PublicKeys;
  readonly vault: Vault;
  log!: MailboxLog;
  #reader!: MessageReader;
  #messages!: MessageStore;
  #reclaimer!: Reclaimer;
  daysOffline = 0;
  readonly #unsent: BlockInfo[] = [];
  readonly #world: World;

  constructor(world: World, vault: Vault, keys: PublicKeys) {
    this.#world = world;
    this.storage = new ClaimingDevice(world.ring);
    this.vault = vault;
    this.keys = keys;
  }

  async open(): Promise<void> {
    const { clock, writers } = this.#world;
    const failed = (error: unknown): void => void this.#world.failures.push(error);
    const { disk: store, vault } = this;
    const storage = this.storage as unknown as Storage;
    const counters = new Counters(() => clock.now());
    const { deviceKey } = this.keys;
    const late: { reclaimer?: Reclaimer } = {};
    this.log = await MailboxLog.open(
      {
        ...{ store, storage, vault, clock, counters, deviceKey, failed },
        changed: () => late.reclaimer?.wake(),
        alarm: (alarm) => failed(new Error(`alarm: ${alarm}`)),
        grew: () => undefined,
        read: () => undefined,
      },
      writers(),
    );
    const random = new SeededRandom(`messages ${toHex(deviceKey)} ${clock.now()}`);
    this.#messages = new MessageStore({
      storage,
      random,
      ring: RING,
      ringSecret: new Uint8Array(32).fill(7),
    });
    this.#reader = new MessageReader(this.#messages);
    this.#reclaimer = new Reclaimer({
      ...{ storage, log: this.log, clock, counters, failed, gate: new KeepGate() },
      trash: await Trash.open({ store, log: this.log, clock }),
      index: await ReferenceIndex.open(store),
      blocksOf: (added) => this.#reader.blocks(added),
      forget: (id) => ({ type: 'delete', key: fromHex(id) }),
      connected: () => this.storage.online,
    });
    late.reclaimer = this.#reclaimer;
    this.log.hurry();
    this.#reclaimer.wake();
  }

  async close(): Promise<void> {
    await this.#reclaimer.stop();
    await this.log.stop();
  }

  live(): string[] {
    return [...this.log.mailbox.items()].filter((item) => item.added && !item.removed).map(({ id }) => id);
  }

  at(which: number): string | undefined {
    const live = this.live();
    return live[which % Math.max(1, live.length)];
  }

  /** Of a message that an offline device has not read yet nothing can be told there. */
  async blocks(id: string): Promise<readonly string[]> {
    if (!this.#canRead(id)) return [];
    const blocks = await this.#reader.blocks(this.log.mailbox.item(id)!.added!);
    return blocks.map(({ key }) => idText(key));
  }

  /** Its changes may be here before it is: then somebody who is offline can neither read nor forward it. */
  #canRead(id: string): boolean {
    const { reference } = this.log.mailbox.item(id)!.added!;
    return this.storage.online || this.storage.has(idText(reference.key));
  }

  /** A message as if it had come, with files that other messages may have too. */
  async write(files: readonly number[], forwarded: readonly string[], isLogged = true): Promise<void> {
    const nonce = this.#world.random.bytes(16);
    const me = { name: 'Ann', address: 'ann@example.org' };
    const parts = await Promise.all(
      forwarded.map((id) => this.#reader.part(this.log.mailbox.item(id)!.added!, 0)),
    );
    const { headers, reference, blocks } = await compose(this.#messages, {
      ...{
        nonce,
        from: me,
        to: [me],
        cc: [],
        subject: 'Subject',
        text: 'Text',
        html: undefined,
        at: 1,
        inReplyTo: null,
      },
      files: files.map((seed) => ({
        name: `${seed}`,
        type: 'text/plain',
        content: new Blob([new Uint8Array(900).fill(seed)]),
      })),
      forwarded: parts,
    });
    if (!isLogged) return;
    const message = messageIdOf(this.keys.identityKey, nonce);
    const from = this.keys.identityKey;
    await this.log.record([
      { kind: 'add', message, folder: 'inbox', unread: true, from, headers, reference },
    ]);
    this.#unsent.push(...blocks);
    await this.#send();
  }

  /** What the outbox does. */
  async #send(): Promise<void> {
    if (this.storage.online) await this.#messages.insert(this.#unsent.splice(0));
  }

  async goOnline(): Promise<void> {
    this.storage.online = true;
    this.daysOffline = 0;
    await this.#send();
    this.log.hurry();
    this.#reclaimer.wake();
  }

  async step(step: Exclude<Step, { do: 'day' }>): Promise<void> {
    switch (step.do) {
      case 'write':
        return this.write(step.files, []);
      case 'abandon':
        return this.write(step.files, [], false);
      case 'merge':
        if (this.storage.online) await this.log.caughtUp();
        return;
      case 'round':
        return this.#world.pass(ROUND_MS);
      case 'restart':
        await this.close();
        return this.open();
      case 'offline':
        this.storage.online = false;
        return;
      case 'online':
        return this.goOnline();
      default:
        return this.#change(step.do, this.at(step.which));
    }
  }

  async #change(what: 'forward' | 'remove' | 'trash', id: string | undefined): Promise<void> {
    if (id === undefined) return;
    const message = fromHex(id);
    if (what === 'remove') await this.log.record([{ kind: 'remove', messages: [message] }]);
    else if (what === 'trash')
      await this.log.record([{ kind: 'move', messages: [message], folder: 'trash' }]);
    else if (this.log.mailbox.item(id)!.added!.headers.attachments.length > 0 && this.#canRead(id))
      await this.write([], [id]);
  }
}

class World {
  readonly clock = new VirtualClock();
  readonly ring = new ClaimRing(this.clock);
  readonly random = new SeededRandom('world');
  readonly devices: TestDevice[] = [];
  readonly failures: unknown[] = [];

  readonly writers = (): { device: Bytes; end: undefined }[] =>
    this.devices.map(({ keys }) => ({ device: keys.deviceKey, end: undefined }));

  static async create(): Promise<World> {
    const world = new World();
    const first = memoryVault(new SeededRandom('first'));
    const { words } = await first.begin();
    await first.commit();
    for (let i = 0; i < DEVICES; i++) {
      const vault = i === 0 ? first : memoryVault(new SeededRandom(`device ${i}`));
      if (i > 0) {
        await vault.restore(words);
        await vault.commit();
      }
      const state = await vault.state();
      if (state.state !== 'ready') throw new Error('a vault without keys');
      world.devices.push(new TestDevice(world, vault, state));
    }
    for (const device of world.devices) await device.open();
    return world;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.do === 'day') await this.day();
      else await this.settled(this.devices[step.device]!.step(step));
      await this.check();
    }
  }

  async day(): Promise<void> {
    for (const device of this.devices)
      if (!device.storage.online && ++device.daysOffline > DAYS_OFFLINE_MAX)
        await this.settled(device.goOnline());
    await this.pass(DAY_MS);
  }

  /** Whatever a device has in its mailbox, and none has removed, is in the ring, or still only on the device that made it. */
  async check(): Promise<void> {
    const removed = new Set(
      this.devices.flatMap(({ log }) =>
        [...log.mailbox.items()].filter((item) => item.removed).map(({ id }) => id),
      ),
    );
    for (const device of this.devices)
      for (const id of device.live()) {
        if (removed.has(id)) continue;
        for (const name of await this.settled(device.blocks(id)))
          if (!device.storage.isUnsent(name))
            expect(this.ring.get(name), 'a block that is needed').toBeDefined();
      }
    const isOffline = (error: unknown): boolean => error instanceof Error && /offline/.test(error.message);
    expect(this.failures.filter((error) => !isOffline(error))).toEqual([]);
  }

  /** In steps in which each device has its rounds. */
  async pass(ms: number): Promise<void> {
    const stepMs = ms / 4;
    for (let i = 0; i < 4; i++) {
      this.clock.advance(stepMs);
      await this.#settle();
    }
  }

  async settled<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    work.then(over, over);
    while (!isOver) {
      this.clock.advance(100);
      await turn();
    }
    return work;
  }

  /** Logs are published and rounds made: each needs some turns, and a little time between them. */
  async #settle(): Promise<void> {
    for (let i = 0; i < 30; i++) {
      this.clock.advance(600);
      await turn();
    }
  }

  async close(): Promise<void> {
    for (const device of this.devices) await this.settled(device.close());
  }
}

const device = fc.nat({ max: DEVICES - 1 });
const files = fc.uniqueArray(fc.nat({ max: 2 }), { maxLength: 2 });
const which = fc.nat({ max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), device, files }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('forward' as const), device, which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), device, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('trash' as const), device, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abandon' as const), device, files }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('merge', 'restart', 'round', 'offline', 'offline', 'online'),
      device,
    }),
  },
  { weight: 4, arbitrary: fc.constant({ do: 'day' as const }) },
);

test(
  'no block that a message needs is ever given up, and in the end nothing else is kept',
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
        const world = await World.create();
        try {
          await world.run(steps);
          for (const one of world.devices) await world.settled(one.goOnline());
          const days = Math.ceil((TRASH_MS + ORPHAN_MS + RELEASE_GRACE_MS) / DAY_MS) + 3;
          for (let i = 0; i < days; i++) await world.pass(DAY_MS);
          await world.check();
          const [first, ...others] = world.devices;
          for (const other of others) expect(other.live().sort()).toEqual(first!.live().sort());
          const needed = new Set<string>();
          for (const id of first!.live())
            for (const name of await world.settled(first!.blocks(id))) needed.add(name);
          expect(world.ring.names()).toEqual([...needed].sort());
        } finally {
          await world.close();
        }
      }),
      { numRuns: 30 },
    );
  },
);

test(
  'what one device forwards offline stays, though another one deletes the original meanwhile',
  { timeout: 60_000 },
  async () => {
    const world = await World.create();
    const day = { do: 'day' as const };
    await world.run([
      { do: 'write', device: 0, files: [1] },
      day,
      { do: 'offline', device: 1 },
      { do: 'forward', device: 1, which: 0 },
      { do: 'remove', device: 0, which: 0 },
      ...[day, day, day],
      { do: 'online', device: 1 },
      ...Array.from({ length: 10 }, () => day),
    ]);
    expect(world.devices.map((one) => one.live().length)).toEqual([1, 1]);
    await world.check();
    await world.close();
  },
);

test('the trash is emptied after 30 days, counted anew when a message was taken out in between', async () => {
  const world = await World.create();
  const days = (count: number): Step[] => Array.from({ length: count }, () => ({ do: 'day' }));
  const [first] = world.devices;
  const move = (folder: 'archive' | 'trash') =>
    world.settled(first!.log.record([{ kind: 'move', messages: [fromHex(first!.at(0)!)], folder }]));
  await world.run([{ do: 'write', device: 0, files: [] }, { do: 'trash', device: 0, which: 0 }, ...days(20)]);
  await move('archive');
  await move('trash');
  await world.run(days(20));
  expect(first!.live()).toHaveLength(1);
  await world.run(days(11));
  expect(world.devices.map((one) => one.live().length)).toEqual([0, 0]);
  await world.close();
});
