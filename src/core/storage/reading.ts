/**
 * Reading from the ring. Where what is found proves itself, the cheapest way is tried first; "not there" is believed only of a
 * replica set that secure routing, or our own leaf set, has named.
 */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key } from '../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../codec/limits.ts';
import { OverlayError } from '../overlay/overlay.ts';
import { askAll, askFirst, type Answer, type Asked } from './asking.ts';
import { compareVersions } from './block-store.ts';
import { Pace, UNKNOWN_BLOCK_BYTES, type Transfer } from './fetching.ts';
import { BadAnswer, type FoundBlock, type Versioned } from './peer-answers.ts';
import type { Peers } from './peers.ts';
import { firstOf, spareOf, type ReplicaSet, type ReplicaSets, type Target } from './replica-set.ts';
import { StorageError, type Receipt } from './storage.ts';

export interface ReaderPorts {
  readonly sets: ReplicaSets;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Whether this may be a false world, built by a liar: then "not there" is not believed. Unset: it is never doubted. */
  readonly doubted?: () => boolean;
}

/** A record or certificate: how one replica is asked for it and given it, and the copy on this disk. */
export interface VersionedKind<T> {
  readonly ask: (target: Target) => Promise<Versioned<T> | undefined>;
  readonly put: (target: Target, newest: Versioned<T>) => Promise<Receipt>;
  readonly own: () => Promise<Versioned<T> | undefined>;
}

/** How long a node that may hold an old copy has before the next one is asked too. */
const LAST_RESORT_MS = 125;
/** How long slow replicas are waited for when k have answered. */
const GRACE_MS = 300;

export class Reader {
  readonly #ports: ReaderPorts;
  readonly #pace: Pace;

  constructor(ports: ReaderPorts) {
    this.#ports = ports;
    this.#pace = new Pace(ports.clock);
  }

  /**
   * `isOurs`: this node is one of its replicas. `stays`: the caller keeps the block whether or not. Unset `sizeBytes`: not known, a small
   * one. Rejects with StorageError, OverlayError.
   */
  async block(
    key: Key,
    stays: boolean,
    sizeBytes?: number,
  ): Promise<FoundBlock & { readonly isOurs: boolean }> {
    const transfer = this.#pace.begin(sizeBytes ?? UNKNOWN_BLOCK_BYTES);
    let arrived = 0;
    try {
      const found = await this.#block(key, stays, sizeBytes, transfer);
      arrived = found.block.length;
      return found;
    } finally {
      transfer.end(arrived);
    }
  }

  async #block(
    key: Key,
    stays: boolean,
    sizeBytes: number | undefined,
    { lateAfterMs }: Transfer,
  ): Promise<FoundBlock & { readonly isOurs: boolean }> {
    const { sets, clock } = this.#ports;
    const quick = sets.local(key) ? undefined : await this.#blockNearby(key, stays, sizeBytes, lateAfterMs);
    if (quick) return { ...quick, isOurs: false };
    const set = await sets.of(key);
    const isOurs = set.closest.slice(0, set.k).some((target) => sets.isSelf(target));
    const ask = (target: Target) => this.#ports.peers.getBlock(target, key, stays || isOurs);
    const first = sets.tabsFirst(firstOf(set)).filter((target) => !sets.isSelf(target));
    let asked = await askFirst(clock, first, ask, lateAfterMs);
    const denied = this.#isDenied(set, asked);
    if (asked.found === undefined) {
      // A ring that has moved may have left the only copies with former replicas.
      const others = [...spareOf(set), ...sets.others([...first, ...spareOf(set)])];
      const targets = others.filter((target) => !sets.isSelf(target));
      asked = await askFirst(clock, targets, ask, () => LAST_RESORT_MS);
    }
    if (asked.found === undefined) throw notThere(denied, 'block');
    return { ...asked.found.value, isOurs };
  }

  /** The newest authentic version; undefined when it is denied. Rejects with StorageError, OverlayError. */
  async newest<T>(key: Key, kind: VersionedKind<T>): Promise<T | undefined> {
    const { sets } = this.#ports;
    const quick = sets.local(key) ? undefined : await this.#newestNearby(key, kind);
    if (quick !== undefined) return quick;
    const set = await sets.of(key);
    let asked = await this.askAll(firstOf(set), kind.ask, set.k);
    const denied = this.#isDenied(set, asked);
    let newest = newestOf([await kind.own(), ...asked.answers.map(({ value }) => value)]);
    if (newest === undefined || !this.someoneElse(asked)) {
      const others = [...spareOf(set), ...sets.others(set.closest)];
      const more = await this.askAll(others, kind.ask, Infinity);
      newest = newestOf([newest, ...more.answers.map(({ value }) => value)]);
      asked = { answers: [...asked.answers, ...more.answers], failures: asked.failures };
    }
    // What is here was the newest once; whether it still is nobody can say who is alone.
    if (!this.someoneElse(asked)) throw notThere(false, 'record');
    if (newest === undefined) {
      if (denied) return undefined;
      throw notThere(false, 'record');
    }
    this.#writeBack(set, asked, newest, kind.put);
    return newest.thing;
  }

  /** Asks all at once; slow ones are waited for a little when there are so many answers, or such ones. */
  askAll<T>(
    targets: readonly Target[],
    ask: (target: Target) => Promise<T>,
    enough: number | ((answers: readonly Answer<T>[]) => boolean),
  ): Promise<Asked<T>> {
    const isEnough = typeof enough === 'number' ? enoughOf(enough) : enough;
    return askAll(this.#ports.clock, targets, ask, isEnough, GRACE_MS);
  }

  /** Whether anybody but this node answered. */
  someoneElse({ answers }: Pick<Asked<unknown>, 'answers'>): boolean {
    return answers.some(({ target }) => !this.#ports.sets.isSelf(target));
  }

  /** In one journey to the root, if it fits one, else from whoever an ordinary look-up names: the block's hash proves it. */
  async #blockNearby(
    key: Key,
    stays: boolean,
    sizeBytes: number | undefined,
    lateAfterMs: () => number,
  ): Promise<FoundBlock | undefined> {
    const { sets, peers, clock } = this.#ports;
    const fits = sizeBytes === undefined || sizeBytes <= ROUTED_BYTES_MAX;
    const ofRoot = fits ? await tried(() => peers.getBlockOfRoot(key, stays)) : undefined;
    if (ofRoot) return ofRoot;
    const set = await tried(() => sets.near(key));
    if (set === undefined) return undefined;
    const targets = sets.tabsFirst(firstOf(set)).filter((target) => !sets.isSelf(target));
    const ask = (target: Target) => peers.getBlock(target, key, stays);
    const asked = await askFirst(clock, targets, ask, lateAfterMs);
    return asked.found?.value;
  }

  /** What an ordinary look-up leads to, if it was found there. */
  async #newestNearby<T>(key: Key, { ask, put, own }: VersionedKind<T>): Promise<T | undefined> {
    const set = await tried(() => this.#ports.sets.near(key));
    if (set === undefined) return undefined;
    const asked = await this.askAll(firstOf(set), ask, set.k);
    const found = newestOf(asked.answers.map(({ value }) => value));
    if (found === undefined) return undefined;
    const newest = newestOf([await own(), found])!;
    this.#writeBack(set, asked, newest, put);
    return newest.thing;
  }

  /** Replicas that were behind get the newest version, beside whatever the caller does next. */
  #writeBack<T>(
    set: ReplicaSet,
    { answers }: Asked<Versioned<T> | undefined>,
    newest: Versioned<T>,
    put: VersionedKind<T>['put'],
  ): void {
    const { counters } = this.#ports;
    const replicas = new Set(firstOf(set).map(({ nodeId }) => idText(nodeId)));
    for (const { target, value } of answers) {
      if (!replicas.has(idText(target.nodeId))) continue;
      if (value !== undefined && compareVersions(value, newest) >= 0) continue;
      void put(target, newest).then(
        () => counters.add('storage.written-back'),
        () => counters.add('storage.write-back-failed'),
      );
    }
  }

  /**
   * Whether "not there" is to be believed: k nodes deny it, or all of a ring that is smaller, of which nobody is silent; this
   * node alone is no ring, and in a false world liars deny.
   */
  #isDenied(set: ReplicaSet, { answers, failures }: Asked<unknown>): boolean {
    const { sets, doubted } = this.#ports;
    if (doubted?.() === true) return false;
    const deniers = answers.filter(({ value }) => value === undefined);
    if (!deniers.some(({ target }) => !sets.isSelf(target))) return false;
    const self = set.closest.slice(0, set.k).some((target) => sets.isSelf(target)) ? 1 : 0;
    const asked = answers.some(({ target }) => sets.isSelf(target)) ? 0 : self;
    return deniers.length + asked >= set.k || (failures.length === 0 && set.unasked === 0);
  }
}

function enoughOf(count: number): (answers: readonly unknown[]) => boolean {
  return (answers) => answers.length >= count;
}

export function notThere(denied: boolean, what: string): StorageError {
  if (denied) return new StorageError('not-found', `No node of the ring has this ${what}.`);
  return new StorageError('unreachable', `Too few nodes could be reached to find this ${what}.`);
}

function newestOf<T>(found: readonly (Versioned<T> | undefined)[]): Versioned<T> | undefined {
  return found.reduce((best, one) => {
    if (one === undefined) return best;
    return best === undefined || compareVersions(one, best) > 0 ? one : best;
  }, undefined);
}

/** A cheap way that failed costs nothing but the dear one that follows. */
async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OverlayError || error instanceof BadAnswer) return undefined;
    throw error;
  }
}
