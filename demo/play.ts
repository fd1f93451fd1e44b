/** What is really sent: letters of today to Ada, and answers to what she writes. The seed decides; nothing is sent twice. */
import { SeededRandom } from '../src/adapters/memory/random.ts';
import { toHex, utf8 } from '../src/core/codec/bytes.ts';
import type { Clock } from '../src/core/codec/clock.ts';
import { sha256 } from '../src/core/crypto/hash.ts';
import type { Draft, MessageView } from '../src/core/mail/views.ts';
import type { Client } from '../src/core/node/client.ts';
import { letters, people, type Letter, type Person } from '../test/support/corpus.ts';
import type { Setting } from './options.ts';

/** Letters of today; a third of them comes at once, then one at a time. */
const LIVE_COUNT = 36;
const AT_ONCE = LIVE_COUNT / 3;
const LIVE_EVERY_MS = 20_000;
/** An answer takes so long to be written. */
const ANSWER_MS_MIN = 3_000;
const ANSWER_MS_MAX = 12_000;
const SEND_KEY_BYTES = 16;

const thanks = [
  'Thank you for your letter.',
  'Thanks, that helps.',
  'Good that you ask.',
  'I was about to write to you about this.',
];
const replies = [
  'I will look at it this afternoon and come back to you.',
  'From my side this is settled; please go ahead.',
  'Let us talk about it on Thursday, after lunch.',
  'I asked the others, and nobody objects.',
  'Could it wait until Monday? Then I have the figures.',
];

export interface LiveLetter {
  /** After the beginning. */
  readonly afterMs: number;
  readonly from: Person;
  readonly draft: Draft;
}

/** Those of everybody, in order: all to Ada, none from her. */
export function liveLetters({ seed, peopleCount, end }: Setting): readonly LiveLetter[] {
  const found: Letter[] = [];
  for (const letter of letters(20 * LIVE_COUNT, `${seed}/live`, { end, peopleCount, unnumbered: true }))
    if (letter.from !== people[0] && letter.answers === undefined) found.push(letter);
  return found.slice(0, LIVE_COUNT).map(({ messageId, from, to, subject, text, attachment }, n) => ({
    afterMs: Math.max(0, n + 1 - AT_ONCE) * LIVE_EVERY_MS,
    from,
    draft: {
      ...plain(subject, text, `live/${messageId}`),
      to: to.map(({ address }) => address),
      files: attachment
        ? [{ name: attachment.name, type: 'application/pdf', content: new Blob([attachment.content]) }]
        : [],
    },
  }));
}

/** What `self` answers to a message, and after which time. */
export function answerTo(
  message: MessageView,
  self: Person,
): { readonly afterMs: number; readonly draft: Draft } {
  const random = new SeededRandom(`${message.sharedId}/${self.address}`);
  const pick = (list: readonly string[]): string => list[random.below(list.length)]!;
  const [greeted, name] = [message.from, self.name].map(
    (who) => (typeof who === 'string' ? who : who.name).split(' ')[0],
  );
  const subject = /^re:/i.test(message.subject) ? message.subject : `Re: ${message.subject}`;
  const text = `Dear ${greeted},\n\n${pick(thanks)} ${pick(replies)}\n\n${name}\n`;
  return {
    afterMs: ANSWER_MS_MIN + random.below(ANSWER_MS_MAX - ANSWER_MS_MIN),
    draft: {
      ...plain(subject, text, `answer/${message.sharedId}/${self.address}`),
      to: [message.from.address],
      inReplyTo: message.id,
    },
  };
}

/**
 * Plays the part of one of the others until the result is called. What has been answered is read: after another start it is not
 * answered again. `failed` is told what could not be sent; it is tried again at the next start.
 */
export function play(
  client: Client,
  self: Person,
  setting: Setting,
  clock: Clock,
  failed: (error: unknown) => void,
): () => void {
  const cancels: (() => void)[] = [];
  const later = (afterMs: number, act: () => Promise<unknown>): void =>
    void cancels.push(clock.after(afterMs, () => void act().catch(failed)));
  for (const { afterMs, from, draft } of liveLetters(setting))
    if (from === self) later(afterMs, () => client.send(draft));

  const seen = new Set<string>();
  const unsubscribe = client.subscribe(({ messages }) => {
    for (const message of messages.changed) {
      if (seen.has(message.id) || !isForAnswer(message, self)) continue;
      seen.add(message.id);
      const { afterMs, draft } = answerTo(message, self);
      later(afterMs, async () => {
        await client.send(draft);
        await client.change({ kind: 'flag', messages: [message.id], flag: 'unread', on: false });
      });
    }
  });
  return () => {
    unsubscribe();
    for (const cancel of cancels) cancel();
  };
}

/** Ada's letters of today: what came from a file has no signature, and so no sender's delivery to answer. */
function isForAnswer({ unread, from, to, folder }: MessageView, self: Person): boolean {
  return (
    unread &&
    folder !== 'sent' &&
    from.identityKey !== undefined &&
    from.address === people[0]!.address &&
    to.some(({ address }) => address === self.address)
  );
}

function plain(subject: string, text: string, what: string): Draft {
  const sendKey = toHex(sha256(utf8(`epost/demo/${what}`)).slice(0, SEND_KEY_BYTES));
  return {
    ...{ to: [], cc: [], subject, text, html: undefined, files: [], forwarded: [], inReplyTo: undefined },
    sendKey,
  };
}
