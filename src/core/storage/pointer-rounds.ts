/**
 * A full node looks after its pointers: what has room comes home, every holder has to have its copy still and to prove it, and a copy
 * that is lost is made anew elsewhere.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import { drawChallenges } from './challenges.ts';
import type { Exclusive } from './exclusive.ts';
import { pointerKey } from './layout.ts';
import type { Verdict } from './maintenance.ts';
import { BadAnswer, type FoundBlock } from './peer-answers.ts';
import type { Peers } from './peers.ts';
import { periodic, type Periodic } from './periodic.ts';
import { heard, type Pointer, type Pointers } from './pointers.ts';
import { firstOf, type ReplicaSets } from './replica-set.ts';
import { tried } from './tried.ts';
import type { Trust } from './trust.ts';
import type { Lease } from './wire.ts';

/** The first look at pointers comes within 5 min, then one every 10 min, at so many. */
export const FIRST_MS_MAX = 5 * 60_000;
export const PAUSE_MS = 10 * 60_000;
const LOOKED_MAX = 64;
/** Lost copies that are made anew in one round: 16 MiB at most. */
const RENEWED_MAX = 16;
/** A holder that is not heard for so long is given up: 7 days. */
export const SILENT_MS = 7 * 24 * 60 * 60_000;
/** A proof is good for 6 h; in between the holder is asked. */
export const PROVED_MS = 6 * 60 * 60_000;

export interface PointerRoundsOptions {
  readonly overlay: Overlay;
  readonly blocks: BlockStore;
  readonly pointers: Pointers;
  readonly sets: ReplicaSets;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly trust: Trust;
  /** Of one block only one thing happens at once. */
  readonly exclusive: Exclusive;
  /** Has another node hold the block; to be called while nothing else happens to it. */
  readonly divert: (key: Key, block: Bytes, leases: readonly Lease[]) => Promise<unknown>;
}

export class PointerRounds {
  readonly #options: PointerRoundsOptions;
  readonly #periodic: Periodic;
  #cursor: Bytes | undefined;

  constructor(options: PointerRoundsOptions) {
    this.#options = options;
    const { clock, random, counters } = options;
    const failed = (error: unknown): void =>
      counters.refused('storage', { code: 'pointer-round', reason: String(error) });
    const times = { firstMs: randomBelow(random, FIRST_MS_MAX), pauseMs: PAUSE_MS };
    this.#periodic = periodic(clock, times, () => this.#round(), failed);
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  async #round(): Promise<void> {
    const { overlay, pointers, exclusive } = this.#options;
    if (!overlay.ready) return;
    const { keys, next } = await pointers.page(this.#cursor, LOOKED_MAX);
    let renewed = 0;
    for (const key of keys) {
      if (await exclusive.run(idText(key), () => this.#lookAt(key))) renewed += 1;
      this.#cursor = pointerKey(key);
      if (renewed === RENEWED_MAX) return;
    }
    this.#cursor = next;
  }

  /** Whether a copy was made anew. */
  async #lookAt(key: Key): Promise<boolean> {
    const { blocks, pointers, clock } = this.#options;
    const pointer = await pointers.of(key);
    if (pointer === undefined) return false;
    if ((await blocks.hasBlock(key)) || !(await this.#isOurs(key))) {
      await pointers.drop(key, pointer.nodeId);
      return false;
    }
    if (!blocks.isNearlyFull() && (await blocks.hasRoomForBlock()) && (await this.#tookHome(key, pointer)))
      return false;
    const { verdict, now } = await this.#tryHolder(key, pointer);
    if (verdict === 'good') {
      await pointers.set(key, now);
      return false;
    }
    if (verdict === 'silent' && clock.now() <= pointer.at + SILENT_MS) {
      pointers.silent(key);
      return false;
    }
    if (verdict !== 'silent') this.#failed(key, pointer, verdict);
    return this.#renewed(key, pointer);
  }

  async #tookHome(key: Key, pointer: Pointer): Promise<boolean> {
    const { blocks, pointers, peers, counters } = this.#options;
    const found = await tried(() => peers.getCopy(pointer, key));
    if (found?.value === undefined) return false;
    if (!(await blocks.putBlock(key, found.value.block, found.value.leases)).ok) return false;
    counters.add('storage.taken-home');
    await pointers.drop(key, pointer.nodeId);
    return true;
  }

  /** `now`: the pointer as it is to be when the verdict is good. */
  async #tryHolder(
    key: Key,
    pointer: Pointer,
  ): Promise<{ readonly verdict: Verdict; readonly now: Pointer }> {
    const { peers, clock } = this.#options;
    const at = clock.now();
    if (at < (pointer.provedAt ?? 0) + PROVED_MS) {
      const has = await tried(() => peers.has(pointer, key));
      const verdict = has === undefined ? 'silent' : has.value ? 'good' : 'missing';
      return { verdict, now: heard(pointer, at) };
    }
    const [challenge, ...left] = pointer.challenges ?? [];
    if (challenge === undefined) return this.#haveDelivered(key, pointer);
    const proofs = await tried(() => peers.prove(pointer, challenge.nonce, [key]));
    const now = heard({ ...pointer, challenges: left, provedAt: at }, at);
    if (proofs === undefined) return { verdict: 'silent', now };
    const proof = proofs.value[0];
    if (!proof) return { verdict: 'missing', now };
    return { verdict: equalBytes(proof, challenge.proof) ? 'good' : 'wrong', now };
  }

  /** No challenge is left: it has to give the whole block, of which new ones are drawn. */
  async #haveDelivered(
    key: Key,
    pointer: Pointer,
  ): Promise<{ readonly verdict: Verdict; readonly now: Pointer }> {
    const { peers, random, clock } = this.#options;
    const given = await tried(() => peers.getCopy(pointer, key).catch(asWrong));
    if (given === undefined) return { verdict: 'silent', now: pointer };
    if (given.value === undefined) return { verdict: 'missing', now: pointer };
    if (given.value === 'wrong') return { verdict: 'wrong', now: pointer };
    const challenges = await drawChallenges(random, pointer.peerKey, given.value.block);
    const at = clock.now();
    return { verdict: 'good', now: heard({ ...pointer, challenges, provedAt: at }, at) };
  }

  /** It said that it held the block. Who lies, or loses too much, is given nothing more to hold for a while. */
  #failed(key: Key, { nodeId }: Pointer, verdict: 'missing' | 'wrong'): void {
    const { counters, trust, clock } = this.#options;
    counters.add(`storage.diverted-${verdict}`);
    if (!trust.failed(nodeId, verdict === 'wrong', clock.now())) return;
    const reason = `Node ${idText(nodeId)} holds for this one, and cannot prove, ${idText(key)}.`;
    counters.refused('storage', { code: 'liar', reason });
  }

  /** As with any lost copy: another replica gives the block, another node holds it. */
  async #renewed(key: Key, pointer: Pointer): Promise<boolean> {
    const { pointers, divert, counters } = this.#options;
    await pointers.drop(key, pointer.nodeId);
    const found = await this.#fromReplicas(key);
    if (found === undefined || (await divert(key, found.block, found.leases)) === undefined) return false;
    counters.add('storage.diverted-anew');
    return true;
  }

  async #fromReplicas(key: Key): Promise<FoundBlock | undefined> {
    const { sets, peers } = this.#options;
    const set = await tried(() => sets.near(key));
    for (const target of set === undefined ? [] : firstOf(set.value)) {
      if (sets.isSelf(target)) continue;
      const found = await tried(() => peers.getBlock(target, key, true));
      if (found?.value !== undefined) return found.value;
    }
    return undefined;
  }

  /** Whether this node is still one of the block's replicas; when nobody can tell just now, it is. */
  async #isOurs(key: Key): Promise<boolean> {
    const { sets } = this.#options;
    const set = await tried(() => sets.near(key));
    return set === undefined || firstOf(set.value).some((target) => sets.isSelf(target));
  }
}

function asWrong(error: unknown): 'wrong' {
  if (error instanceof BadAnswer) return 'wrong';
  throw error;
}
