/** Starts the worker with the index and tells it of the mailbox. Loaded when the mailbox has been shown. */
import { openIdbKeyValueStore } from '../../adapters/idb/key-value-store.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { whileHolding } from '../../adapters/web-locks/locks.ts';
import type { Vault } from '../../core/identity/vault.ts';
import type { Client } from '../../core/node/client.ts';
import { SEARCH_DATABASE } from '../session/databases.ts';
import { SearchEngine } from './engine.ts';
import { factsOf } from './facts.ts';
import { Feeder } from './feeder.ts';
import { markedParts } from './marked-parts.ts';
import { parseQuery, wantedWords } from './query.ts';
import { searchKey } from './search-key.ts';
import type { SearchEvents, SearchSession } from './search.svelte.ts';

/** Two tabs that begin at once share one key. */
const KEY_LOCK = 'epost-search-key';

/** Rejects with VaultError or StoreError. */
export async function openSearch(client: Client, vault: Vault, events: SearchEvents): Promise<SearchSession> {
  const worker = new Worker(new URL('./search-worker.ts', import.meta.url), { type: 'module' });
  const engine = new SearchEngine(worker, await keptKey(vault), events.notKept);
  worker.addEventListener('error', ({ message }) => engine.fail(message));
  const feeder = new Feeder(client, engine, systemClock, events.progressed);
  feeder.start();
  return {
    parse: parseQuery,
    wantedWords,
    factsOf,
    markedParts,
    async find(terms) {
      const numbers = await engine.find(terms);
      return Array.from(numbers).flatMap((number) => feeder.idOf(number) ?? []);
    },
  };
}

async function keptKey(vault: Vault): Promise<CryptoKey> {
  const store = await openIdbKeyValueStore(SEARCH_DATABASE);
  let key: CryptoKey | undefined;
  try {
    await whileHolding(navigator.locks, KEY_LOCK, async () => {
      key = await searchKey(store, vault, systemRandom);
    });
  } finally {
    await store.close();
  }
  return key!;
}
