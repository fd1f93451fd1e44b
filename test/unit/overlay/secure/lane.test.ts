/** One lane of a secure look-up: nodes that are named are asked themselves (Castro et al., OSDI 2002, §5.3). */
import { describe, expect, test } from 'vitest';
import { idText, type Id } from '../../../../src/core/codec/id.ts';
import { shifted } from '../../../../src/core/overlay/secure/density.ts';
import { firstLane } from '../../../../src/core/overlay/secure/journeys.ts';
import { Lane, PURSUITS_A_LANE, type Question } from '../../../../src/core/overlay/secure/lane.ts';
import { Neighbourhood } from '../../../../src/core/overlay/secure/neighbourhood.ts';

const key = new Uint8Array(32).fill(128) as Id;
const node = (steps: number): Id => shifted(key, steps / 1_000);
const journey = firstLane({ key, firstHops: [], spacing: 1 / 1_000 });
const first: Question = { journey, wanted: 'neighbours' };
const says = (steps: number, ...named: readonly number[]) => ({
  nodeId: node(steps),
  nearest: named.map(node),
});

function heard(question: Question, ...said: readonly ReturnType<typeof says>[]) {
  const [lane, found] = [new Lane(), new Neighbourhood(key)];
  lane.hear(said, question, found);
  return { lane, found };
}

describe('a lane', () => {
  test('asks for those who were named and have not spoken by way of whoever named them', () => {
    const { lane, found } = heard({ journey, wanted: [] }, says(2, 1, 3));
    expect(lane.pursue(found, false)).toEqual({ journey, wanted: [node(1), node(3)] });
    expect(lane.isBusy).toBe(true);
    expect(lane.pursue(found, false)).toBeUndefined();
  });

  test('takes the word of neighbours as theirs, reached one step further', () => {
    const { found } = heard(first, says(2, 1), says(1, 2));
    expect(found.closest.map(({ nodeId }) => nodeId)).toEqual([node(1), node(2)]);
    expect(found.closest[0]!.journeys[0]!.through).toEqual([node(1)]);
  });

  test('holds silent whose word did not come with that of those who name them', () => {
    const { lane, found } = heard(first, says(2, 1, 3), says(3, 2));
    expect(lane.isSilent(idText(node(1)))).toBe(true);
    expect(lane.isSilent(idText(node(3)))).toBe(false);
    lane.hear([says(3, 1), says(1, 3)], { journey, wanted: [node(1)] }, found);
    expect(lane.isSilent(idText(node(1)))).toBe(false);
  });

  test('does not ask for those who speak elsewhere', () => {
    const { lane, found } = heard({ journey, wanted: [] }, says(2, 1));
    found.add(node(1), journey);
    expect(lane.pursue(found, false)).toEqual({ journey, wanted: 'neighbours' });
  });

  test('is given up when it leads nowhere twice in a row, or does not answer', () => {
    const { lane, found } = heard({ journey, wanted: [] }, says(2, 1, 3));
    const question = lane.pursue(found, false)!;
    lane.hear([says(2, 1, 3)], question, found);
    lane.hear([says(2, 1, 3)], question, found);
    expect(lane.pursue(found, true)).toBeUndefined();
    const other = heard({ journey, wanted: [] }, says(2, 1));
    other.lane.close();
    expect(other.lane.pursue(other.found, true)).toBeUndefined();
  });

  test('is used a bounded number of times, whatever is named', () => {
    const { lane, found } = heard({ journey, wanted: [] }, says(100, 99));
    let [asked, next] = [0, 98];
    for (let question = lane.pursue(found, true); question; question = lane.pursue(found, true)) {
      asked++;
      lane.hear([says(100, 99), says(next + 1, next)], question, found);
      next--;
    }
    expect(asked).toBe(PURSUITS_A_LANE);
  });

  test('an answer without a good statement of the node asked is none', () => {
    const { lane, found } = heard(first);
    expect(found.closest).toEqual([]);
    expect(lane.isBusy).toBe(true);
  });
});
