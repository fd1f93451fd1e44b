/** Acts for the repair machine: reads the disk, asks nodes, moves records, certificates, inboxes, and blocks far from home. */
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type NodeId } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import type { RingDescriptorBody } from '../identity/certificates.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import { BadAnswer } from './peer-answers.ts';
import type { Peers } from './peers.ts';
import { PERIOD_MS, RepairMachine, type RepairEffect, type RepairEvent, type RepairItem } from './repair.ts';
import type { ReplicaSets, Target } from './replica-set.ts';
import type { HeldThing } from './shelves.ts';
import type { OfferedItem } from './wire.ts';

export interface RepairOptions {
  readonly overlay: Overlay;
  readonly descriptor: RingDescriptorBody;
  readonly blocks: BlockStore;
  readonly sets: ReplicaSets;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
}

export interface Repair {
  /** Ends it; resolves when nothing of it is under way. */
  stop(): Promise<void>;
}

/** Things looked at together. */
const PAGE = 256;
/** Nodes remembered from look-ups. */
const LOCATED_MAX = 256;

/** Starts at once; the first full pass comes at a random time within the period, so that nodes do not march in step. */
export function createRepair(options: RepairOptions): Repair {
  return new Driver(options);
}

class Driver implements Repair {
  readonly #options: RepairOptions;
  readonly #machine: RepairMachine;
  readonly #underWay = new Set<Promise<void>>();
  readonly #unsubscribe: () => void;
  #cancelTimer: () => void = () => undefined;
  /** Nodes of other neighbourhoods, from look-ups. */
  readonly #located = new Map<string, Target>();
  #cursor: Bytes | undefined;
  #stopped = false;

  constructor(options: RepairOptions) {
    this.#options = options;
    const { overlay, descriptor, clock, random } = options;
    const firstAt = clock.now() + randomBelow(random, PERIOD_MS);
    this.#machine = new RepairMachine(overlay.self.nodeId, descriptor.k + descriptor.a, firstAt);
    this.#unsubscribe = overlay.subscribe((event) => {
      if (event.type === 'leaf-set') this.#step({ type: 'leaf-set', added: event.added });
      if (event.type === 'ready') this.#step({ type: 'leaf-set', added: [] });
    });
    this.#step({ type: 'timer' });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancelTimer();
    await Promise.all(this.#underWay);
  }

  #step(event: RepairEvent): void {
    if (this.#stopped) return;
    for (const effect of this.#machine.step(event, this.#options.clock.now())) this.#act(effect);
  }

  #act(effect: RepairEffect): void {
    if (effect.type === 'timer') {
      this.#cancelTimer();
      this.#cancelTimer = this.#options.clock.after(effect.delayMs, () => this.#step({ type: 'timer' }));
      return;
    }
    const work = this.#perform(effect).then((event) => {
      this.#underWay.delete(work);
      if (event !== undefined) this.#step(event);
    });
    this.#underWay.add(work);
  }

  /** Never rejects: what failed is counted, and the event says so. */
  async #perform(effect: Exclude<RepairEffect, { type: 'timer' }>): Promise<RepairEvent | undefined> {
    switch (effect.type) {
      case 'scan':
        return this.#scan(effect.from);
      case 'locate':
        return this.#locate(effect.item);
      case 'offer': {
        const { to, items } = effect;
        const target = this.#target(to);
        const answers = target && (await this.#tried(() => this.#options.peers.offer(target, items)));
        return { type: 'answers', to, items, answers };
      }
      case 'push':
      case 'pull': {
        const { peer, item } = effect;
        const target = this.#target(peer);
        const move = effect.type === 'push' ? this.#push : this.#pull;
        const ok = target && (await this.#tried(() => move.call(this, target, item)));
        if (ok) this.#options.counters.add(`storage.repair-${effect.type}`);
        return { type: 'transferred', peer, item, ok: ok ?? false };
      }
      case 'sweep':
        await this.#tried(() => this.#options.blocks.inboxes.sweep());
        return undefined;
    }
  }

  async #scan(from: 'start' | 'next'): Promise<RepairEvent> {
    if (from === 'start') this.#cursor = undefined;
    const page = this.#options.overlay.ready
      ? await this.#tried(() => this.#options.blocks.page(this.#cursor, PAGE))
      : undefined;
    this.#cursor = page?.next;
    const items = (page?.things ?? [])
      .filter((thing) => this.#isRepaired(thing))
      .map((thing) => this.#itemOf(thing));
    return { type: 'page', items, last: this.#cursor === undefined };
  }

  /** Blocks among neighbours are maintenance's business; those far from home are handed on. Damaged copies are nobody's source. */
  #isRepaired({ place: { kind, key }, index }: HeldThing): boolean {
    if (index.damaged) return false;
    return kind !== 'block' || (index.inserted && this.#options.sets.local(key) === undefined);
  }

  #itemOf({ place: { kind, key }, index: { version, held } }: HeldThing): RepairItem {
    const local = this.#options.sets.local(key);
    return { kind, key, version, held, replicas: local && this.#replicas(key, local) };
  }

  async #locate(item: RepairItem): Promise<RepairEvent> {
    // Nothing is dropped here, so who bends the way only keeps a copy from going where it belongs; inserts do not rest on it.
    const set = await this.#tried(() => this.#options.sets.near(item.key));
    for (const target of set?.closest ?? []) {
      if (this.#located.size >= LOCATED_MAX) this.#located.delete(this.#located.keys().next().value!);
      this.#located.set(idText(target.nodeId), target);
    }
    // A stray block is shown to its root alone, which counts the copies there are.
    const isBlock = item.kind === 'block';
    const root = set?.closest.slice(0, 1).map(({ nodeId }) => nodeId);
    const replicas = isBlock ? root : set && this.#replicas(item.key, set.closest);
    return { type: 'located', item: { ...item, replicas } };
  }

  /** The k closest and the always-on ones; also those that were silent a moment ago. */
  #replicas(key: Bytes, closest: readonly Target[]): NodeId[] {
    const { sets, descriptor } = this.#options;
    const first = closest.slice(0, descriptor.k).map(({ nodeId }) => nodeId);
    const names = new Set(first.map(idText));
    const relays = sets.alwaysOn(key).map(({ nodeId }) => nodeId);
    return [...first, ...relays.filter((nodeId) => !names.has(idText(nodeId)))];
  }

  async #push(target: Target, item: OfferedItem): Promise<boolean> {
    const { blocks, peers } = this.#options;
    const { kind, key } = item;
    switch (kind) {
      case 'block': {
        const block = await blocks.getBlock(key);
        if (block === undefined || (await blocks.isLapsed(key))) return block !== undefined;
        return isDone(peers.putCopy(target, key, block, await blocks.book.of(key)));
      }
      case 'record': {
        const record = await blocks.getRecord(key);
        return record !== undefined && isDone(peers.putRecord(target, record, item));
      }
      case 'certificate': {
        const certificate = await blocks.getCertificate(key);
        return certificate !== undefined && isDone(peers.putCertificate(target, certificate, item));
      }
      case 'inbox': {
        const entry = await blocks.inboxes.entry(key, item.held);
        return entry !== undefined && isDone(peers.append(target, entry, item));
      }
      case 'clear': {
        const clear = await blocks.inboxes.clearOf(key, item.held);
        return clear !== undefined && isDone(peers.clearInbox(target, clear));
      }
    }
  }

  async #pull(target: Target, { kind, key }: OfferedItem): Promise<boolean> {
    const { blocks, peers } = this.#options;
    if (kind === 'record') {
      const newer = await peers.getRecord(target, key);
      return newer !== undefined && (await blocks.putRecord(newer.thing)).ok;
    }
    if (kind === 'certificate') {
      const newer = await peers.getCertificate(target, key);
      return newer !== undefined && (await blocks.putCertificate(newer.thing)).ok;
    }
    return false;
  }

  #target(nodeId: NodeId): Target | undefined {
    const { overlay, descriptor } = this.#options;
    return (
      overlay.contact(nodeId) ?? descriptor.relays.find((relay) => idText(relay.nodeId) === idText(nodeId))
    );
  }

  async #tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof BadAnswer ? 'bad-answer' : 'failed';
      this.#options.counters.add(`storage.repair-${code}`);
      return undefined;
    }
  }
}

async function isDone(work: Promise<unknown>): Promise<boolean> {
  await work;
  return true;
}
