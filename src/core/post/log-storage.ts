/** What logs need of storage: blocks for clusters, index blocks and snapshots; one record for the head. */
import type { Storage } from '../storage/storage.ts';

export type LogStorage = Pick<Storage, 'keep' | 'insert' | 'fetch' | 'putRecord' | 'getRecord'>;
