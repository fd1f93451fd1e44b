/** Lists of threads that are kept up change by change are those that would be made anew. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MessageView } from '../../../src/core/mail/views.ts';
import { MailIndex } from '../../../src/app/state/mail-index.ts';
import type { Place } from '../../../src/app/state/places.ts';
import { message } from './views.ts';

const places: readonly Place[] = ['inbox', 'archive', 'trash', 'starred', 'label-0123456789abcdef'];

interface Step {
  readonly changed: readonly MessageView[];
  readonly removed: readonly string[];
}

const id = fc.integer({ min: 0, max: 11 }).map(String);
/** What a message answers never changes. */
const answers = fc.array(fc.option(id), { minLength: 12, maxLength: 12 });
const change = fc.record({
  id,
  folder: fc.constantFrom('inbox' as const, 'archive' as const, 'trash' as const),
  at: fc.integer({ min: 0, max: 5 }),
  unread: fc.boolean(),
  starred: fc.boolean(),
  labels: fc.subarray(['0123456789abcdef']),
});
const history = fc
  .tuple(
    answers,
    fc.array(
      fc.record({ changed: fc.array(change, { maxLength: 100 }), removed: fc.array(id, { maxLength: 2 }) }),
    ),
  )
  .map(([answers, steps]): Step[] =>
    steps.map(({ changed, removed }) => ({
      changed: changed.map((one) =>
        message(one.id, { ...one, inReplyTo: answers[Number(one.id)] ?? undefined }),
      ),
      removed,
    })),
  );

function shown(index: MailIndex): unknown {
  return places.map((place) => ({
    // Which of its ids stands for a thread is not said.
    rows: index
      .rows(place)
      .map(({ messages, at, unread }) => ({ messages: messages.map((one) => one.id), at, unread })),
    counts: { messages: index.counts(place).messages, unread: index.counts(place).unread },
  }));
}

function sortedByFirst(lists: unknown): unknown {
  return JSON.parse(JSON.stringify(lists), (_, value: unknown) =>
    Array.isArray(value) && value.some((one) => typeof one === 'object' && one !== null && 'at' in one)
      ? value.toSorted((a: { messages: string[] }, b: { messages: string[] }) =>
          a.messages.join() < b.messages.join() ? -1 : 1,
        )
      : value,
  );
}

test('change by change the lists are those of all messages at once, each sorted', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const index = new MailIndex();
      const known = new Map<string, MessageView>();
      const answered = new Map<string, MessageView>();
      for (const { changed, removed } of steps) {
        index.apply(changed, removed);
        for (const gone of removed) known.delete(gone);
        for (const one of changed) {
          known.set(one.id, one);
          answered.set(one.id, one);
        }
      }
      const anew = new MailIndex();
      // Threads stay together although what joined them is gone: everything that ever was, less what is gone now.
      anew.apply([...answered.values()]);
      anew.apply(
        [...known.values()],
        [...answered.keys()].filter((one) => !known.has(one)),
      );
      expect(sortedByFirst(shown(index))).toEqual(sortedByFirst(shown(anew)));
      for (const place of places) {
        const times = index.rows(place).map(({ at }) => at);
        expect(times).toEqual(times.toSorted((a, b) => b - a));
      }
      expect(index.size).toBe(known.size);
    }),
    { numRuns: 300 },
  );
});

test('answers are of one thread, also when they come before what they answer, or that is not here', () => {
  const index = new MailIndex();
  index.apply([message('b', { inReplyTo: 'a', at: 2 }), message('c', { inReplyTo: 'a', at: 3 })]);
  expect(index.rows('inbox').map(({ messages }) => messages.map((one) => one.id))).toEqual([['b', 'c']]);
  index.apply([message('a', { at: 1 }), message('d', { at: 4 })]);
  expect(index.rows('inbox').map(({ messages }) => messages.map((one) => one.id))).toEqual([
    ['d'],
    ['a', 'b', 'c'],
  ]);
  expect(index.thread('b').map((one) => one.id)).toEqual(['a', 'b', 'c']);
});

test('the trash lists what it has and no other place does; a list that nothing touched is the same', () => {
  const index = new MailIndex();
  index.apply([message('a', { starred: true }), message('b', { folder: 'archive' })]);
  const archive = index.rows('archive');
  index.apply([message('a', { starred: true, folder: 'trash' })]);
  expect(index.rows('starred')).toEqual([]);
  expect(index.rows('trash')).toHaveLength(1);
  expect(index.counts('inbox')).toMatchObject({ messages: 0, unread: 0 });
  expect(index.rows('archive')).toBe(archive);
});

test('what is found is listed as threads of the found messages, newest first', () => {
  const index = new MailIndex();
  const messages = [
    message('a', { at: 1, unread: false }),
    message('b', { at: 4, inReplyTo: 'a', folder: 'archive' }),
    message('c', { at: 2, inReplyTo: 'b' }),
    message('d', { at: 3, unread: false }),
  ];
  index.apply(messages);
  const [a, b, c, d] = messages;
  expect(index.rowsOf([]).length).toBe(0);
  const rows = index.rowsOf([c!, d!, b!]);
  expect(rows.map((row) => [row.messages, row.at, row.unread])).toEqual([
    [[c, b], 4, 2],
    [[d], 3, 0],
  ]);
  expect(index.rowsOf([a!]).map(({ id }) => id)).toEqual([rows[0]!.id]);
});
