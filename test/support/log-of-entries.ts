/** A mailbox log of any length, written by the code that writes real ones: for tests and benchmarks of logs. */
import { VirtualClock } from '../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../src/adapters/memory/key-value-store.ts';
import type { Bytes } from '../../src/core/codec/bytes.ts';
import { utf8 } from '../../src/core/codec/bytes.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import type { Vault } from '../../src/core/identity/vault.ts';
import { compactEntries } from '../../src/core/mail/compact.ts';
import { mailEntryCodec, type Change } from '../../src/core/mail/entries.ts';
import { noEvidence } from '../../src/core/mail/evidence-schema.ts';
import { DeviceLog, PUBLISH_EVERY_MS } from '../../src/core/post/log.ts';
import type { LogStorage } from '../../src/core/post/log-storage.ts';
import { turn } from './turn.ts';

/** Entries that share a write of the head: what a busy half second brings. */
const ENTRIES_AT_ONCE = 512;
/** One message in so many entries; the others change messages that are there. */
const ENTRIES_PER_MESSAGE = 10;

export interface BuiltLog {
  readonly device: Bytes;
  readonly entries: number;
}

export interface BuildOptions {
  /** The writing device's disk; given again, its log goes on. */
  readonly store?: MemoryKeyValueStore;
  /** Lets time pass until the promise is settled: needed where the storage has a clock of its own. */
  readonly pass?: <T>(promise: Promise<T>) => Promise<T>;
}

/** Writes mailbox entries by the device of `vault` to `storage` until its log has `count`, with snapshots where they are due. */
export async function buildLog(
  storage: LogStorage,
  vault: Vault,
  count: number,
  { store = new MemoryKeyValueStore(), pass = (promise) => promise }: BuildOptions = {},
): Promise<BuiltLog> {
  const keys = await vault.state();
  if (keys.state === 'empty') throw new Error('a vault without keys');
  const clock = new VirtualClock();
  const { log } = await DeviceLog.open({
    store,
    storage,
    vault,
    clock,
    deviceKey: keys.deviceKey,
    seen: () => [],
    compact: compactEntries,
    recovered: fail,
    forked: fail,
    grew: () => undefined,
    failed: fail,
  });
  for (let done = log.next; done < count; done = log.next) {
    const length = Math.min(ENTRIES_AT_ONCE, count - done);
    await log.append(Array.from({ length }, (_, i) => mailboxEntry(done + i)));
    await pass(passing(clock, log.flushed(log.next)));
  }
  // The snapshot that the last entries made due is in the next head.
  const version = log.head!.body.version;
  log.touch();
  await pass(
    passing(
      clock,
      until(() => log.head!.body.version > version),
    ),
  );
  await pass(log.stop());
  return { device: keys.deviceKey, entries: log.next };
}

/** The n-th entry of a mailbox in which a tenth of the entries are new messages. */
export function mailboxEntry(n: number): Bytes {
  const message = idOf(n - (n % ENTRIES_PER_MESSAGE));
  return mailEntryCodec.encode({ lamport: n + 1, change: changeOf(n, message) });
}

function changeOf(n: number, message: Bytes): Change {
  switch (n % ENTRIES_PER_MESSAGE) {
    case 0:
      return addOf(n, message);
    case 1:
    case 2:
      return { kind: 'move', messages: [message], folder: n % 2 === 0 ? 'archive' : 'inbox' };
    case 3:
    case 4: {
      const state = n % 2 === 0 ? 'notified' : 'received';
      const recipients = ['bob@example.org'];
      return { kind: 'delivery', message, recipients, state, at: n, reason: null, evidence: noEvidence };
    }
    default:
      return { kind: 'flag', messages: [message], flag: 'unread', on: n % 2 === 0 };
  }
}

function addOf(n: number, message: Bytes): Change {
  const key = sha256(message);
  return {
    kind: 'add',
    message,
    folder: 'inbox',
    unread: true,
    from: key,
    headers: {
      nonce: message,
      from: { name: 'Ann', address: 'ann@example.org' },
      to: [{ name: 'Bob', address: 'bob@example.org' }],
      cc: [],
      subject: `Message ${n}`,
      preview: 'The first words of it, as the list of messages shows them.',
      at: n,
      inReplyTo: null,
      attachments: [],
    },
    reference: { v: 1, ring: key, key, manifest: false, secret: key, plaintextHash: key, sizeBytes: 900 },
  };
}

function idOf(n: number): Bytes {
  return sha256(utf8(`message ${n}`)).slice(0, 16);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

async function passing<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let settled = false;
  const done = (): void => {
    settled = true;
  };
  promise.then(done, done);
  while (!settled) {
    clock.advance(PUBLISH_EVERY_MS);
    await turn();
  }
  return promise;
}

function fail(error: unknown): never {
  throw error instanceof Error ? error : new Error('a log that is written went wrong', { cause: error });
}
