/**
 * The links behind a head as a number in base 64 whose digits are lists: sealed clusters are added at the lowest level, and
 * when a level has 64 links they become one index block, a link of the next level. The head stays small, every cluster is at
 * most LOG_LEVELS_MAX blocks away, and nothing that was written changes.
 */
import { assert } from '../codec/assert.ts';
import { LOG_FANOUT, LOG_LEVELS_MAX, type LogHead, type LogLevels, type LogLink } from './log-head.ts';

/** A link and what it covers: entries first ≤ n < end. `level` 0 is a cluster, above it is an index block. */
export interface Piece extends LogLink {
  readonly level: number;
  readonly first: number;
}

/** Whether there is room for one more cluster. */
export function hasRoom(levels: LogLevels): boolean {
  return levels.length < LOG_LEVELS_MAX || levels.some((links) => links.length < LOG_FANOUT - 1);
}

/**
 * Levels after one more cluster. `seal` stores 64 links of a level as an index block and gives its key; it is called for each
 * level that became full, lowest first.
 */
export async function withCluster(
  levels: LogLevels,
  cluster: LogLink,
  seal: (level: number, links: readonly LogLink[]) => Promise<LogLink['key']>,
): Promise<LogLevels> {
  const grown = levels.map((links) => [...links]);
  let added = cluster;
  for (let level = 0; ; level++) {
    assert(level < LOG_LEVELS_MAX, 'a log has room for the cluster that it is given');
    const links = (grown[level] ??= []);
    links.push(added);
    if (links.length < LOG_FANOUT) return grown;
    added = { key: await seal(level, links), end: added.end };
    grown[level] = [];
  }
}

/** What a head links to, oldest first, without gaps; undefined when its links do not run from 0 to its own first entry. */
export function piecesOf({ levels, first }: Pick<LogHead, 'levels' | 'first'>): Piece[] | undefined {
  const pieces: Piece[] = [];
  for (let level = levels.length - 1; level >= 0; level--) {
    const more = piecesIn(levels[level]!, level, pieces.at(-1)?.end ?? 0);
    if (more === undefined) return undefined;
    pieces.push(...more);
  }
  return (pieces.at(-1)?.end ?? 0) === first ? pieces : undefined;
}

/** Links as pieces, the first of which begins at `first`; undefined unless each ends after the one before. */
export function piecesIn(links: readonly LogLink[], level: number, first: number): Piece[] | undefined {
  const pieces: Piece[] = [];
  let start = first;
  for (const { key, end } of links) {
    if (end <= start) return undefined;
    pieces.push({ key, level, first: start, end });
    start = end;
  }
  return pieces;
}

/** How many clusters lie behind entry `n`, as far as the links tell without opening one. */
export function clustersAfter(levels: LogLevels, n: number): number {
  let count = 0;
  levels.forEach((links, level) => {
    count += links.filter(({ end }) => end > n).length * LOG_FANOUT ** level;
  });
  return count;
}
