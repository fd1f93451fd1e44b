/** A Rendezvous within one process, for tests: the relay's own table, without HTTP in between. */
import type { Bytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import type { Result } from '../../core/codec/result.ts';
import { PLACE_MS, type Rendezvous, type Slot } from '../../core/identity/rendezvous.ts';
import { RendezvousTable } from '../../core/identity/rendezvous-table.ts';

export class MemoryRendezvous implements Rendezvous {
  readonly #table: RendezvousTable;
  readonly #clock: Clock;

  constructor(clock: Clock, table = new RendezvousTable()) {
    this.#clock = clock;
    this.#table = table;
  }

  post(place: string, slot: Slot, bytes: Bytes): Promise<Result<true>> {
    return Promise.resolve(this.#table.post(place, slot, bytes, 'here', this.#clock.now()));
  }

  async wait(place: string, slot: Slot): Promise<Result<Bytes>> {
    for (;;) {
      const found = this.#table.read(place, slot, this.#clock.now());
      if (!found.ok) return found;
      if (found.value !== undefined) return { ok: true, value: found.value };
      const refused = await this.#posted(place, slot);
      if (refused) return refused;
    }
  }

  /** Resolves when something happened there, or with why it cannot be waited for. */
  #posted(place: string, slot: Slot): Promise<(Result<never> & { readonly ok: false }) | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(PLACE_MS, () => resolve(undefined));
      const watching = this.#table.watch(place, slot, () => {
        cancel();
        resolve(undefined);
      });
      if (watching.ok) return;
      cancel();
      resolve(watching);
    });
  }
}
