/**
 * A block from another peer: our `fetch` (its bytes verified, as always) against Helia's bitswap, each between two nodes of this
 * process over loopback websockets. Rounds take turns, so that all meet the same machine; every block is fetched once.
 *
 * Estimate: ours is a hop (120 µs for 1 KB), two hashes, two reads of a disk in memory. Bitswap opens a stream for each message and
 * waits 10 ms for further wants before it asks; both figures are given, with that wait and without. 1 MB: 15 ms of Noise on each side.
 */
import { assert } from '../../../src/core/codec/assert.ts';
import { someBytes } from '../overlay/pick.ts';
import { BenchRing } from '../overlay/ring.ts';
import { median } from '../overlay/statistics.ts';
import { Traffic } from '../overlay/traffic.ts';
import { BitswapPair, type BitswapOptions } from './bitswap.ts';
import type { Row } from './row.ts';

const SIZES = [
  { name: '1 KB', bytes: 1_000, count: 200 },
  { name: '1 MB', bytes: 1_000_000, count: 40 },
] as const;
const WARM_UP = 10;

/** Puts a block at the other peer; the result fetches it. */
type Hold = (sizeBytes: number) => Promise<() => Promise<Uint8Array>>;

interface Side {
  readonly hold: Hold;
  stop(): Promise<void>;
}

export async function measureFetch(): Promise<Row[]> {
  const sides = {
    ours: await ownSide(),
    bitswap: await bitswapSide({}),
    hasty: await bitswapSide({ sendWantlistDebounce: 0 }),
  };
  const rows: Row[] = [];
  for (const { name, bytes, count } of SIZES) {
    const times: Record<keyof typeof sides, number[]> = { ours: [], bitswap: [], hasty: [] };
    for (let i = 0; i < WARM_UP + count; i++)
      for (const side of ['ours', 'bitswap', 'hasty'] as const) {
        const fetch = await sides[side].hold(bytes);
        const started = performance.now();
        const block = await fetch();
        if (i >= WARM_UP) times[side].push(performance.now() - started);
        assert(block.length === bytes, 'the block is whole');
      }
    const figure = `fetch of ${name} between two peers, p50 ms`;
    const ours = median(times.ours);
    rows.push(
      { figure, ours, peer: median(times.bitswap), peerName: 'bitswap' },
      { figure, ours, peer: median(times.hasty), peerName: 'bitswap that does not wait' },
    );
  }
  for (const side of Object.values(sides)) await side.stop();
  return rows;
}

async function ownSide(): Promise<Side> {
  const ring = await BenchRing.prepare(2, uncounted());
  await ring.grow(2);
  const [reader, holder] = ring.nodes;
  assert(reader !== undefined && holder !== undefined, 'two nodes run');
  return {
    hold: async (sizeBytes) => {
      const key = await holder.storage.keep(someBytes(sizeBytes));
      return () => reader.storage.fetch(key, { sizeBytes });
    },
    stop: () => ring.stop(),
  };
}

async function bitswapSide(options: BitswapOptions): Promise<Side> {
  const pair = await BitswapPair.start(uncounted(), options);
  return {
    hold: async (sizeBytes) => {
      const cid = await pair.hold(someBytes(sizeBytes));
      return () => pair.fetch(cid);
    },
    stop: () => pair.stop(),
  };
}

/** Messages are not looked at: that would take time. */
function uncounted(): Traffic {
  return new Traffic(/^$/);
}
