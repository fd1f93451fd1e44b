/** The machine of secure look-ups, rule by rule (Castro et al., OSDI 2002, §5). */
import { describe, expect, test } from 'vitest';
import { idText, placeOf, type Id } from '../../../../src/core/codec/id.ts';
import { shifted } from '../../../../src/core/overlay/secure/density.ts';
import type { Question } from '../../../../src/core/overlay/secure/lane.ts';
import type { Statement } from '../../../../src/core/overlay/secure/neighbourhood.ts';
import {
  SecureLookup,
  type SecureLookupEffect,
  type SecureLookupEvent,
  type SecureLookupOutcome,
} from '../../../../src/core/overlay/secure/secure-lookup.ts';

const SIZE = 1_000;
const TIMEOUT_MS = 30_000;
const key = shifted(new Uint8Array(32) as Id, 0.5);
/** Nodes in order, evenly spread: the i-th is i steps above the key. */
const node = (i: number): Id => shifted(key, (i + 0.25) / SIZE);
const firstHops = Array.from({ length: 40 }, (_, i) => shifted(key, -0.25 + i / SIZE));

/** What those say who are asked; undefined: nothing. */
type Ring = (question: Question) => readonly Statement[] | undefined;

/** The steps from the key of the node closest to where a journey ends. */
function endOf({ journey: { points, through } }: Question): number {
  const place = placeOf(through.at(-1) ?? points.at(-1)!);
  return Math.round(((place - placeOf(key)) / 2 ** 52) * SIZE - 0.25);
}

function statement(i: number, hidden: ReadonlySet<number>): Statement {
  const leaves = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((step) => [i - step, i + step]);
  return { nodeId: node(i), nearest: leaves.filter((leaf) => !hidden.has(leaf)).map(node) };
}

/** All nodes are honest, but that `silent` ones say nothing, and those `hidden` are not even named. */
function honest(silent: readonly number[] = [], hidden: readonly number[] = []): Ring {
  const [mute, unnamed] = [new Set([...silent, ...hidden]), new Set(hidden)];
  return (question) => {
    const root = endOf(question);
    const own = statement(mute.has(root) ? root + 10 : root, unnamed);
    const { wanted } = question;
    const names = wanted === 'neighbours' ? undefined : new Set(wanted.map(idText));
    const leaves = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((step) => [root - step, root + step]);
    const others = leaves.filter((i) => !mute.has(i) && (names?.has(idText(node(i))) ?? true));
    return [own, ...others.map((i) => statement(i, unnamed))];
  };
}

/** The coalition of every fourth node names itself only (§5.2). */
const coalition: Ring = () =>
  Array.from({ length: 16 }, (_, i) => {
    const members = Array.from({ length: 16 }, (__, j) => node(4 * (j - 8)));
    return { nodeId: members[i]!, nearest: members.filter((_member, j) => j !== i) };
  });

class Run {
  readonly machine = new SecureLookup({ key, firstHops, spacing: 1 / SIZE, timeoutMs: TIMEOUT_MS });
  readonly asked: Question[] = [];
  outcome: SecureLookupOutcome | undefined;
  timerAt = Infinity;
  readonly #open: { readonly route: number; readonly question: Question }[] = [];

  step(event: SecureLookupEvent, now: number): void {
    for (const effect of this.machine.step(event, now)) this.#perform(effect);
  }

  #perform(effect: SecureLookupEffect): void {
    if (effect.type === 'complete') this.outcome = effect.outcome;
    else if (effect.type === 'set-timer') this.timerAt = effect.at;
    else {
      this.asked.push(effect.question);
      this.#open.push(effect);
    }
  }

  /** Until the end, with all questions answered so. */
  through(ring: Ring): SecureLookupOutcome {
    this.step({ type: 'begin' }, 0);
    for (let next = this.#open.shift(); next; next = this.#open.shift()) {
      const { route, question } = next;
      const statements = ring(question);
      this.step(statements ? { type: 'answer', route, statements } : { type: 'failure', route }, 100);
    }
    return this.outcome!;
  }
}

const nearestOf = (outcome: SecureLookupOutcome): readonly string[] =>
  outcome.ok ? outcome.nearest.map(({ nodeId }) => idText(nodeId)) : [];
const names = (...steps: readonly number[]): readonly string[] => steps.map((i) => idText(node(i)));

describe('a secure look-up', () => {
  test('begins with one ordinary route (§5: routing failure test first)', () => {
    const run = new Run();
    run.step({ type: 'begin' }, 0);
    expect(run.asked).toEqual([
      { journey: { via: undefined, constrained: false, points: [key], through: [] }, wanted: 'neighbours' },
    ]);
  });

  test('does not wait longer than a second for it before the audits go out', () => {
    const run = new Run();
    run.step({ type: 'begin' }, 0);
    run.step({ type: 'timer' }, 999);
    expect(run.asked).toHaveLength(1);
    expect(run.timerAt).toBe(1_000);
    run.step({ type: 'timer' }, 1_000);
    expect(run.asked).toHaveLength(1 + 12);
  });

  test('in an honest ring ends after the audits, with all who are closest', () => {
    const run = new Run();
    const outcome = run.through(honest());
    expect(outcome).toMatchObject({ ok: true, round: 'audits', contested: false });
    expect(nearestOf(outcome).slice(0, 4)).toEqual(names(0, -1, 1, -2));
    expect(run.asked).toHaveLength(1 + 12);
  });

  test('never believes the first answer: liars on it are found out by the audits (§5.2)', () => {
    const run = new Run();
    const outcome = run.through((question) =>
      question.journey.constrained ? honest()(question) : coalition(question),
    );
    expect(outcome).toMatchObject({ ok: true, contested: true });
    expect(nearestOf(outcome).slice(0, 4)).toEqual(names(0, -1, 1, -2));
  });

  test('goes redundant routes where the density test fails (§5.3)', () => {
    const lies = (lanes: number): Ring => {
      let lane = 0;
      return (question) => (lane++ < lanes ? coalition(question) : honest()(question));
    };
    const outcome = new Run().through(lies(13));
    expect(outcome).toMatchObject({ ok: true, round: 'redundant' });
    expect(nearestOf(outcome).slice(0, 3)).toEqual(names(0, -1, 1));
  });

  test('finds whom most answers leave out, if one names it (§5.3)', () => {
    let count = 0;
    const outcome = new Run().through((question) => honest([], count++ % 4 === 1 ? [] : [0])(question));
    expect(nearestOf(outcome)).toContain(idText(node(0)));
  });

  test('takes a node for dead that is named by all and heard of by none', () => {
    const outcome = new Run().through(honest([0]));
    expect(outcome).toMatchObject({ ok: true, contested: true });
    expect(nearestOf(outcome).slice(0, 3)).toEqual(names(-1, 1, -2));
  });

  test('is sparse, not found, where nobody but liars answers beyond a sixth of the density (§5.2)', () => {
    const few: Ring = () =>
      Array.from({ length: 12 }, (_, i) => ({
        nodeId: node(8 * (i - 6)),
        nearest: Array.from({ length: 12 }, (__, j) => node(8 * (j - 6))).filter((_id, j) => j !== i),
      }));
    expect(new Run().through(few)).toEqual({ ok: false, reason: 'sparse' });
  });

  test('is silent where nobody answers', () => {
    expect(new Run().through(() => undefined)).toEqual({ ok: false, reason: 'silent' });
  });

  test('is late when its time is over, and says nothing more', () => {
    const run = new Run();
    run.step({ type: 'begin' }, 0);
    run.step({ type: 'timer' }, 1_000);
    run.step({ type: 'timer' }, TIMEOUT_MS);
    expect(run.outcome).toEqual({ ok: false, reason: 'late' });
    expect(run.machine.step({ type: 'timer' }, TIMEOUT_MS + 1)).toEqual([]);
  });

  test('an answer counts once', () => {
    const run = new Run();
    run.step({ type: 'begin' }, 0);
    const statements = honest()(run.asked[0]!)!;
    run.step({ type: 'answer', route: 1, statements }, 10);
    const asked = run.asked.length;
    run.step({ type: 'answer', route: 1, statements }, 20);
    run.step({ type: 'failure', route: 99 }, 20);
    expect(run.asked).toHaveLength(asked);
  });
});
