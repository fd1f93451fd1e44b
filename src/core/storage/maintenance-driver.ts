/** Acts for the maintenance machine: compares with neighbours, challenges them, moves blocks. */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import type { RingDescriptorBody } from '../identity/certificates.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import {
  DRAW_BYTES,
  MaintenanceMachine,
  PERIOD_MS,
  type MaintenanceEffect,
  type MaintenanceEvent,
  type Verdict,
} from './maintenance.ts';
import type { KeyValueStore } from './key-value-store.ts';
import { saveMirrors } from './mirror-memory.ts';
import type { RememberedMirror } from './mirrors.ts';
import { BadAnswer } from './peer-answers.ts';
import type { Peers } from './peers.ts';
import { periodic, type Periodic } from './periodic.ts';
import { lowWaterOf } from './planner.ts';
import { PROOF_NONCE_BYTES, proves } from './proof.ts';
import { NONCE_BYTES } from './reconcile/key-tree.ts';
import { Reconciliation } from './reconcile/reconciliation.ts';
import type { Target } from './replica-set.ts';

export interface MaintenanceDriverOptions {
  readonly overlay: Overlay;
  readonly descriptor: RingDescriptorBody;
  readonly blocks: BlockStore;
  /** Storage's part of the node's disk, and what an earlier session left there. */
  readonly store: KeyValueStore;
  readonly remembered: readonly RememberedMirror[];
  readonly peers: Peers;
  /** Who holds a block in place of this node, and was heard when it was last asked. */
  readonly elsewhere: (key: Key) => NodeId | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
}

export interface Maintenance {
  /** Whether so many other live nodes are known to hold the block that it needs no further copy. */
  hasEnough(key: Key): boolean;
  /** Ends it; resolves when nothing of it is under way. */
  stop(): Promise<void>;
}

/** What others hold is written this often, and in the end: a tab that is killed loses the last half hour of it. */
const SAVE_MS = 30 * 60_000;

type Work = Exclude<MaintenanceEffect, { type: 'timer' | 'named' }>;

/** Starts when the overlay is ready. */
export function createMaintenance(options: MaintenanceDriverOptions): Maintenance {
  return new Driver(options);
}

class Driver implements Maintenance {
  readonly #options: MaintenanceDriverOptions;
  readonly #machine: MaintenanceMachine;
  readonly #lowWater: number;
  readonly #saving: Periodic;
  readonly #underWay = new Set<Promise<void>>();
  readonly #unsubscribe: () => void;
  #cancelTimer: () => void = () => undefined;
  #stopped = false;

  constructor(options: MaintenanceDriverOptions) {
    this.#options = options;
    const { overlay, descriptor, clock, random, counters, remembered, elsewhere } = options;
    this.#lowWater = lowWaterOf(descriptor.k, descriptor.a);
    this.#machine = new MaintenanceMachine({
      self: overlay.self.nodeId,
      lowWater: this.#lowWater,
      k: descriptor.k,
      firstAt: clock.now() + randomBelow(random, PERIOD_MS),
      remembered,
      elsewhere,
    });
    const saving = { firstMs: SAVE_MS, pauseMs: SAVE_MS };
    const failed = (error: unknown): void =>
      counters.refused('storage', { code: 'mirrors-round', reason: String(error) });
    this.#saving = periodic(clock, saving, () => this.#save(), failed);
    this.#unsubscribe = overlay.subscribe(({ type }) => {
      if (type === 'leaf-set' || type === 'ready' || type === 'not-ready') this.#tellNeighbours();
    });
    this.#tellNeighbours();
  }

  hasEnough(key: Key): boolean {
    return this.#machine.copiesElsewhere(key, this.#options.clock.now()) >= this.#lowWater;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancelTimer();
    await Promise.all(this.#underWay);
    await this.#saving.stop();
    await this.#save();
  }

  #save(): Promise<void> {
    const { store, counters } = this.#options;
    return saveMirrors(store, this.#machine.remembered(), counters);
  }

  /** While the leaf set is not confirmed nobody counts as live, and nothing is moved. */
  #tellNeighbours(): void {
    const { overlay, descriptor } = this.#options;
    const leafSet = overlay.ready ? overlay.leafSet().map(({ nodeId }) => nodeId) : [];
    const alwaysOn = overlay.ready ? descriptor.relays.map(({ nodeId }) => nodeId) : [];
    this.#step({ type: 'neighbours', leafSet, alwaysOn });
  }

  #step(event: MaintenanceEvent): void {
    if (this.#stopped) return;
    const { blocks, clock } = this.#options;
    for (const effect of this.#machine.step(event, blocks.sharedBlocks, clock.now())) this.#act(effect);
  }

  #act(effect: MaintenanceEffect): void {
    if (effect.type === 'timer') {
      this.#cancelTimer();
      this.#cancelTimer = this.#options.clock.after(effect.delayMs, () => this.#step({ type: 'timer' }));
      return;
    }
    if (effect.type === 'named') {
      const reason = `Node ${idText(effect.peer)} ${lies[effect.reason]} ${idText(effect.key)}.`;
      this.#options.counters.refused('storage', { code: 'liar', reason });
      return;
    }
    const work = this.#perform(effect).then((event) => {
      this.#underWay.delete(work);
      this.#step(event);
    });
    this.#underWay.add(work);
  }

  /** Never rejects: what failed is counted, and the event says so. */
  async #perform(effect: Work): Promise<MaintenanceEvent> {
    switch (effect.type) {
      case 'reconcile':
        return this.#reconcile(effect);
      case 'prove':
        return this.#prove(effect.peer, effect.keys);
      case 'move': {
        const { to, peer, key } = effect;
        const move = to === 'there' ? this.#push : this.#pull;
        const { value, wrong } = await this.#tried(() => move.call(this, this.#target(peer), key));
        if (value !== undefined) this.#options.counters.add(`storage.copied-${to}`);
        const end = value !== undefined ? 'done' : wrong && to === 'here' ? 'wrong' : 'failed';
        return { type: 'moved', to, peer, key, end, bytes: value ?? 0 };
      }
    }
  }

  async #reconcile({ peer, believed, arc }: Extract<Work, { type: 'reconcile' }>): Promise<MaintenanceEvent> {
    const { random, peers, counters } = this.#options;
    const session = new Reconciliation(believed, arc, random.bytes(NONCE_BYTES));
    let next = session.step({ type: 'start' });
    while (next.type === 'ask') {
      const { request } = next;
      const { value } = await this.#tried(() => peers.reconcile(this.#target(peer), request));
      next = session.step(value === undefined ? { type: 'failed' } : { type: 'reply', reply: value });
    }
    const { differences } = next;
    counters.add(`storage.reconciled-${differences.end}`);
    return { type: 'reconciled', peer, believed, arc, differences, draw: random.bytes(DRAW_BYTES) };
  }

  async #prove(peer: NodeId, keys: readonly Key[]): Promise<MaintenanceEvent> {
    const { random, peers, blocks } = this.#options;
    const nonce = random.bytes(PROOF_NONCE_BYTES);
    const { value: verdicts } = await this.#tried(async () => {
      const target = this.#target(peer);
      const proofs = await peers.prove(target, nonce, keys);
      return Promise.all(
        proofs.map(async (proof, i): Promise<Verdict> => {
          if (proof === null) return 'missing';
          const block = await blocks.getBlock(keys[i]!);
          // What is no longer whole here cannot be held against anybody.
          if (block === undefined) return 'good';
          return (await proves(proof, nonce, target.peerKey, block)) ? 'good' : 'wrong';
        }),
      );
    });
    return { type: 'proved', peer, keys, verdicts: verdicts ?? keys.map(() => 'silent') };
  }

  /** Bytes sent. */
  async #push(target: Target, key: Key): Promise<number | undefined> {
    const { blocks, peers } = this.#options;
    const block = await blocks.getBlock(key);
    if (block === undefined) return undefined;
    // Nobody needs another copy of what is about to be collected.
    if (await blocks.isLapsed(key)) return 0;
    await peers.putCopy(target, key, block, await blocks.book.of(key));
    return block.length;
  }

  /** Bytes fetched. */
  async #pull(target: Target, key: Key): Promise<number | undefined> {
    const { blocks, peers } = this.#options;
    const found = await peers.getBlock(target, key, true);
    if (found === undefined) return undefined;
    const put = await blocks.putBlock(key, found.block, found.leases);
    if (!put.ok && put.code === 'lapsed') return 0;
    return put.ok ? found.block.length : undefined;
  }

  #target(nodeId: NodeId): Target {
    const { overlay, descriptor } = this.#options;
    const relay = descriptor.relays.find((one) => idText(one.nodeId) === idText(nodeId));
    const target = overlay.contact(nodeId) ?? relay;
    if (target === undefined) throw new Gone();
    return target;
  }

  async #tried<T>(
    work: () => Promise<T>,
  ): Promise<{ readonly value: T | undefined; readonly wrong: boolean }> {
    try {
      return { value: await work(), wrong: false };
    } catch (error) {
      const wrong = error instanceof BadAnswer;
      this.#options.counters.add(`storage.maintenance-${wrong ? 'bad-answer' : 'failed'}`);
      return { value: undefined, wrong };
    }
  }
}

/** A node that left while something was about to be asked of it. */
class Gone extends Error {}

const lies = {
  'no-proof': 'says that it holds a block and cannot prove it:',
  'wrong-block': 'gave other bytes for the block',
} as const;
