/** Putting one thing on its replica set: in parallel, with replacements for replicas that fail, until it counts as stored. */
import { equalBytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Key } from '../codec/id.ts';
import { sentence } from './sentences.ts';
import { OverlayError } from '../overlay/overlay.ts';
import { firstOf, spareOf, type ReplicaSet, type Target } from './replica-set.ts';
import { StorageError, type Receipt, type Stored } from './storage.ts';

export interface Replication {
  readonly key: Key;
  readonly set: ReplicaSet;
  readonly clock: Clock;
  readonly isSelf: (target: Target) => boolean;
  /** Whether it sees all that a member stores, as an always-on replica does: that the member is over quota is believed of it alone. */
  readonly seesAll?: (target: Target) => boolean;
  /** Resolves with a checked receipt. A StorageError ends the whole replication, other errors only this attempt. */
  readonly put: (target: Target) => Promise<Receipt>;
}

/** A replica that has not answered for so long gets a replacement beside it. */
const HEDGE_MS = 3_000;
/** What is still under way when k nodes hold it is waited for so long. */
const GRACE_MS = 500;

/**
 * Resolves when min(k, live nodes with room) distinct nodes, at least one other than this one, hold it. Rejects with
 * StorageError `full`, `unreachable`, or what `put` throws.
 */
export function replicate(replication: Replication): Promise<Stored> {
  return new Promise((resolve, reject) => {
    new Run(replication, resolve, reject).start();
  });
}

class Run {
  readonly #replication: Replication;
  readonly #resolve: (stored: Stored) => void;
  readonly #reject: (error: unknown) => void;
  readonly #spare: Target[];
  readonly #receipts: Receipt[] = [];
  #othersHold = false;
  #pending = 0;
  #full: OverlayError | undefined;
  #refused: OverlayError | undefined;
  #overQuota = 0;
  /** Asked, and silent, refusing or full. */
  #unable = 0;
  #started = 0;
  #done = false;
  #cancelHedge: (() => void) | undefined;
  #cancelGrace: (() => void) | undefined;

  constructor(replication: Replication, resolve: (stored: Stored) => void, reject: (error: unknown) => void) {
    this.#replication = replication;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#spare = [...spareOf(replication.set)];
  }

  start(): void {
    const first = firstOf(this.#replication.set);
    for (const target of first) this.#attempt(target);
    this.#hedge();
    if (first.length === 0) this.#settled();
  }

  #attempt(target: Target): void {
    this.#pending += 1;
    this.#started += 1;
    void this.#replication.put(target).then(
      (receipt) => {
        this.#pending -= 1;
        // Two full replicas may have asked the same node to hold it: that is one copy.
        if (this.#receipts.some(({ body }) => equalBytes(body.holder, receipt.body.holder))) {
          this.#unable += 1;
          this.#replace();
        } else {
          this.#receipts.push(receipt);
          const isHere = this.#replication.isSelf(target) && equalBytes(receipt.body.holder, target.peerKey);
          if (!isHere) this.#othersHold = true;
        }
        this.#settled();
      },
      (error: unknown) => {
        this.#pending -= 1;
        if (error instanceof StorageError) return this.#finish(() => this.#reject(error));
        if (error instanceof OverlayError && error.code === 'refused') this.#refused = error;
        if (isFull(error)) this.#full = error;
        if (isOverQuota(error) && this.#isBelievedOf(target))
          return this.#finish(() => this.#reject(overQuota(error)));
        this.#unable += 1;
        this.#replace();
        this.#settled();
      },
    );
  }

  /** One node that sees a part of the ring may lie; two, or one that sees all, settle it. */
  #isBelievedOf(target: Target): boolean {
    this.#overQuota += 1;
    return this.#overQuota > 1 || this.#replication.seesAll?.(target) === true;
  }

  #replace(): void {
    const next = this.#done ? undefined : this.#spare.shift();
    if (next !== undefined) this.#attempt(next);
  }

  #hedge(): void {
    this.#cancelHedge = this.#replication.clock.after(HEDGE_MS, () => {
      if (!this.#holdsEnough()) this.#replace();
      this.#hedge();
    });
  }

  #holdsEnough(): boolean {
    return this.#othersHold && this.#receipts.length >= this.#replication.set.k;
  }

  #settled(): void {
    if (this.#done) return;
    if (this.#pending === 0) this.#finish(() => this.#decide());
    else if (this.#holdsEnough())
      this.#cancelGrace ??= this.#replication.clock.after(GRACE_MS, () =>
        this.#finish(() => this.#succeed()),
      );
  }

  #decide(): void {
    const able = this.#started - this.#unable;
    const needed = Math.min(this.#replication.set.k, able);
    if (this.#othersHold && this.#receipts.length >= needed) this.#succeed();
    else this.#reject(this.#failure());
  }

  #failure(): StorageError {
    if (this.#full) return new StorageError('full', this.#full.message, { cause: this.#full });
    if (this.#refused && !this.#othersHold)
      return new StorageError('unreachable', `The ring refused this: ${this.#refused.message}`, {
        cause: this.#refused,
      });
    const reason = this.#othersHold
      ? 'Too few other nodes could be reached to store this safely.'
      : 'No other node could be reached to store this.';
    return new StorageError('unreachable', reason);
  }

  #succeed(): void {
    const { key, set } = this.#replication;
    const policy = Math.min(set.k, set.closest.length) + set.alwaysOn.length;
    const wanted = Math.min(policy, this.#started - this.#unable);
    this.#resolve({ key, receipts: [...this.#receipts], wanted });
  }

  #finish(end: () => void): void {
    if (this.#done) return;
    this.#done = true;
    this.#cancelHedge?.();
    this.#cancelGrace?.();
    end();
  }
}

function isOverQuota(error: unknown): boolean {
  return error instanceof OverlayError && error.refusalCode === 'over-quota';
}

/** In our own words: a peer's are not shown. */
function overQuota(cause: unknown): StorageError {
  return new StorageError('over-quota', sentence('mail/over-quota'), { cause });
}

/** The node is there, but has no room: for anything, or for more of one sender. */
function isFull(error: unknown): error is OverlayError {
  if (!(error instanceof OverlayError)) return false;
  return error.refusalCode === 'full' || error.refusalCode === 'too-many';
}
