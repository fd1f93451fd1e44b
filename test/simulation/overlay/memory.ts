/** What the simulated world weighs, after garbage collection. */
import type { World } from './world.ts';

/** Bytes on the heap and in buffers. Needs `node --expose-gc`; without it 0. */
export function bytesInUse(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return 0;
  // Finalizers of buffers run after the first round.
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes of the simulator's own arrays. */
export function simulatorArrayBytes({
  directory,
  population,
  queue,
  links,
  latency,
  transport,
}: World): number {
  return (
    directory.bytes + population.bytes + queue.bytes + links.bytes + latency.bytes + transport.under.bytes
  );
}
