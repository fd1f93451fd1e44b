/** What the people of the demonstration send: letters of today and answers, each once, over a ring in memory. */
import { expect, test } from 'vitest';
import { answerTo, liveLetters, play } from '../../../demo/play.ts';
import type { Setting } from '../../../demo/options.ts';
import { people } from '../../support/corpus.ts';
import { MemberRing } from '../node/member-ring.ts';

const setting: Setting = {
  v: 1,
  port: 1,
  peopleCount: 3,
  letterCount: 20,
  seed: 'play',
  end: Date.UTC(2026, 10, 28),
};
const [ada, bruno] = people;
const never = (error: unknown): never => {
  throw error;
};

test('a few dozen letters of today go to Ada, the first of them at once, none from her', () => {
  const live = liveLetters({ ...setting, peopleCount: 10 });
  expect(live.length).toBe(36);
  for (const { from, draft } of live) {
    expect(draft.to).toContain(ada!.address);
    expect(from).not.toBe(ada);
  }
  expect(live.filter(({ afterMs }) => afterMs === 0).length).toBe(12);
  expect(new Set(live.map(({ draft }) => draft.sendKey)).size).toBe(36);
  expect(liveLetters({ ...setting, peopleCount: 10 })).toEqual(live);
});

test('whoever gets a letter from Ada answers once, also when they start again meanwhile', async () => {
  const net = await MemberRing.create('demo-play');
  const [first, second] = await net.people('ada', 'bruno');
  const stop = play(second!.client, bruno!, setting, net.clock, never);
  await net.until(async () => (await first!.messages('inbox')).length > 0);
  await first!.send('bruno', 'The small clock');
  const asked = await second!.message('The small clock', 'inbox');
  const { afterMs, draft } = answerTo(asked, bruno!);
  expect(afterMs).toBeGreaterThanOrEqual(3_000);
  stop();

  // Another start, at which the answer is still owed; and one after it.
  const again = play(second!.client, bruno!, setting, net.clock, never);
  const answer = await first!.message(draft.subject, 'inbox');
  expect(answer).toMatchObject({ inReplyTo: asked.sharedId, from: { address: bruno!.address } });
  await second!.message('The small clock', 'inbox', ({ unread }) => !unread);
  again();
  play(second!.client, bruno!, setting, net.clock, never);
  await net.pass(15_000);
  const answers = (await first!.messages('inbox')).filter(({ subject }) => subject === draft.subject);
  expect(answers.length).toBe(1);
});
