/** Timers by name: starting one again replaces it. */

export class Timers<Name> {
  readonly #running = new Map<Name, ReturnType<typeof setTimeout>>();

  start(name: Name, delayMs: number, action: () => void): void {
    this.cancel(name);
    const timer = setTimeout(() => {
      this.#running.delete(name);
      action();
    }, delayMs);
    this.#running.set(name, timer);
  }

  cancel(name: Name): void {
    clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }
}
