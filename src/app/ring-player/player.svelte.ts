/** Plays one trace: where in time it is, how fast it goes, which node and which look-up one looks at. */
import { sendsBefore } from './figures.ts';
import { kindsOf, longestDelay } from './flying.ts';
import { followedUntil, lookupAfter, pace } from './following.ts';
import type { Kind } from './kinds.ts';
import { Circle } from './layout.ts';
import { momentsOf } from './moments.ts';
import { inIdOrder } from './neighbours.ts';
import { RingState } from './ring-state.ts';
import type { Trace, TracedLookup } from './trace.ts';
import { viewOf, type Prepared, type View } from './view.ts';
import { namesOf } from './words.ts';

/** Milliseconds of the trace in one of ours. */
export const speeds = [0.05, 0.2, 1, 5, 20, 60] as const;
export const SPEED_AT_FIRST = 1;
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
    const lookup = this.#followedLookup;
    return lookup ? Math.min(this.speed, pace(this.trace, lookup, this.#nowMs).speed) : this.speed;
  }

  /** The ring now; the object changes with time. */
  ring(): RingState {
    if (this.#state.nowMs > this.#nowMs) this.#state = new RingState(this.trace);
    if (this.#state.nowMs < this.#nowMs) this.#state.advance(this.#nowMs);
    return this.#state;
  }

  play(): void {
    const lookup = this.#followedLookup;
    if (lookup && this.#nowMs >= followedUntil(this.trace, lookup)) this.#followed = undefined;
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

  /** Follows the next look-up in slow motion; nothing happens when there is none. */
  followNext(): void {
    const next = this.#followed === undefined ? lookupAfter(this.trace, this.#nowMs) : this.#followed + 1;
    if (next !== undefined && next < this.trace.lookups.length) this.#follow(next);
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
    const lookup = this.#followedLookup;
    const untilMs = lookup ? pace(this.trace, lookup, this.#nowMs).untilMs : this.trace.endMs;
    this.#nowMs = Math.min(this.#nowMs + passedMs * this.rate, untilMs);
    this.#viewAgeMs += elapsedMs;
    if (this.#nowMs >= (lookup ? followedUntil(this.trace, lookup) : this.trace.endMs)) this.pause();
    else if (this.stepped || this.#viewAgeMs >= VIEW_MS) this.#look();
  }

  #follow(place: number): void {
    const lookup = this.trace.lookups[place]!;
    this.#followed = place;
    this.#moveTo(this.stepped ? followedUntil(this.trace, lookup) : lookup.askedMs);
    this.#playing = !this.stepped;
  }

  get #followedLookup(): TracedLookup | undefined {
    return this.#followed === undefined ? undefined : this.trace.lookups[this.#followed];
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
