/**
 * The believable, seeded mail of ten people over a year: letters, threads, attachments. Whoever wrote or received a letter has it in
 * their mailbox; as an mbox file, too.
 */
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { concat, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import type { ImportedMail } from '../../src/core/mail/views.ts';
import { mboxEntry } from '../../src/app/transfer/mbox.ts';

export interface Letter {
  /** Without angle brackets. */
  readonly messageId: string;
  /** The letter that it answers. */
  readonly answers: string | undefined;
  readonly from: Person;
  readonly to: readonly Person[];
  readonly subject: string;
  readonly text: string;
  readonly attachment: { readonly name: string; readonly content: Bytes } | undefined;
  readonly at: number;
  /** Where its recipients have it; its author has it among the sent ones, read. */
  readonly folder: 'inbox' | 'archive';
  readonly unread: boolean;
  readonly starred: boolean;
}

export interface CorpusOptions {
  /** When the last letter is written. */
  readonly end?: number;
  /** So many of the ten people write, the first one always: 3 to 10. */
  readonly peopleCount?: number;
  /** Percent of the letters that pass the first person by. */
  readonly amongOthers?: number;
  /** Without the numbers by which tests and benchmarks tell letters from each other. */
  readonly unnumbered?: boolean;
}

export interface Person {
  readonly name: string;
  readonly address: string;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
export const people: readonly Person[] = (
  [
    ['Ada Winter', 'ada'],
    ['Bruno Keller', 'bruno'],
    ['Carla Mendes', 'carla'],
    ['Dmitri Orlov', 'dmitri'],
    ['Elif Aydin', 'elif'],
    ['Farid Haddad', 'farid'],
    ['Greta Lund', 'greta'],
    ['Hugo Marchand', 'hugo'],
    ['Ines Calvo', 'ines'],
    ['Jonas Weber', 'jonas'],
  ] as const
).map(([name, local]) => ({ name, address: `${local}@example.org` }));

const topics = [
  ['The roof of the archive', 'the roofers', 'the tiles on the north side', 'the scaffolding'],
  ['Budget for next year', 'the committee', 'the travel line', 'the reserve'],
  ['Summer school timetable', 'the speakers', 'the second week', 'the large hall'],
  ['New map of the reading room', 'the printers', 'the proof', 'the legend'],
  ['Minutes of the board', 'the chair', 'the third item', 'the vote'],
  ['Visit from the partner library', 'our guests', 'the tour', 'the train times'],
  ['Letterpress workshop', 'the participants', 'the paper stock', 'the ink order'],
  ['Catalogue of the spring exhibition', 'the editors', 'the essay', 'the captions'],
  ['Bicycle shed', 'the neighbours', 'the new rack', 'the key'],
  ['Lunch on Thursday', 'everybody', 'the long table', 'the soup'],
] as const;
const openings = [
  'Quick question:',
  'As promised,',
  'Good news:',
  'Before I forget:',
  'After this morning’s call,',
  'For the record,',
];
const sentences = [
  'I spoke with {a} today, and {b} can wait until Monday.',
  'Could you look at {c} before we answer {a}?',
  '{b} costs less than we feared; the figures are below.',
  'Please check {b} once more and tell {a} what you think.',
  'We should decide on {c} this week, or {a} will.',
  'Attached is what I have on {b} so far.',
  'I moved {c} to the second half, which gives us some room.',
  'Nobody objected to {b}, so let us go ahead.',
];

/**
 * `count` letters, oldest first; by default those of the first person's mailbox. The same seed and options give the same letters.
 */
export function* letters(
  count: number,
  seed: string,
  {
    end = Date.UTC(2026, 10, 28, 17),
    peopleCount = people.length,
    amongOthers = 0,
    unnumbered = false,
  }: CorpusOptions = {},
): Generator<Letter> {
  const random = new SeededRandom(seed);
  const below = (max: number): number => random.below(max);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const [first, ...others] = people.slice(0, peopleCount) as [Person, ...Person[]];
  /** Threads that may go on. */
  const open: { readonly root: Letter; readonly title: string; last: Letter }[] = [];
  for (let n = 0; n < count; n++) {
    const at = Math.round(end - YEAR_MS + (YEAR_MS * (n + 1)) / count);
    const without = below(100) < amongOthers;
    const fitting = open.filter(({ last }) => isWithout(last, first) === without);
    const going = fitting.length > 0 && below(100) < 45 ? pick(fitting) : undefined;
    const from =
      going === undefined
        ? without || below(100) >= 30
          ? pick(others)
          : first
        : answererOf(going.last, first, without, pick);
    const correspondents = others.filter((person) => person !== from);
    const to = [going?.last.from ?? (without || from === first ? pick(correspondents) : first)];
    const [title, a, b, c] =
      going === undefined ? pick(topics) : topics.find(([name]) => going.title === name)!;
    const words = Array.from({ length: 2 + below(6) }, () =>
      pick(sentences).replace('{a}', a).replace('{b}', b).replace('{c}', c),
    ).map((sentence) => sentence[0]!.toUpperCase() + sentence.slice(1));
    const opening = pick(openings);
    const start = words.shift()!;
    // After a comma or a colon a sentence goes on.
    words.unshift(start.startsWith('I ') ? start : start[0]!.toLowerCase() + start.slice(1));
    const subject = unnumbered ? title : `${title} (${n + 1})`;
    const reference = unnumbered ? '' : `Reference ${random.below(1_000_000)}.\n\n`;
    const old = at < end - YEAR_MS / 12;
    if (from !== first && below(100) < 15) to.push(pick(correspondents));
    const letter: Letter = {
      messageId: `${seed}-${n}@example.org`,
      answers: going?.last.messageId,
      from,
      to: [...new Set(to)],
      subject: going === undefined ? subject : `Re: ${going.root.subject}`,
      text: `${opening} ${words.join(' ')}\n\n${reference}${from.name.split(' ')[0]}\n`,
      attachment:
        below(100) < 8
          ? {
              name: `${title.toLowerCase().replace(/[^a-z]+/g, '-')}-${n + 1}.pdf`,
              content: random.bytes(2_000 + below(20_000)),
            }
          : undefined,
      at,
      folder: old && below(100) < 60 ? 'archive' : 'inbox',
      unread: at > end - YEAR_MS / 50 && below(100) < 60,
      starred: below(100) < 4,
    };
    yield letter;
    if (going !== undefined) going.last = letter;
    else open.push({ root: letter, title, last: letter });
    if (open.length > 40 || below(100) < 20) open.splice(below(open.length), 1);
  }
}

/** The letter as it is in this person's mailbox; undefined when they neither wrote nor received it. */
export function mailboxEntry(letter: Letter, person: Person): ImportedMail | undefined {
  const { folder, unread, starred } = letter;
  if (letter.from === person) return imported(letter, { folder: 'sent', unread: false, starred });
  return letter.to.includes(person) ? imported(letter, { folder, unread, starred }) : undefined;
}

/** The letters of the first person's mailbox as one mbox file. */
export function corpusMbox(count: number, seed: string): Blob {
  const pieces: Blob[] = [];
  let some: Bytes[] = [];
  for (const letter of letters(count, seed)) {
    const { raw } = mailboxEntry(letter, people[0]!)!;
    some.push(mboxEntry(raw, letter.from.address, letter.at));
    if (some.length < 500) continue;
    pieces.push(new Blob(some));
    some = [];
  }
  return new Blob([...pieces, ...some]);
}

/** Who answers has the letter; a conversation with the first person goes to and fro. */
function answererOf(
  { from, to }: Letter,
  first: Person,
  without: boolean,
  pick: (list: readonly Person[]) => Person,
): Person {
  return without || from === first ? pick(to) : first;
}

function isWithout({ from, to }: Letter, person: Person): boolean {
  return from !== person && !to.includes(person);
}

type Place = Omit<ImportedMail, 'raw'>;

function imported(letter: Letter, place: Place): ImportedMail {
  return { raw: utf8(mailOf(letter, place)), ...place };
}

function mailOf(
  { messageId, answers, from, to, subject, text, attachment, at }: Letter,
  { folder, unread, starred }: Place,
): string {
  const named = ({ name, address }: Person): string => `${name} <${address}>`;
  const head = [
    `X-ePOST-Folder: ${folder}`,
    `X-ePOST-Flags: ${[...(unread ? ['unread'] : []), ...(starred ? ['starred'] : [])].join(' ')}`,
    `Message-ID: <${messageId}>`,
    ...(answers === undefined ? [] : [`In-Reply-To: <${answers}>`]),
    `From: ${named(from)}`,
    `To: ${to.map(named).join(', ')}`,
    `Subject: ${subject}`,
    `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
  ];
  const plain = ['Content-Type: text/plain; charset=utf-8', '', text];
  if (attachment === undefined) return [...head, ...plain].join('\r\n');
  const file = [
    `Content-Type: application/pdf; name="${attachment.name}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${attachment.name}"`,
    '',
    Buffer.from(concat(attachment.content)).toString('base64').replace(/.{76}/g, '$&\r\n'),
  ];
  const body = ['--part', ...plain, '--part', ...file, '--part--', ''];
  return [...head, 'Content-Type: multipart/mixed; boundary="part"', '', ...body].join('\r\n');
}
