/** The worker of a tab in which the mailbox is indexed and searched. */
import { openIdbKeyValueStore } from '../../adapters/idb/key-value-store.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { whileHolding } from '../../adapters/web-locks/locks.ts';
import { SEARCH_DATABASE } from '../session/databases.ts';
import { IndexHost } from './index-host.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** Held by the worker that writes, until it ends. */
const WRITER_LOCK = 'epost-search-writer';

const writing = new Promise<void>((resolve, reject) => {
  const turn = (): Promise<never> => {
    resolve();
    return new Promise(() => undefined);
  };
  whileHolding(navigator.locks, WRITER_LOCK, turn).catch(reject);
});

const host = new IndexHost({
  openStore: () => openIdbKeyValueStore(SEARCH_DATABASE),
  clock: systemClock,
  random: systemRandom,
  post: (message: FromWorker) => self.postMessage(message),
  writing,
});

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => host.handle(data));
