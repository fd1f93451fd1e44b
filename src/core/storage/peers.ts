/** Talking to one storage node, this one included: typed questions, and nothing believed that was not checked. */
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Id, type Key, type NodeId } from '../codec/id.ts';
import { refuse, type Refusal, type Result } from '../codec/result.ts';
import type { Codec } from '../codec/schema.ts';
import { verifyNodeCertificate, type IdentityCertificate, type RingTrust } from '../identity/certificates.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import { compareVersions } from './block-store.ts';
import type { InboxPage } from './inbox-store.ts';
import { accountOf, longest } from './lease.ts';
import {
  reconcileReply,
  reconcileRequest,
  type ReconcileReply,
  type ReconcileRequest,
} from './reconcile/messages.ts';
import { BadAnswer, type FoundBlock, type Versioned } from './peer-answers.ts';
import type { ReplicaSets, Target } from './replica-set.ts';
import { serviceName, type StorageServices } from './service.ts';
import { StorageError, type InboxEntry, type Receipt, type StoredRecord } from './storage.ts';
import {
  verifyBlock,
  verifyCertificate,
  verifyEntry,
  verifyReceipt,
  verifyRecord,
  type Held,
} from './verify.ts';
import * as wire from './wire.ts';

export interface PeersOptions {
  readonly overlay: Overlay;
  readonly services: StorageServices;
  readonly sets: ReplicaSets;
  readonly trust: RingTrust;
  readonly clock: Clock;
  readonly counters: Counters;
}

interface BlockReply {
  readonly block: Bytes | null;
  readonly leases?: wire.Lease[];
}

interface BlockService {
  readonly name: keyof StorageServices;
  readonly reply: Codec<BlockReply>;
}

/** A small question is answered within 5 s or not. */
const SMALL_MS = 5_000;
/** The quick way to a block is given 1.5 s. */
const ROOT_MS = 1_500;
/** A block is given 30 s: that is 35 KB/s. */
const BULK_MS = 30_000;
/** Above this size a node is asked first whether it holds the block already: 16 KiB. */
const CLAIM_BYTES_MIN = 16 * 1024;

/** `put-block` may have somebody else hold it. */
type PutService = 'put-block' | 'put-copy';

export class Peers {
  readonly #options: PeersOptions;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /**
   * All of these reject with OverlayError or BadAnswer. The receipt is the target's, or that of the node which holds the block in its
   * place.
   */
  async putBlock(target: Target, key: Key, block: Bytes, leases: readonly wire.Lease[]): Promise<Receipt> {
    return this.#putWith('put-block', target, key, block, leases);
  }

  /** The same, but the target holds it itself or refuses. */
  putCopy(target: Target, key: Key, block: Bytes, leases: readonly wire.Lease[]): Promise<Receipt> {
    return this.#putWith('put-copy', target, key, block, leases);
  }

  /** Adds leases to a block that the target holds itself; undefined: it does not. */
  async claimCopy(target: Target, key: Key, leases: readonly wire.Lease[]): Promise<Receipt | undefined> {
    const request = { v: 1 as const, key, leases: [...longest(leases, wire.LEASES_SENT_MAX)], block: null };
    const { receipt } = await this.#putBlock('put-copy', target, request, SMALL_MS);
    return receipt === null ? undefined : this.#checkReceipt(target, 'block', { key, held: key }, receipt);
  }

  async #putWith(
    service: PutService,
    target: Target,
    key: Key,
    block: Bytes,
    leases: readonly wire.Lease[],
  ): Promise<Receipt> {
    const sent = [...longest(leases, wire.LEASES_SENT_MAX)];
    const receipt = await this.#putBlockOnce(service, target, { v: 1, key, leases: sent }, block);
    const further = leases.filter((lease) => !sent.includes(lease));
    for (let i = 0; i < further.length; i += wire.LEASE_BATCH_MAX)
      await this.putLeases(target, further.slice(i, i + wire.LEASE_BATCH_MAX));
    return receipt;
  }

  /** One answer for each lease, of which at most LEASE_BATCH_MAX. */
  async putLeases(target: Target, leases: readonly wire.Lease[]): Promise<readonly wire.LeaseAnswer[]> {
    const request = { v: 1 as const, leases: [...leases] };
    const { answers } = await this.#ask(target, 'lease', wire.leaseRequest, request, wire.leaseReply);
    if (answers.length !== leases.length)
      throw this.#bad(refuse('bad-answer', 'an answer that does not fit the leases'));
    return answers;
  }

  /** The leases that a node knows on a block, unchecked. */
  async leases(target: Target, key: Key): Promise<readonly wire.Lease[]> {
    const leases: wire.Lease[] = [];
    let after: Id | null = null;
    do {
      const request: { v: 1; key: Key; after: Id | null } = { v: 1, key, after };
      const page = await this.#ask(target, 'leases', wire.leasesRequest, request, wire.leasesReply);
      leases.push(...page.leases);
      const last = page.leases.at(-1);
      after = page.more && last !== undefined ? accountOf(last) : null;
    } while (after !== null && leases.length < wire.LEASES_MAX);
    return leases;
  }

  /**
   * `stays`: a copy of ours is made of it, for which its leases are needed. Undefined: the node says that it has none, and points to
   * nobody who has.
   */
  getBlock(target: Target, key: Key, stays: boolean): Promise<FoundBlock | undefined> {
    return this.#getWith(blockService(stays), target, key);
  }

  /** With its leases, from the target's own disk. */
  getCopy(target: Target, key: Key): Promise<FoundBlock | undefined> {
    return this.#getWith({ name: 'get-copy', reply: wire.getBlockReply }, target, key);
  }

  async #getWith({ name, reply }: BlockService, target: Target, key: Key): Promise<FoundBlock | undefined> {
    const found = await this.#ask(target, name, wire.keyRequest, { v: 1, key }, reply, BULK_MS);
    return this.#foundBlock(key, found);
  }

  /** Asks the key's root in one journey, whoever that is: the block's hash proves it. Undefined: it has none. */
  async getBlockOfRoot(key: Key, stays: boolean): Promise<FoundBlock | undefined> {
    const { name, reply } = blockService(stays);
    const body = wire.keyRequest.encode({ v: 1, key });
    const found = await this.#options.overlay.ask(key, serviceName(name), body, { timeoutMs: ROOT_MS });
    return this.#foundBlock(key, this.#good(reply.decode(found)));
  }

  /** Rejects with StorageError `conflict` when the replica shows an authentic newer record. */
  async putRecord(target: Target, record: StoredRecord, held: Held): Promise<Receipt> {
    const { receipt, newer } = await this.#ask(
      target,
      'put-record',
      wire.putRecordRequest,
      { v: 1, record },
      wire.putRecordReply,
    );
    if (receipt !== null) return this.#checkReceipt(target, 'record', held, receipt);
    return this.#checkConflict(held, newer && (await this.#record(held.key, newer)));
  }

  async getRecord(target: Target, key: Key): Promise<Versioned<StoredRecord> | undefined> {
    const { record } = await this.#ask(
      target,
      'get-record',
      wire.keyRequest,
      { v: 1, key },
      wire.getRecordReply,
    );
    return record === null ? undefined : this.#record(key, record);
  }

  /** Rejects with StorageError `conflict` when the replica shows an authentic newer certificate. */
  async putCertificate(target: Target, certificate: IdentityCertificate, held: Held): Promise<Receipt> {
    const { receipt, newer } = await this.#ask(
      target,
      'put-certificate',
      wire.putCertificateRequest,
      { v: 1, certificate },
      wire.putCertificateReply,
    );
    if (receipt !== null) return this.#checkReceipt(target, 'certificate', held, receipt);
    return this.#checkConflict(held, newer && (await this.#certificate(held.key, newer)));
  }

  async getCertificate(target: Target, key: Key): Promise<Versioned<IdentityCertificate> | undefined> {
    const { certificate } = await this.#ask(
      target,
      'get-certificate',
      wire.keyRequest,
      { v: 1, key },
      wire.getCertificateReply,
    );
    return certificate === null ? undefined : this.#certificate(key, certificate);
  }

  async append(target: Target, certified: wire.CertifiedEntry, held: Held): Promise<Receipt> {
    const { receipt } = await this.#ask(
      target,
      'append-inbox',
      wire.certifiedEntryCodec,
      certified,
      wire.receiptReply,
    );
    return this.#checkReceipt(target, 'inbox', held, receipt);
  }

  /** What one replica says that is in an inbox: the authentic entries of a small one, the names of a larger one's. */
  async listInbox(target: Target, key: Key, after: Bytes | undefined): Promise<InboxPage> {
    const request = { v: 1 as const, key, after: after ?? null };
    const page = await this.#ask(target, 'read-inbox', wire.readInboxRequest, request, wire.readInboxReply);
    const { held, sizes, next } = page;
    if (held.length !== sizes.length)
      throw this.#bad(refuse('bad-answer', 'a list that does not fit itself'));
    const listed = held.map((name, i) => ({ held: name, sizeBytes: sizes[i]! }));
    const entries = await this.#authentic(key, page.entries);
    return { entries: entries.map(({ entry }) => entry), listed, next: next ?? undefined };
  }

  /** Those of the named entries of an inbox that the replica has shown, and that are authentic. */
  async inboxEntries(target: Target, key: Key, held: readonly Id[]): Promise<readonly InboxEntry[]> {
    const request = { v: 1 as const, key, held: [...held] };
    const { entries } = await this.#ask(
      target,
      'inbox-entries',
      wire.inboxEntriesRequest,
      request,
      wire.inboxEntriesReply,
    );
    const asked = new Set(held.map(idText));
    const authentic = await this.#authentic(key, entries);
    return authentic.filter((one) => asked.has(idText(one.held))).map(({ entry }) => entry);
  }

  async #authentic(
    key: Key,
    entries: readonly InboxEntry[],
  ): Promise<readonly { readonly entry: InboxEntry; readonly held: Id }[]> {
    const checks = await Promise.all(entries.map((entry) => verifyEntry(entry, key)));
    return entries.flatMap((entry, i) => {
      const check = checks[i]!;
      if (check.ok) return [{ entry, held: check.value.held }];
      this.#options.counters.refused('inbox', check);
      return [];
    });
  }

  async clearInbox(target: Target, clear: wire.InboxClear): Promise<void> {
    await this.#ask(target, 'clear-inbox', wire.clearInboxRequest, { v: 1, clear }, wire.clearInboxReply);
  }

  async has(target: Target, key: Key): Promise<boolean> {
    const { held } = await this.#ask(target, 'has', wire.hasRequest, { v: 1, keys: [key] }, wire.hasReply);
    return held[0] === true;
  }

  /** Which node holds the block in place of the target, or may; undefined: none. Unchecked. */
  async holder(target: Target, key: Key): Promise<NodeId | undefined> {
    const { holder } = await this.#ask(target, 'pointer', wire.keyRequest, { v: 1, key }, wire.pointerReply);
    return holder ?? undefined;
  }

  /** One answer per item. */
  async offer(target: Target, items: readonly wire.OfferedItem[]): Promise<readonly wire.OfferAnswer[]> {
    const request = { v: 1 as const, items: [...items] };
    const { answers } = await this.#ask(target, 'offer', wire.offerRequest, request, wire.offerReply);
    if (answers.length !== items.length)
      throw this.#bad(refuse('bad-answer', 'an answer that does not fit the offer'));
    return answers;
  }

  /** What a replica says of its ranges. */
  reconcile(target: Target, request: ReconcileRequest): Promise<ReconcileReply> {
    return this.#ask(target, 'reconcile', reconcileRequest, request, reconcileReply);
  }

  /** One proof per key, unchecked; null: the node says that it has not got the block. */
  async prove(target: Target, nonce: Bytes, keys: readonly Key[]): Promise<readonly (Bytes | null)[]> {
    const request = { v: 1 as const, nonce, keys: [...keys] };
    const { proofs } = await this.#ask(target, 'prove', wire.proveRequest, request, wire.proveReply, BULK_MS);
    if (proofs.length !== keys.length)
      throw this.#bad(refuse('bad-answer', 'an answer that does not fit the challenge'));
    return proofs;
  }

  async #putBlockOnce(
    service: PutService,
    target: Target,
    request: { v: 1; key: Key; leases: wire.Lease[] },
    block: Bytes,
  ): Promise<Receipt> {
    const { key } = request;
    if (block.length >= CLAIM_BYTES_MIN) {
      const claimed = await this.#putBlock(service, target, { ...request, block: null }, SMALL_MS);
      if (claimed.receipt !== null) return this.#checkBlockReceipt(target, key, claimed);
    }
    const put = await this.#putBlock(service, target, { ...request, block }, BULK_MS);
    return this.#checkBlockReceipt(target, key, put);
  }

  #putBlock(
    service: PutService,
    target: Target,
    request: { v: 1; key: Key; leases: wire.Lease[]; block: Bytes | null },
    timeoutMs: number,
  ): Promise<wire.PutBlockReply> {
    return this.#ask(target, service, wire.putBlockRequest, request, wire.putBlockReply, timeoutMs);
  }

  /** Of the target, or of a member of the ring that holds the block in its place. */
  async #checkBlockReceipt(
    target: Target,
    key: Key,
    { receipt, holder }: wire.PutBlockReply,
  ): Promise<Receipt> {
    const { trust, clock } = this.#options;
    if (receipt === null)
      throw this.#bad(refuse('no-receipt', 'a replica that took a block without a receipt'));
    const signer =
      holder === undefined ? target : this.#good(await verifyNodeCertificate(holder, trust, clock.now()));
    return this.#checkReceipt(signer, 'block', { key, held: key }, receipt);
  }

  async #ask<Q, R>(
    target: Target,
    name: keyof StorageServices,
    question: Codec<Q>,
    request: NoInfer<Q>,
    answer: Codec<R>,
    timeoutMs = SMALL_MS,
  ): Promise<R> {
    const { overlay, services, sets } = this.#options;
    const body = question.encode(request);
    let reply: Bytes;
    if (sets.isSelf(target)) reply = await services[name](body).catch(asOverlayError);
    else
      try {
        reply = await overlay.request(target.nodeId, serviceName(name), body, { timeoutMs });
        sets.answered(target);
      } catch (error) {
        const code = error instanceof OverlayError ? error.code : undefined;
        if (code === 'unreachable' || (code === 'timeout' && timeoutMs === SMALL_MS)) sets.wasSilent(target);
        throw error;
      }
    const decoded = answer.decode(reply);
    if (!decoded.ok) throw this.#bad(decoded);
    return decoded.value;
  }

  async #checkReceipt(
    target: Pick<Target, 'peerKey'>,
    kind: Receipt['body']['kind'],
    held: Pick<Held, 'key' | 'held'>,
    receipt: Receipt,
  ): Promise<Receipt> {
    return this.#good(await verifyReceipt(receipt, kind, held, target.peerKey, this.#options.clock.now()));
  }

  async #foundBlock(key: Key, { block, leases = [] }: BlockReply): Promise<FoundBlock | undefined> {
    if (block === null) return undefined;
    this.#good(await verifyBlock(key, block));
    return { block, leases };
  }

  #checkConflict(held: Held, newer: Held | null): never {
    if (newer !== null && compareVersions(newer, held) > 0)
      throw new StorageError('conflict', `A newer version (${newer.version}) is in the ring already.`);
    throw this.#bad(refuse('bad-answer', 'a replica that refused without a newer version'));
  }

  async #record(key: Key, record: StoredRecord): Promise<Versioned<StoredRecord>> {
    const held = this.#good(await verifyRecord(record));
    return { ...this.#ofKey(key, held), thing: record };
  }

  async #certificate(key: Key, certificate: IdentityCertificate): Promise<Versioned<IdentityCertificate>> {
    const { trust, clock } = this.#options;
    const held = this.#good(await verifyCertificate(certificate, trust, clock.now()));
    return { ...this.#ofKey(key, held), thing: certificate };
  }

  #ofKey(key: Key, held: Held): Held {
    if (key.every((byte, i) => byte === held.key[i])) return held;
    throw this.#bad(refuse('wrong-key', 'an answer about something else'));
  }

  #good<T>(result: Result<T>): T {
    if (result.ok) return result.value;
    throw this.#bad(result);
  }

  #bad(refusal: Refusal): BadAnswer {
    this.#options.counters.refused('storage', refusal);
    return new BadAnswer(refusal.reason);
  }
}

/** Leases are as long as a small block: who only reads asks for the block alone. */
function blockService(stays: boolean): BlockService {
  if (stays) return { name: 'get-block', reply: wire.getBlockReply };
  return { name: 'read-block', reply: wire.readBlockReply };
}

/** Our own services refuse as they would over the overlay. */
function asOverlayError(error: unknown): never {
  if (error instanceof Error && error.name === 'ServiceRefusal')
    throw new OverlayError('refused', error.message, (error as Error & { code: string }).code);
  throw error;
}
