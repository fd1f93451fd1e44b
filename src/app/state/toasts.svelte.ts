/** Short words at the edge of the screen. Those of success go by themselves, errors stay until read. */
import { SvelteMap } from 'svelte/reactivity';
import { Timers } from './timers.ts';

/** Long enough to read it and to reach Undo. */
const SHOWN_MS = 7_000;
/** More would hide the page; the oldest goes first. */
const TOASTS_MAX = 4;

export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'offer' | 'error';
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | undefined;
  /** Called when it goes without its action having been taken. */
  readonly gone: (() => void) | undefined;
  /** How long it is shown, when its time is shown too. */
  readonly countdownMs: number | undefined;
}

export interface ToastOptions {
  readonly action?: Toast['action'];
  readonly gone?: Toast['gone'];
  readonly countdownMs?: Toast['countdownMs'];
}

export class Toasts {
  #list = $state.raw<readonly Toast[]>([]);
  readonly #timers = new Timers<number>();
  readonly #endsAt = new SvelteMap<number, number>();
  #nextId = 0;

  get list(): readonly Toast[] {
    return this.#list;
  }

  done(text: string, options: ToastOptions = {}): void {
    this.#startTimer(this.#add('done', text, options));
  }

  /** Stays until it is answered or dismissed. */
  offer(text: string, action: NonNullable<Toast['action']>): void {
    this.#add('offer', text, { action });
  }

  error(text: string): void {
    if (this.#list.some((toast) => toast.kind === 'error' && toast.text === text)) return;
    this.#add('error', text, {});
  }

  act(toast: Toast): void {
    this.#remove(toast.id);
    toast.action?.run();
  }

  dismiss(id: number): void {
    this.#remove(id)?.gone?.();
  }

  /** While somebody reads or aims at it, it stays. */
  hold(id: number): void {
    this.#timers.cancel(id);
    this.#endsAt.delete(id);
  }

  release(toast: Toast): void {
    if (toast.kind === 'done') this.#startTimer(toast);
  }

  /** The page goes away: what waited for an undo happens now. */
  flush(): void {
    for (const toast of this.#list) this.dismiss(toast.id);
  }

  #add(kind: Toast['kind'], text: string, { action, gone, countdownMs }: ToastOptions): Toast {
    const toast: Toast = { id: this.#nextId++, kind, text, action, gone, countdownMs };
    this.#list = [...this.#list, toast];
    if (this.#list.length > TOASTS_MAX) this.dismiss(this.#list[0]!.id);
    return toast;
  }

  /** When it goes, unless it is held: milliseconds since 1970. */
  endsAt(id: number): number | undefined {
    return this.#endsAt.get(id);
  }

  #startTimer({ id, countdownMs = SHOWN_MS }: Toast): void {
    this.#endsAt.set(id, Date.now() + countdownMs);
    this.#timers.start(id, countdownMs, () => this.dismiss(id));
  }

  #remove(id: number): Toast | undefined {
    this.#timers.cancel(id);
    this.#endsAt.delete(id);
    const toast = this.#list.find((one) => one.id === id);
    if (toast) this.#list = this.#list.filter((one) => one.id !== id);
    return toast;
  }
}
