/** The mailbox over the logs of several devices: what a new device is told while it reads them. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { MailboxLog, type LogAlarm } from '../../../src/core/mail/mailbox-log.ts';
import type { LogPosition } from '../../../src/core/post/log-head.ts';
import { buildLog } from '../../support/log-of-entries.ts';
import { MemoryLogStorage } from '../../support/log-storage.ts';

test('a new device is told of a mailbox once, when all of it is there: snapshot and newest entries', async () => {
  const storage = new MemoryLogStorage();
  const vault = memoryVault(new SeededRandom('a long mailbox'));
  await vault.begin();
  await vault.commit();
  const { device } = await buildLog(storage, vault, 20_000);
  const told: number[] = [];
  let reads = 0;
  const log = await MailboxLog.open(
    {
      store: new MemoryKeyValueStore(),
      storage,
      vault,
      clock: new VirtualClock(),
      counters: new Counters(() => 0),
      deviceKey: sha256(utf8('the new device')),
      read: () => (reads += 1),
      changed: ({ ids }) => told.push(ids.size),
      alarm: (alarm) => expect.fail(alarm),
      grew: () => undefined,
      failed: (error) => expect.fail(String(error)),
    },
    [{ device, end: undefined }],
  );
  await log.refresh();
  expect(log.mailbox.liveCount).toBe(2_000);
  expect([told, reads]).toEqual([[2_000], 1]);
  await log.refresh();
  expect(reads).toBe(1);
  await log.stop();
});

test('a log of which a block is lost is not read, but when its device was removed, at the second look', async () => {
  const storage = new MemoryLogStorage();
  const vault = memoryVault(new SeededRandom('a log with a hole'));
  await vault.begin();
  await vault.commit();
  const { device, entries } = await buildLog(storage, vault, 600);
  const blocks = [...storage.blocks];
  storage.blocks.clear();
  const alarms: LogAlarm[] = [];
  const open = (end: LogPosition | undefined): Promise<MailboxLog> =>
    MailboxLog.open(
      {
        store: new MemoryKeyValueStore(),
        storage,
        vault,
        clock: new VirtualClock(),
        counters: new Counters(() => 0),
        deviceKey: sha256(utf8('another device')),
        read: () => undefined,
        changed: () => undefined,
        alarm: (alarm) => alarms.push(alarm),
        grew: () => undefined,
        failed: (error) => expect.fail(String(error)),
      },
      [{ device, end }],
    );
  const removed = await open({ next: entries, chain: sha256(utf8('its last entry')) });
  expect([await removed.caughtUp(), await removed.caughtUp(), alarms]).toEqual([false, true, []]);
  await removed.stop();
  const log = await open(undefined);
  expect([await log.caughtUp(), await log.caughtUp(), alarms]).toEqual([false, false, ['lost']]);
  for (const [name, block] of blocks) storage.blocks.set(name, block);
  expect([await log.caughtUp(), log.endOf(device)?.next]).toEqual([true, entries]);
  await log.stop();
});
