/** People of an organization who open and close tabs: who is there when, for weeks, from one seed. */
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import type { NodeId } from '../../src/core/codec/id.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
export const MONDAY = Date.UTC(2026, 0, 5);

/** Half of the sessions are shorter; the same for the pauses between them. */
const SESSION_MEDIAN_MS = 8 * MINUTE_MS;
const PAUSE_MEDIAN_MS = 12 * MINUTE_MS;
const BEGINS_AT_MS = { day: 8.5 * HOUR_MS, late: 14 * HOUR_MS, night: 22 * HOUR_MS };

export interface Session {
  readonly from: number;
  readonly to: number;
}

export interface OfficeWorker {
  readonly contact: Contact;
  readonly works: 'day' | 'late' | 'night';
  /** In order, not overlapping. */
  readonly sessions: readonly Session[];
}

/** `people` workers over `days` days from MONDAY on: 85% work by day, 10% late, 5% at night, on working days, with short sessions. */
export function office(seed: string, people: number, days: number): readonly OfficeWorker[] {
  return Array.from({ length: people }, (_, i) => {
    const random = new SeededRandom(`${seed}/${i}`);
    const works = i % 20 === 0 ? 'night' : i % 10 === 5 ? 'late' : 'day';
    return { contact: contactOf(`${seed}/${i}`), works, sessions: [...sessionsOf(random, works, days)] };
  });
}

/** Who has a tab open. */
export function present(workers: readonly OfficeWorker[], at: number): readonly OfficeWorker[] {
  return workers.filter(({ sessions }) => {
    let [low, high] = [0, sessions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sessions[middle]!.to <= at) low = middle + 1;
      else high = middle;
    }
    return low < sessions.length && sessions[low]!.from <= at;
  });
}

/** A node that needs no signature: nothing here checks one. */
export function contactOf(name: string): Contact {
  const nodeId = new SeededRandom(`node ${name}`).bytes(32) as NodeId;
  const body = {
    v: 1 as const,
    ring: nodeId,
    nodeId,
    peerKey: nodeId,
    name,
    role: 'tab' as const,
    quotaBytes: 0,
    notBefore: 0,
    notAfter: Date.UTC(2100, 0, 1),
  };
  const certificate = { body, signature: new Uint8Array(0) };
  return { nodeId, peerKey: nodeId, role: 'tab', certificate, addresses: [] };
}

interface Spell {
  readonly from: number;
  readonly to: number;
  /** The tab stays open all the time. */
  readonly whole: boolean;
}

function* sessionsOf(random: SeededRandom, works: OfficeWorker['works'], days: number): Generator<Session> {
  let free = 0;
  for (let day = 0; day < days; day++)
    for (const spell of spellsOf(random, works, day)) {
      let at = Math.max(free, spell.from + (spell.whole ? 0 : spread(random, PAUSE_MEDIAN_MS)));
      do {
        const lasts = spell.whole ? spell.to - at : spread(random, SESSION_MEDIAN_MS);
        free = at + Math.max(MINUTE_MS, lasts);
        yield { from: at, to: free };
        at = free + spread(random, PAUSE_MEDIAN_MS);
      } while (at < spell.to);
    }
}

/** The hours at work; and in the evening, or at the weekend, some look at their mail once. */
function spellsOf(random: SeededRandom, works: OfficeWorker['works'], day: number): readonly Spell[] {
  const midnight = MONDAY + day * DAY_MS;
  const isAtWork = day % 7 < 5 && random.number() < 0.85;
  const from = midnight + BEGINS_AT_MS[works] + around(random, HOUR_MS);
  const to = from + 8.5 * HOUR_MS + around(random, HOUR_MS);
  const spells: Spell[] = isAtWork ? [{ from, to, whole: random.number() < 0.3 }] : [];
  const once = midnight + (9 + 14 * random.number()) * HOUR_MS;
  if (random.number() < (isAtWork ? 0.25 : 0.2)) spells.push({ from: once, to: once, whole: false });
  return spells.sort((a, b) => a.from - b.from);
}

/** Half of them are shorter than the median (exponential). */
function spread(random: SeededRandom, median: number): number {
  return (-Math.log(1 - random.number()) / Math.LN2) * median;
}

/** −width to width. */
function around(random: SeededRandom, width: number): number {
  return (2 * random.number() - 1) * width;
}
