/** Plays one trace: where in time it is, how fast it goes, which node and which look-up one looks at. */
import { sendsBefore } from './figures.ts';
import { kindsOf, longestDelay } from './flying.ts';
import type { Kind } from './kinds.ts';
import { Circle } from './layout.ts';
import { momentsOf } from './moments.ts';
import { inIdOrder } from './neighbours.ts';
import { RingState } from './ring-state.ts';
import type { Trace } from './trace.ts';
import { viewOf, type Prepared, type View } from './view.ts';
import { namesOf } from './words.ts';

/** Milliseconds of the trace in one of ours. */
export const speeds = [0.05, 0.2, 1, 5, 20, 60] as const;
export const SPEED_AT_FIRST = 5;
/** A followed look-up is played at most so fast: a hop of 40 ms takes most of a second. */
export const FOLLOWING_SPEED = 0.05;
/** A look-up that nobody answers is followed this long. */
const FOLLOWED_MS_MAX = 10_000;
/** How often the figures change while it plays. */
const VIEW_MS = 200;
/** With reduced motion: how long a picture stands. */
export const STEP_MS = 1_000;
/** A frame that took longer, in a tab that was hidden, counts as this. */
const FRAME_MS_MAX = 100;

export class Player {
  readonly trace: Trace;
  readonly circle: Circle;
  readonly prepared: Prepared;
  /** By type of message. */
  readonly kinds: readonly Kind[];
  readonly longestDelayMs: number;
  /** In pictures that stand still, one after another, instead of motion. */
  readonly stepped: boolean;
  /** Milliseconds since the trace’s beginning. */
  #nowMs = $state(0);
  #playing = $state(false);
  #followed = $state<number>();
  #chosen = $state<number>();
  #view = $state.raw<View>()!;
  speed = $state(SPEED_AT_FIRST);
  #state: RingState;
  /** Since the view was made. */
  #viewAgeMs = 0;
  /** Since the last picture. */
  #stepAgeMs = 0;

  constructor(trace: Trace, stepped: boolean) {
    this.trace = trace;
    this.stepped = stepped;
    this.circle = new Circle(trace.nodes);
    this.prepared = {
      names: namesOf(trace.nodes),
      order: inIdOrder(trace),
      moments: momentsOf(trace),
      sends: sendsBefore(trace),
    };
    this.kinds = kindsOf(trace);
    this.longestDelayMs = longestDelay(trace);
    this.#state = new RingState(trace);
    this.#look();
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get playing(): boolean {
    return this.#playing;
  }

  get view(): View {
    return this.#view;
  }

  /** The look-up that is followed: its place in the trace. */
  get followed(): number | undefined {
    return this.#followed;
  }

  get chosen(): number | undefined {
    return this.#chosen;
  }

  set chosen(node: number | undefined) {
    this.#chosen = node;
    this.#look();
  }

  /** Milliseconds of the trace in one of ours, just now. */
  get rate(): number {
    return this.#followed === undefined ? this.speed : Math.min(this.speed, FOLLOWING_SPEED);
  }

  /** The ring now; the object changes with time. */
  ring(): RingState {
    if (this.#state.nowMs > this.#nowMs) this.#state = new RingState(this.trace);
    if (this.#state.nowMs < this.#nowMs) this.#state.advance(this.#nowMs);
    return this.#state;
  }

  play(): void {
    if (this.#followed !== undefined && this.#nowMs >= this.#followedEndMs()) this.#followed = undefined;
    if (this.#nowMs >= this.trace.endMs) this.#moveTo(0);
    this.#stepAgeMs = 0;
    this.#playing = true;
  }

  pause(): void {
    this.#playing = false;
    this.#look();
  }

  /** Goes to a time and stays in the same mood: playing or not. A look-up that was followed is let go. */
  seek(ms: number): void {
    this.#followed = undefined;
    this.#moveTo(Math.max(0, Math.min(ms, this.trace.endMs)));
  }

  /** Follows the next look-up in slow motion; false when there is none. */
  followNext(): boolean {
    const { lookups } = this.trace;
    const next =
      this.#followed === undefined
        ? lookups.findIndex(({ askedMs }) => askedMs > this.#nowMs)
        : this.#followed + 1;
    if (next < 0 || next >= lookups.length) return false;
    this.#follow(next);
    return true;
  }

  /** The followed look-up from its beginning. */
  followAgain(): void {
    if (this.#followed !== undefined) this.#follow(this.#followed);
  }

  /** `elapsedMs` of our time have passed. */
  tick(elapsedMs: number): void {
    if (!this.#playing) return;
    if (this.stepped) {
      this.#stepAgeMs += elapsedMs;
      if (this.#stepAgeMs < STEP_MS) return;
      this.#stepAgeMs = 0;
    }
    const passedMs = this.stepped ? STEP_MS : Math.min(elapsedMs, FRAME_MS_MAX);
    const stopMs = this.#followed === undefined ? this.trace.endMs : this.#followedEndMs();
    const toMs = Math.min(this.#nowMs + passedMs * this.rate, stopMs);
    this.#nowMs = toMs;
    this.#viewAgeMs += elapsedMs;
    if (toMs === stopMs) this.pause();
    else if (this.#viewAgeMs >= VIEW_MS) this.#look();
  }

  #follow(lookup: number): void {
    this.#followed = lookup;
    this.#moveTo(this.stepped ? this.#followedEndMs() : this.trace.lookups[lookup]!.askedMs);
    this.#playing = !this.stepped;
  }

  #followedEndMs(): number {
    const { end, askedMs } = this.trace.lookups[this.#followed!]!;
    return Math.min(this.trace.endMs, end?.atMs ?? askedMs + FOLLOWED_MS_MAX);
  }

  #moveTo(ms: number): void {
    this.#nowMs = ms;
    this.#look();
  }

  #look(): void {
    this.#viewAgeMs = 0;
    this.#view = viewOf(this.ring(), this.prepared, this.#chosen, this.#followed);
  }
}
