/** How often the check of the world cries wolf while people come and go, and how often it sees a wolf: the figures of its rule. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { compareDistance, idText } from '../../src/core/codec/id.ts';
import { nameOf, RememberedPeers } from '../../src/core/node/remembered-peers.ts';
import { UsualSizes } from '../../src/core/node/usual-sizes.ts';
import { checkWorld, type WorldFinding, type WorldSeen } from '../../src/core/node/world-check.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';
import { DAY_MS, HOUR_MS, MONDAY, office, present, type OfficeWorker } from './office.ts';

const DAYS = 14;
/** What was learned in the first days is not judged. */
const LEARNING_MS = 2 * DAY_MS;
const OBSERVERS = 12;

interface Figures {
  starts: number;
  /** Honest starts at which something was said of strangers: as information, as warning. */
  falseInfos: number;
  falseWarnings: number;
  /** Honest starts at which only the size was remarked on. */
  smaller: number;
  /** Starts in a false world at which it was said, and those where it was a warning. */
  seen: number;
  warned: number;
  lies: number;
}

/** `liars`: accomplices of the relay that build the false world; at most as many as are there honestly. */
function measure(people: number, liars: number): Figures {
  const workers = office(`calibration/${people}`, people, DAYS);
  const figures: Figures = {
    ...{ starts: 0, falseInfos: 0, falseWarnings: 0, smaller: 0 },
    ...{ seen: 0, warned: 0, lies: 0 },
  };
  for (const observer of workers.slice(0, OBSERVERS)) observe(observer, workers, liars, figures);
  return figures;
}

function observe(me: OfficeWorker, workers: readonly OfficeWorker[], liars: number, figures: Figures): void {
  const peers = new RememberedPeers([], MONDAY);
  const sizes = new UsualSizes([]);
  const random = new SeededRandom(`observer ${nameOfContact(me.contact)}`);
  for (const { from, to } of me.sessions) {
    for (let at = from; at < to; at += HOUR_MS / 2) {
      const others = present(workers, at).flatMap(({ contact }) => (contact === me.contact ? [] : [contact]));
      const linked = linkedOf(me.contact, others, random);
      const size = others.length + 2;
      if (at === from && from >= MONDAY + LEARNING_MS) {
        const names = new Set(peers.recent(at).map(nameOf));
        const missed = others.some((other) => names.has(nameOfContact(other))) ? 0 : names.size;
        const strangers = linked.filter((other) => !names.has(nameOfContact(other))).length;
        const seen = { ...nothing, anchors: names.size, missed, strangers, size, usualSize: sizes.at(at) };
        count(figures, checkWorld(seen));
        const many = Math.min(liars, Math.max(1, others.length));
        const lie = { ...seen, missed: names.size, strangers: many, size: many + 2 };
        countLie(figures, lie);
      }
      for (const other of linked) peers.meet(other, at);
      sizes.count(size, at);
    }
  }
}

const nothing = { relaysListed: 1, relaysLinked: 1, relaysDiffer: false };

/** A leaf set, and in a large ring some of the routing table. */
function linkedOf(me: Contact, others: readonly Contact[], random: SeededRandom): readonly Contact[] {
  const near = [...others].sort((a, b) => compareDistance(me.nodeId, a.nodeId, b.nodeId));
  const far = near.slice(16);
  const table = far.length === 0 ? [] : Array.from({ length: 24 }, () => far[random.below(far.length)]!);
  return [...new Map([...near.slice(0, 16), ...table].map((one) => [idText(one.nodeId), one])).values()];
}

function count(figures: Figures, findings: readonly WorldFinding[]): void {
  figures.starts++;
  const strangers = findings.find(({ code }) => code === 'strangers');
  if (strangers?.kind === 'info') figures.falseInfos++;
  if (strangers?.kind === 'warning') figures.falseWarnings++;
  if (findings.some(({ code }) => code === 'smaller')) figures.smaller++;
}

/** Who remembers too few cannot tell. */
function countLie(figures: Figures, lie: WorldSeen): void {
  if (lie.anchors < 3) return;
  figures.lies++;
  const strangers = checkWorld(lie).find(({ code }) => code === 'strangers');
  if (strangers !== undefined) figures.seen++;
  if (strangers?.kind === 'warning') figures.warned++;
}

function nameOfContact({ certificate }: Contact): string {
  return certificate.body.name;
}

describe.each([12, 60, 300])('an office of %i, tabs open for a median of 8 minutes', (people) => {
  const figures = measure(people, 8);

  test('is called a false world at less than 1 start in 100, with a warning at less than 3 in 1,000', () => {
    expect(figures.starts).toBeGreaterThan(900);
    expect(figures.falseInfos + figures.falseWarnings).toBeLessThan(figures.starts / 100);
    expect(figures.falseWarnings).toBeLessThan((figures.starts * 3) / 1_000);
    expect(figures.smaller).toBeLessThan(figures.starts / 100);
  });

  test('replaced by eight liars is always called one, mostly with a warning', () => {
    expect(figures.lies).toBeGreaterThan(900);
    expect(figures.seen).toBe(figures.lies);
    expect(figures.warned).toBeGreaterThan(figures.lies / 2);
  });
});
