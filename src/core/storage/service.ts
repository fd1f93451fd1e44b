/** What this node does for others: the storage services. A receipt leaves only when the thing is durable on disk. */
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import type { Refusal } from '../codec/result.ts';
import type { Codec } from '../codec/schema.ts';
import { inboxKey } from '../crypto/hash.ts';
import type { NodeCertificate } from '../identity/certificates.ts';
import type { Vault } from '../identity/vault.ts';
import { ServiceRefusal, type Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import { longest } from './lease.ts';
import { proofOf } from './proof.ts';
import { answerReconcile, reconcileReply, reconcileRequest } from './reconcile/messages.ts';
import { StoreError } from './key-value-store.ts';
import type { Receipt } from './storage.ts';
import { bodyHash, type Held } from './verify.ts';
import * as wire from './wire.ts';

/** What others hold in place of this node, which had no room. */
export interface Elsewhere {
  /** Has somebody hold the block; without `block`, only one that somebody holds already. Undefined: nobody does. */
  put(
    key: Key,
    block: Bytes | null,
    leases: readonly wire.Lease[],
  ): Promise<{ readonly receipt: Receipt; readonly holder: NodeCertificate } | undefined>;
  get(key: Key): Promise<{ readonly block: Bytes; readonly leases: readonly wire.Lease[] } | undefined>;
  has(key: Key): Promise<boolean>;
  /** The node that holds it for this one, or that may. */
  holder(key: Key): Promise<NodeId | undefined>;
  putLease(lease: wire.Lease): Promise<wire.LeaseAnswer | undefined>;
  leases(key: Key): Promise<readonly wire.Lease[]>;
}

export interface StorageServiceOptions {
  readonly overlay: Overlay;
  readonly blocks: BlockStore;
  readonly vault: Pick<Vault, 'sign'>;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Whether a block that is not here has live copies enough: then a copy that is offered is not wanted. Unset: never. */
  readonly hasEnough?: (key: Key) => boolean;
  /** What others hold in place of this node. Unset: nobody does. */
  readonly diversion?: () => Elsewhere | undefined;
}

const VERSION = 1 as const;
/** Requests worked on at once; more are refused as `busy`. */
export const REQUESTS_MAX = 128;
/** How long a thing that somebody was asked to send is not asked for again: 15 s. */
const PROMISE_MS = 15_000;
/** Things that are remembered as asked for. */
const PROMISES_MAX = 1024;

/** Services by name; the client calls those of its own node directly. */
export type StorageServices = ReturnType<typeof createStorageServices>;

/** Registers the services on the overlay and returns them. */
export function registerStorageServices(options: StorageServiceOptions): StorageServices {
  const services = createStorageServices(options);
  let running = 0;
  for (const [name, service] of Object.entries(services))
    options.overlay.handle(
      serviceName(name),
      async (body) => {
        if (running >= REQUESTS_MAX)
          throw new ServiceRefusal('busy', 'This node has too much to do just now.');
        running += 1;
        try {
          return await service(body);
        } catch (error) {
          throw error instanceof StoreError ? diskRefusal(error, options.counters) : error;
        } finally {
          running -= 1;
        }
      },
      { forwardable: true },
    );
  return services;
}

export function serviceName(name: string): string {
  return `store/${name}`;
}

function createStorageServices({
  blocks,
  vault,
  clock,
  counters,
  overlay,
  hasEnough,
  diversion = () => undefined,
}: StorageServiceOptions) {
  const promises = new Map<string, number>();

  async function receiptFor(kind: Receipt['body']['kind'], { key, held }: Held): Promise<Receipt> {
    const body = { v: VERSION, kind, key, held, holder: overlay.self.peerKey, at: clock.now() };
    return { body, signature: await vault.sign('receipt', body) };
  }

  /** A service whose body is decoded and whose reply is encoded; bad bodies are counted and refused. */
  function service<Q, R>(request: Codec<Q>, reply: Codec<R>, answer: (question: Q) => Promise<NoInfer<R>>) {
    return async (body: Bytes): Promise<Bytes> => {
      const decoded = request.decode(body);
      if (!decoded.ok) {
        counters.refused('storage', decoded);
        throw refused(decoded);
      }
      return reply.encode(await answer(decoded.value));
    };
  }

  /** Asked at most one sender at a time for the same thing. */
  function promiseOnce(item: wire.OfferedItem, answer: wire.OfferAnswer): wire.OfferAnswer {
    const name = `${item.kind}/${idText(item.key)}/${idText(item.held)}`;
    if (answer !== 'want') return answer;
    if (item.kind === 'block' && hasEnough?.(item.key)) return 'later';
    if ((promises.get(name) ?? 0) > clock.now()) return 'later';
    if (promises.size >= PROMISES_MAX) promises.delete(promises.keys().next().value!);
    promises.delete(name);
    promises.set(name, clock.now() + PROMISE_MS);
    return answer;
  }

  async function ownCopy(key: Key): Promise<wire.GetBlockReply> {
    const block = await blocks.getBlock(key);
    if (block === undefined) return { v: VERSION, block: null, leases: [] };
    return { v: VERSION, block, leases: [...longest(await blocks.book.of(key), wire.LEASES_SENT_MAX)] };
  }

  async function answerOffer(item: wire.OfferedItem): Promise<wire.OfferAnswer> {
    const answer = await blocks.answerOffer(item);
    const isWanted = item.kind === 'block' && (answer === 'want' || answer === 'full');
    return isWanted && (await diversion()?.has(item.key)) === true ? 'have' : answer;
  }

  return {
    'put-block': service(wire.putBlockRequest, wire.putBlockReply, async ({ key, leases, block }) => {
      const put = await blocks.putBlock(key, block ?? undefined, leases);
      if (put.ok) return { v: VERSION, receipt: await receiptFor('block', put.value) };
      const mayDivert = put.code === 'missing' || put.code === 'full';
      const diverted = mayDivert ? await diversion()?.put(key, block, leases) : undefined;
      if (diverted !== undefined) return { v: VERSION, ...diverted };
      if (put.code === 'missing') return { v: VERSION, receipt: null };
      throw refused(put);
    }),
    'put-copy': service(wire.putBlockRequest, wire.putBlockReply, async ({ key, leases, block }) => {
      const put = await blocks.putBlock(key, block ?? undefined, leases);
      if (put.ok) return { v: VERSION, receipt: await receiptFor('block', put.value) };
      if (put.code === 'missing') return { v: VERSION, receipt: null };
      throw refused(put);
    }),
    'get-block': service(wire.keyRequest, wire.getBlockReply, async ({ key }) => {
      const copy = await ownCopy(key);
      const found = copy.block === null ? await diversion()?.get(key) : undefined;
      return found === undefined ? copy : { v: VERSION, block: found.block, leases: [...found.leases] };
    }),
    'read-block': service(wire.keyRequest, wire.readBlockReply, async ({ key }) => {
      const block = (await blocks.getBlock(key)) ?? (await diversion()?.get(key))?.block;
      return { v: VERSION, block: block ?? null };
    }),
    'get-copy': service(wire.keyRequest, wire.getBlockReply, ({ key }) => ownCopy(key)),
    lease: service(wire.leaseRequest, wire.leaseReply, async ({ leases }) => {
      const answers = [...(await blocks.putLeases(leases))];
      for (const [i, lease] of leases.entries())
        if (answers[i] === 'missing') answers[i] = (await diversion()?.putLease(lease)) ?? 'missing';
      return { v: VERSION, answers };
    }),
    leases: service(wire.leasesRequest, wire.leasesReply, async ({ key, after }) => {
      const limit = wire.LEASE_BATCH_MAX;
      const leases = [...(await blocks.book.of(key, after ?? undefined, limit))];
      const isDiverted = leases.length === 0 && after === null && !(await blocks.hasBlock(key));
      // Of a block elsewhere the first page is enough: one lease keeps it.
      if (isDiverted) leases.push(...((await diversion()?.leases(key)) ?? []).slice(0, limit));
      return { v: VERSION, leases, more: !isDiverted && leases.length === limit };
    }),
    'put-record': service(wire.putRecordRequest, wire.putRecordReply, async ({ record }) => {
      const put = await blocks.putRecord(record);
      if (put.ok) return { v: VERSION, receipt: await receiptFor('record', put.value), newer: null };
      const newer = put.code === 'conflict' ? await blocks.newerRecord(record) : undefined;
      if (newer === undefined) throw refused(put);
      return { v: VERSION, receipt: null, newer };
    }),
    'get-record': service(wire.keyRequest, wire.getRecordReply, async ({ key }) => {
      return { v: VERSION, record: (await blocks.getRecord(key)) ?? null };
    }),
    'put-certificate': service(
      wire.putCertificateRequest,
      wire.putCertificateReply,
      async ({ certificate }) => {
        const put = await blocks.putCertificate(certificate);
        if (put.ok) return { v: VERSION, receipt: await receiptFor('certificate', put.value), newer: null };
        const newer = put.code === 'conflict' ? await blocks.newerCertificate(certificate) : undefined;
        if (newer === undefined) throw refused(put);
        return { v: VERSION, receipt: null, newer };
      },
    ),
    'get-certificate': service(wire.keyRequest, wire.getCertificateReply, async ({ key }) => {
      return { v: VERSION, certificate: (await blocks.getCertificate(key)) ?? null };
    }),
    'append-inbox': service(wire.certifiedEntryCodec, wire.receiptReply, async (certified) => {
      const put = await blocks.inboxes.append(certified);
      if (put.ok) return { v: VERSION, receipt: await receiptFor('inbox', put.value) };
      if (put.code !== 'cleared') throw refused(put);
      // It was here, and its owner has taken it: a sender that asks again has its proof of that.
      const { body } = certified.entry;
      const held = { key: inboxKey(body.owner), version: body.at, held: bodyHash(body) };
      return { v: VERSION, receipt: await receiptFor('inbox', held) };
    }),
    'read-inbox': service(wire.readInboxRequest, wire.readInboxReply, async ({ key, after }) => {
      const { entries, listed, next } = await blocks.inboxes.read(key, after ?? undefined);
      return {
        v: VERSION,
        entries: [...entries],
        held: listed.map(({ held }) => held),
        sizes: listed.map(({ sizeBytes }) => sizeBytes),
        next: next ?? null,
      };
    }),
    'inbox-entries': service(wire.inboxEntriesRequest, wire.inboxEntriesReply, async ({ key, held }) => {
      return { v: VERSION, entries: [...(await blocks.inboxes.entries(key, held))] };
    }),
    'clear-inbox': service(wire.clearInboxRequest, wire.clearInboxReply, async ({ clear }) => {
      const cleared = await blocks.inboxes.clear(clear);
      if (!cleared.ok) throw refused(cleared);
      return { v: VERSION };
    }),
    has: service(wire.hasRequest, wire.hasReply, async ({ keys }) => {
      const has = async (key: Key): Promise<boolean> =>
        (await blocks.hasBlock(key)) || ((await diversion()?.has(key)) ?? false);
      return { v: VERSION, held: await Promise.all(keys.map(has)) };
    }),
    pointer: service(wire.keyRequest, wire.pointerReply, async ({ key }) => {
      return { v: VERSION, holder: (await diversion()?.holder(key)) ?? null };
    }),
    reconcile: service(reconcileRequest, reconcileReply, (request) =>
      Promise.resolve(answerReconcile(blocks.sharedBlocks, request)),
    ),
    prove: service(wire.proveRequest, wire.proveReply, async ({ nonce, keys }) => {
      const proofs: (Bytes | null)[] = [];
      // One after the other: a challenge reads no more than one block at a time.
      for (const key of keys) {
        const block = await blocks.getBlock(key);
        proofs.push(block === undefined ? null : await proofOf(nonce, overlay.self.peerKey, block));
      }
      return { v: VERSION, proofs };
    }),
    offer: service(wire.offerRequest, wire.offerReply, async ({ items }) => {
      const answers = await Promise.all(items.map((item) => answerOffer(item)));
      return { v: VERSION, answers: answers.map((answer, i) => promiseOnce(items[i]!, answer)) };
    }),
  };
}

function diskRefusal(error: StoreError, counters: Counters): ServiceRefusal {
  counters.refused('storage', { code: `disk-${error.code}`, reason: error.message });
  return new ServiceRefusal('disk', "This node's disk failed.");
}

function refused(refusal: Refusal): ServiceRefusal {
  return new ServiceRefusal(refusal.code, refusal.reason);
}
