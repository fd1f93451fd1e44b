/** Every decoder of storage, and every service, against random bytes and against good messages that were changed. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../src/adapters/memory/key-value-store.ts';
import { MemoryHub } from '../../src/adapters/memory/network.ts';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { concat, equalBytes, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { Counters } from '../../src/core/codec/counters.ts';
import type { Codec } from '../../src/core/codec/schema.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { createOverlay } from '../../src/core/overlay/overlay-node.ts';
import { ServiceRefusal } from '../../src/core/overlay/overlay.ts';
import { BlockStore } from '../../src/core/storage/block-store.ts';
import { heldIndex } from '../../src/core/storage/layout.ts';
import { mirrorMemoryCodec } from '../../src/core/storage/mirror-memory.ts';
import * as reconcile from '../../src/core/storage/reconcile/messages.ts';
import { presenceCodec } from '../../src/core/storage/presence.ts';
import { registerStorageServices, type StorageServices } from '../../src/core/storage/service.ts';
import * as wire from '../../src/core/storage/wire.ts';
import { createTestRing } from '../support/ring.ts';
import { createMember, START, type Member } from '../unit/storage/member.ts';

const codecs = [
  ...[...Object.values(wire), ...Object.values(reconcile)].filter(
    (value): value is Codec<unknown> & typeof value =>
      Boolean(value && typeof value === 'object' && 'decode' in value),
  ),
  heldIndex as Codec<unknown>,
  mirrorMemoryCodec as Codec<unknown>,
  presenceCodec as Codec<unknown>,
];

let services: StorageServices;
let disk: MemoryKeyValueStore;
let good: Partial<Record<keyof StorageServices, Bytes>>;

beforeAll(async () => {
  const ring = await createTestRing('fuzz');
  const alice: Member = await createMember(ring, 'alice');
  const clock = new VirtualClock();
  const counters = new Counters(() => clock.now());
  const network = new MemoryHub({ clock }).network(alice.contact);
  const { trust } = ring;
  const random = new SeededRandom('fuzz');
  const { vault } = alice;
  const overlay = createOverlay({ self: alice.contact, trust, network, vault, clock, random, counters });
  disk = new MemoryKeyValueStore();
  const blocks = await BlockStore.open({ store: disk, trust, clock, counters, quotaBytes: 1e9 });
  services = registerStorageServices({ overlay, blocks, vault: alice.vault, clock, counters });
  const block = utf8('a block');
  const key = sha256(block);
  const leases = [await alice.lease(key, block.length, START + 1e8)];
  const certificate = await ring.identityCertificate('alice', alice.keys.identityKey);
  good = {
    'put-block': wire.putBlockRequest.encode({ v: 1, key, leases, block }),
    'put-record': wire.putRecordRequest.encode({ v: 1, record: await alice.record('head', 1, 'x') }),
    'put-certificate': wire.putCertificateRequest.encode({ v: 1, certificate }),
    'append-inbox': wire.certifiedEntryCodec.encode(await alice.certified(alice, 'hi')),
    'clear-inbox': wire.clearInboxRequest.encode({ v: 1, clear: await alice.clear([key]) }),
  };
});

/** A message with some bytes changed, cut or doubled. */
const changes = fc.record({
  at: fc.nat(),
  bytes: fc.uint8Array({ minLength: 0, maxLength: 4 }),
  cut: fc.nat(4),
});

function changed(message: Bytes, { at, bytes, cut }: { at: number; bytes: Uint8Array; cut: number }): Bytes {
  const start = at % message.length;
  return concat(message.subarray(0, start), bytes, message.subarray(start + cut));
}

describe('decoders', () => {
  it('never throw, whatever comes', () => {
    expect(codecs.length).toBeGreaterThan(20);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(codecs.length - 1), (bytes, i) => {
        expect(typeof codecs[i]!.decode(bytes).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('services', () => {
  it('answer or refuse random bytes, and never fail', async () => {
    const names = Object.keys(services) as (keyof StorageServices)[];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.uint8Array({ maxLength: 300 }), async (name, bytes) => {
        await answerOrRefusal(name, concat(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('take no message that was changed on the way, and keep nothing of it', async () => {
    const names = Object.keys(good) as (keyof typeof good)[];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), changes, async (name, change) => {
        const message = good[name]!;
        const bytes = changed(message, change);
        fc.pre(!equalBytes(bytes, message));
        const before = (await disk.usage()).usedBytes;
        expect(await answerOrRefusal(name, bytes)).toBe('refused');
        expect((await disk.usage()).usedBytes).toBe(before);
      }),
      { numRuns: 400 },
    );
  });

  it('take the messages unchanged', async () => {
    for (const [name, message] of Object.entries(good))
      expect(await answerOrRefusal(name as keyof StorageServices, message)).toBe('answered');
  });
});

async function answerOrRefusal(name: keyof StorageServices, body: Bytes): Promise<'answered' | 'refused'> {
  try {
    await services[name](body);
    return 'answered';
  } catch (error) {
    if (!(error instanceof ServiceRefusal)) throw error;
    return 'refused';
  }
}
