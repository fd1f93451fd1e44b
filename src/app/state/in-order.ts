/** Work that belongs to one name is done in its order: an older write never wins over a newer one. */

export class InOrder<Name> {
  readonly #last = new Map<Name, Promise<void>>();

  /** Runs `work` after everything that was given for this name before; `failed` is told when it rejects. */
  run(name: Name, work: () => Promise<void>, failed: (error: unknown) => void): void {
    const before = this.#last.get(name) ?? Promise.resolve();
    const after = before.then(work).catch(failed);
    this.#last.set(name, after);
    void after.then(() => {
      if (this.#last.get(name) === after) this.#last.delete(name);
    });
  }
}
