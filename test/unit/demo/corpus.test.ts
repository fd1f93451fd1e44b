/** The made-up mail is the mail of one organization: what one has sent, others have, and answers fit. */
import { describe, expect, it } from 'vitest';
import { parseMime } from '../../../src/core/mail/mime.ts';
import { letters, mailboxEntry, people, type Letter } from '../../support/corpus.ts';

const options = { amongOthers: 50, unnumbered: true } as const;
const year = [...letters(400, 'corpus', options)];
const has = ({ from, to }: Letter, index: number): boolean =>
  from === people[index] || to.includes(people[index]!);

describe('the corpus', () => {
  it('is the same for the same seed, and another one for another', () => {
    const text = (letter: Letter): string => String.fromCharCode(...mailboxEntry(letter, letter.from)!.raw);
    const texts = (seed: string): string[] => [...letters(50, seed, options)].map(text);
    expect(texts('corpus')).toEqual(texts('corpus'));
    expect(texts('other')).not.toEqual(texts('corpus'));
  });

  it('gives each letter to its author as sent, to each recipient as received, and to nobody else', () => {
    for (const letter of year) {
      expect(letter.to).not.toContain(letter.from);
      for (const person of people) {
        const entry = mailboxEntry(letter, person);
        if (letter.from === person) expect(entry).toMatchObject({ folder: 'sent', unread: false });
        else expect(entry?.folder).toBe(letter.to.includes(person) ? letter.folder : undefined);
      }
    }
    for (const index of people.keys())
      expect(year.filter((letter) => has(letter, index)).length).toBeGreaterThan(20);
  });

  it('lets only those answer who have the letter, and to whoever wrote it', () => {
    const byId = new Map(year.map((letter) => [letter.messageId, letter]));
    const answers = year.filter(({ answers }) => answers !== undefined);
    expect(answers.length).toBeGreaterThan(100);
    for (const answer of answers) {
      const answered = byId.get(answer.answers!)!;
      expect(answered.at).toBeLessThan(answer.at);
      expect(answered.to).toContain(answer.from);
      expect(answer.to).toContain(answered.from);
    }
  });

  it('passes the first person by only as often as it is told, and keeps to the people that write', () => {
    expect([...letters(200, 'corpus')].every((letter) => has(letter, 0))).toBe(true);
    const without = year.filter((letter) => !has(letter, 0)).length;
    expect(without / year.length).toBeGreaterThan(0.4);
    expect(without / year.length).toBeLessThan(0.6);
    const few = [...letters(200, 'corpus', { ...options, peopleCount: 3 })];
    const names = new Set(few.flatMap(({ from, to }) => [from, ...to].map(({ name }) => name)));
    expect([...names].sort()).toEqual(
      people
        .slice(0, 3)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('spreads over the year before its end, and says the date in the mail', async () => {
    const end = Date.UTC(2026, 5, 1);
    const some = [...letters(12, 'corpus', { end })];
    expect(some.at(-1)!.at).toBe(end);
    expect(some[0]!.at).toBeLessThan(end - 330 * 24 * 60 * 60 * 1000);
    const { raw } = mailboxEntry(some[3]!, people[0]!)!;
    expect((await parseMime(raw)).at).toBe(Math.floor(some[3]!.at / 1000) * 1000);
  });
});
