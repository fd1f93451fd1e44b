/**
 * A tab's disk: blocks put and got through the product's BlockStore on IndexedDB in real Chromium, against IndexedDB alone with the same
 * durability and as many under way, and against SHA-256. Rounds take turns, each on an empty database.
 *
 * Estimate: a transaction costs 1 ms and IndexedDB copies each value twice between processes: 256 KiB at 100 MB/s. Ours adds an index
 * entry and a hash.
 */
import { median } from '../overlay/statistics.ts';
import { withPage } from './chromium.ts';
import type { IdbBenchPage, IdbSpeeds } from './idb-page.ts';
import type { Row } from './row.ts';

declare const idbBenchPage: IdbBenchPage;

const SIZES = [
  { name: '4 KiB', bytes: 4 * 1024, count: 1024, underWay: 128 },
  { name: '256 KiB', bytes: 256 * 1024, count: 96, underWay: 16 },
] as const;
const ROUNDS = 5;

export function measureIdb(): Promise<Row[]> {
  return withPage('test/bench/store/idb-page.ts', {}, async (page) => {
    const rows: Row[] = [];
    for (const { name, ...size } of SIZES) {
      const rounds: IdbSpeeds[] = [];
      // The first round warms up.
      for (let i = 0; i <= ROUNDS; i++) {
        const round = await page.evaluate((args) => idbBenchPage.round(args.name, args), {
          ...size,
          name: `${name} ${i}`,
        });
        if (i > 0) rounds.push(round);
      }
      const of = (key: keyof IdbSpeeds): number => median(rounds.map((round) => round[key]));
      const bare = Math.min(of('bareGot'), of('hashed'));
      rows.push(
        { figure: `tab puts of ${name}, MB/s`, ours: of('put'), peer: of('barePut'), peerName: 'IndexedDB' },
        { figure: `tab verified gets of ${name}, MB/s`, ours: of('got'), peer: bare, peerName: 'IndexedDB' },
      );
    }
    return rows;
  });
}
