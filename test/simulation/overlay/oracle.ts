/** Builds big rings without joins. */
import type { Ring } from './ring.ts';
import type { World } from './world.ts';

export function buildByOracle(_world: World, _ring: Ring, _log: (line: string) => void): void {
  throw new Error('not yet');
}
