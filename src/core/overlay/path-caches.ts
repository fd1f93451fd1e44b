/** What this node knows of others' services: answers that came by, given to those who ask on a way through here. */
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import type { Key } from '../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../codec/limits.ts';
import type { OverlayMessage } from './messages.ts';
import type { PathCache } from './overlay.ts';
import { isForRoot } from './route-messages.ts';

export class PathCaches {
  readonly #counters: Counters;
  readonly #caches = new Map<string, PathCache>();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  add(service: string, cache: PathCache): void {
    this.#caches.set(service, cache);
  }

  /** A cache's failure is its own: then the message goes on to the root. */
  answer(message: OverlayMessage): Bytes | undefined {
    if (!isForRoot(message)) return undefined;
    const cache = this.#caches.get(message.service);
    const known = this.#tried(message.service, () => cache?.answer(message.target, message.body));
    return known !== undefined && known.length <= ROUTED_BYTES_MAX ? known : undefined;
  }

  passed(service: string, key: Key, body: Bytes): void {
    this.#tried(service, () => this.#caches.get(service)?.passed(key, body));
  }

  #tried<T>(service: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#counters.refused('overlay', { code: 'cache-failed', reason: `${service}: ${String(error)}` });
      return undefined;
    }
  }
}
