/** The process as a whole: what its heap holds, and the state of rest that measurements start from. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Traffic } from './traffic.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes on the heap after collection, buffers outside of it included. */
export async function heapBytes(): Promise<number> {
  // What ended may be held by a turn of the event loop that is still to come.
  for (let i = 0; i < 3; i++) {
    await pause(50);
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const REST_MS = 2_000;
const REST_MS_MAX = 60_000;

/** Resolves when nobody has dialled for two seconds: the network has the connections that it wants. */
export async function rest(traffic: Traffic): Promise<void> {
  const deadline = Date.now() + REST_MS_MAX;
  for (;;) {
    const { connections } = await traffic.during(() => pause(REST_MS));
    if (connections === 0) return;
    assert(Date.now() < deadline, 'the network comes to rest');
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
