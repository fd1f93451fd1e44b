/**
 * Whether the ring that this node is in is the one it remembers. A relay that introduces a newcomer only to its own accomplices
 * builds a world of its own; nothing in that world tells, but those who were met before are not in it: their keys cannot be forged.
 * (Castro et al. 2002, section 4, assumes one correct bootstrap node; this is what says that there was perhaps none.)
 */

/** With fewer peers remembered nothing is said of their absence. */
export const ANCHORS_MIN = 3;
/** A ring this much smaller than usual at this time of the week is said to be so. */
export const SMALLER_FACTOR = 8;
/** Below this usual size a ring may be nearly empty by chance: a leaf set knows all of it. */
export const USUAL_SIZE_MIN = 16;
/** A remembered peer is there with at least this chance when as many nodes as usual are (see test/simulation/world-check.test.ts). */
export const PRESENT_CHANCE = 0.4;
/** The chance that the ordinary coming and going of tabs has it so, below which it is no longer taken for ordinary: 1 in 100. */
export const ORDINARY_CHANCE = 0.01;

/** What this node sees of its world. */
export interface WorldSeen {
  /** People of whom a remembered peer was met in the last days (RECENT_MS). */
  readonly anchors: number;
  /** How many of these were tried, without success, since this node came. */
  readonly missed: number;
  /** Linked nodes that are neither remembered nor relays. */
  readonly strangers: number;
  /** Nodes of the ring, as its density shows. */
  readonly size: number;
  /** What is usual at this time of the week; undefined when this node was never here then. */
  readonly usualSize: number | undefined;
  /** Relays that the ring descriptor names, and those of them that are linked. */
  readonly relaysListed: number;
  readonly relaysLinked: number;
  /** Two relays name different nodes near this one. */
  readonly relaysDiffer: boolean;
}

/**
 * `strangers`: nobody remembered is there, but others are; `smaller`: far fewer nodes than usual; `relays-differ`, `relays-away`:
 * all but one.
 */
export type WorldCode = 'strangers' | 'smaller' | 'relays-differ' | 'relays-away';

export interface WorldFinding {
  readonly code: WorldCode;
  /** `warning`: the ordinary coming and going of people does not explain it. */
  readonly kind: 'info' | 'warning';
}

/**
 * 1. Nobody of at least ANCHORS_MIN remembered people answers, though strangers are there: an information, as at night or on a
 *    holiday; a warning when the ring is so crowded for this time of the week that somebody should be there, or when it is
 *    smaller than usual as well (2).
 * 2. The ring is SMALLER_FACTOR times smaller than usual at this time of the week: alone an information.
 * 3. Two relays disagree on who is near: a warning.
 * 4. Of several relays only one is linked: an information.
 */
export function checkWorld(seen: WorldSeen): readonly WorldFinding[] {
  const findings: WorldFinding[] = [];
  const onlyStrangers = seen.anchors >= ANCHORS_MIN && seen.missed >= seen.anchors && seen.strangers > 0;
  const smaller = isSmaller(seen);
  if (onlyStrangers) {
    const extraordinary = smaller || chanceOfNobody(seen) < ORDINARY_CHANCE;
    findings.push({ code: 'strangers', kind: extraordinary ? 'warning' : 'info' });
  } else if (smaller) findings.push({ code: 'smaller', kind: 'info' });
  if (seen.relaysDiffer) findings.push({ code: 'relays-differ', kind: 'warning' });
  if (seen.relaysListed > 1 && seen.relaysLinked === 1) findings.push({ code: 'relays-away', kind: 'info' });
  return findings;
}

function isSmaller({ size, usualSize = 0 }: WorldSeen): boolean {
  return usualSize >= USUAL_SIZE_MIN && size * SMALLER_FACTOR <= usualSize;
}

/** That in an honest ring nobody remembered is there now; 1 at a time of the week that this node does not know. */
function chanceOfNobody({ anchors, size, usualSize }: WorldSeen): number {
  if (usualSize === undefined) return 1;
  return (1 - PRESENT_CHANCE * Math.min(1, size / usualSize)) ** anchors;
}
