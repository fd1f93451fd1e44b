/**
 * `npm run bench -- store [--parts level,fetch,…]`: storage against its peers, in one run. Prints a table with ratios and goals and,
 * as its last line, one JSON object. Estimates stand in the files of store/.
 *
 * level: the relay's disk against bare LevelDB and SHA-256; idb: a tab's disk, in real Chromium, against bare IndexedDB; fetch: a block
 * from another peer, against Helia's bitswap; logs: mailbox logs of 1,000 and 100,000 entries, written and read, the longer one in
 * real Chromium too; deduplication: one attachment in many mails; reconcile: two replicas that differ a little.
 */
import { parseArgs } from 'node:util';
import '../../src/adapters/libp2p/polyfill.ts';
import { nodeSha256 } from '../../src/adapters/system/node-sha256.ts';
import { usePlatformSha256 } from '../../src/core/crypto/hash.ts';
import { measureDeduplication } from './store/deduplication.ts';
import { measureFetch } from './store/fetch.ts';
import { measureIdb } from './store/idb.ts';
import { measureLevel } from './store/level.ts';
import { measureLogs } from './store/logs.ts';
import { measureReconciliation } from './store/reconcile.ts';
import { report } from './store/report.ts';
import type { Row } from './store/row.ts';

const parts: Readonly<Record<string, () => Row[] | Promise<Row[]>>> = {
  level: measureLevel,
  idb: measureIdb,
  fetch: measureFetch,
  logs: measureLogs,
  deduplication: measureDeduplication,
  reconcile: measureReconciliation,
};

// As the relay does.
usePlatformSha256(nodeSha256);
const { values } = parseArgs({ options: { parts: { type: 'string', default: Object.keys(parts).join() } } });
const rows: Row[] = [];
for (const name of values.parts.split(',')) {
  const measure = parts[name];
  if (measure === undefined)
    throw new TypeError(`no part ${name}: there are ${Object.keys(parts).join(', ')}`);
  const started = performance.now();
  rows.push(...(await measure()));
  console.log(`${name}: ${Math.round((performance.now() - started) / 1000)} s`);
}
report(rows);
