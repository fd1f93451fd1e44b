/** The rule by which a false world is told from an empty office; how often it errs is measured in test/simulation. */
import { describe, expect, it, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { NodeId } from '../../../src/core/codec/id.ts';
import { differ } from '../../../src/core/node/near-service.ts';
import { checkWorld, type WorldSeen } from '../../../src/core/node/world-check.ts';

const calm: WorldSeen = {
  anchors: 11,
  missed: 0,
  strangers: 11,
  size: 13,
  usualSize: 13,
  relaysListed: 1,
  relaysLinked: 1,
  relaysDiffer: false,
};
const said = (seen: Partial<WorldSeen>): string[] =>
  checkWorld({ ...calm, ...seen }).map(({ code, kind }) => `${code}: ${kind}`);

test.each<[string, Partial<WorldSeen>, string[]]>([
  ['the ring as it was', {}, []],
  ['one remembered peer is there', { missed: 10 }, []],
  ['at night only the relay is there', { missed: 11, strangers: 0, size: 2, usualSize: undefined }, []],
  ['fewer than three people remembered', { anchors: 2, missed: 2 }, []],
  [
    'only strangers, at a time of the week when this node was never here',
    { missed: 11, strangers: 2, usualSize: undefined },
    ['strangers: info'],
  ],
  ['only strangers, few of them', { missed: 11, strangers: 1, size: 3 }, ['strangers: info']],
  ['only strangers, as many as usual', { missed: 11 }, ['strangers: warning']],
  ['only strangers, as many as usual, but few remembered', { anchors: 3, missed: 3 }, ['strangers: info']],
  [
    'only strangers, in a ring eight times smaller',
    { anchors: 3, missed: 3, strangers: 3, size: 5, usualSize: 40 },
    ['strangers: warning'],
  ],
  ['a smaller ring alone', { size: 5, usualSize: 40 }, ['smaller: info']],
  ['a ring seven times smaller', { size: 6, usualSize: 47 }, []],
  ['a tiny ring that is smaller', { size: 1, usualSize: 15 }, []],
  [
    'relays that disagree',
    { relaysListed: 2, relaysLinked: 2, relaysDiffer: true },
    ['relays-differ: warning'],
  ],
  ['one relay of three', { relaysListed: 3 }, ['relays-away: info']],
  ['two relays of three', { relaysListed: 3, relaysLinked: 2 }, []],
  ['no relay: the page says so anyway', { relaysListed: 3, relaysLinked: 0 }, []],
])('%s', (_, seen, expected) => {
  expect(said(seen)).toEqual(expected);
});

describe('the words of two relays', () => {
  const nodes = (from: number, count: number): NodeId[] =>
    Array.from({ length: count }, (_, i) => new SeededRandom(`near ${from + i}`).bytes(32) as NodeId);

  it.each<[string, NodeId[], NodeId[], boolean]>([
    ['the same', nodes(0, 16), nodes(0, 16), false],
    ['some came meanwhile', nodes(0, 8), nodes(0, 16), false],
    ['a quarter of the shorter one is shared', nodes(0, 8), nodes(6, 16), false],
    ['hardly any shared', nodes(0, 8), nodes(7, 16), true],
    ['nothing shared', nodes(0, 3), nodes(3, 3), true],
    ['one hides all', nodes(0, 0), nodes(0, 3), true],
    ['too few to tell', nodes(0, 2), nodes(2, 16), false],
    ['nobody there', nodes(0, 0), nodes(0, 2), false],
  ])('%s', (_, a, b, expected) => {
    expect(differ(a, b)).toBe(expected);
    expect(differ(b, a)).toBe(expected);
  });
});
