/**
 * A part of the index: up to SHARD_MESSAGES_MAX messages as the numbers of their words in a sorted list, with the inverse of that
 * (Zobel & Moffat 2006, §3): which messages have a word. Words that begin alike are neighbours, so that a prefix is a range.
 * Nothing in it changes but which messages are gone.
 */
import type { Field, TextTerm } from './query.ts';

export const SHARD_MESSAGES_MAX = 1024;

/** Stands between the parts of a message in its words. */
export const BREAK = '';
/** The parts, in their order; the text is the last. */
export const PARTS = ['subject', 'from', 'to', 'files', 'text'] as const satisfies readonly (
  Field | string
)[];

export interface IndexedMessage {
  readonly id: string;
  /** Digest of what stands in front of its text: tells whether that is indexed as it is now. */
  readonly head: number;
  /** Whether all of its text is in it, not only the first words. */
  readonly whole: boolean;
  /** Those of its parts, with a BREAK between two parts. */
  readonly words: readonly string[];
}

/** What of a shard is written to disk. */
export interface ShardContent {
  readonly ids: readonly string[];
  readonly heads: Uint32Array;
  /** 1 or 0 for each message. */
  readonly whole: Uint8Array;
  /** Sorted by UTF-16 units, BREAK first. */
  readonly words: readonly string[];
  /** Where each message begins in `sequence`, and the end of the last one. */
  readonly starts: Uint32Array;
  /** Places in `words`. */
  readonly sequence: Uint32Array;
}

/** From `low` to below `high` in the list of words. */
interface Range {
  readonly low: number;
  readonly high: number;
}

export class Shard {
  /** On disk; unique, since a shard's words never change. */
  readonly name: string;
  readonly content: ShardContent;
  /** Of each message in this session; -1 while nobody has told of it. */
  readonly numbers: Int32Array;
  /** Messages by word: those of word w from `#ends[w - 1]` to `#ends[w]`. */
  readonly #messages: Uint16Array;
  readonly #ends: Uint32Array;
  readonly #gone: Uint8Array;
  #goneCount = 0;
  /** Messages of it were removed, not only put elsewhere: what is on disk has to go. */
  stale = false;

  constructor(name: string, content: ShardContent) {
    this.name = name;
    this.content = content;
    this.numbers = new Int32Array(content.ids.length).fill(-1);
    this.#gone = new Uint8Array(content.ids.length);
    [this.#messages, this.#ends] = inverted(content);
  }

  static of(name: string, messages: readonly IndexedMessage[]): Shard {
    const known = new Set<string>([BREAK]);
    for (const message of messages) for (const word of message.words) known.add(word);
    const words = [...known].sort();
    const places = new Map(words.map((word, place) => [word, place]));
    const starts = new Uint32Array(messages.length + 1);
    messages.forEach((message, i) => (starts[i + 1] = starts[i]! + message.words.length));
    const sequence = new Uint32Array(starts[messages.length]!);
    messages.forEach((message, i) =>
      message.words.forEach((word, j) => (sequence[starts[i]! + j] = places.get(word)!)),
    );
    return new Shard(name, {
      ids: messages.map(({ id }) => id),
      heads: Uint32Array.from(messages, ({ head }) => head),
      whole: Uint8Array.from(messages, ({ whole }) => Number(whole)),
      words,
      starts,
      sequence,
    });
  }

  /** Messages that are not gone. */
  get size(): number {
    return this.content.ids.length - this.#goneCount;
  }

  get goneCount(): number {
    return this.#goneCount;
  }

  isGone(place: number): boolean {
    return this.#gone[place] === 1;
  }

  drop(place: number): void {
    if (this.isGone(place)) return;
    this.#gone[place] = 1;
    this.#goneCount++;
  }

  message(place: number): IndexedMessage {
    const { ids, heads, whole, words, starts, sequence } = this.content;
    const numbers = sequence.subarray(starts[place], starts[place + 1]);
    return {
      id: ids[place]!,
      head: heads[place]!,
      whole: whole[place] === 1,
      words: Array.from(numbers, (number) => words[number]!),
    };
  }

  /** Places of the messages that are not gone and have all of the terms. */
  *search(terms: readonly TextTerm[]): Generator<number> {
    const { length } = this.content.ids;
    const found = new Uint8Array(length).fill(1);
    for (const term of terms) {
      const marks = this.#having(term);
      for (let place = 0; place < length; place++) if ((marks[place] === 1) === term.not) found[place] = 0;
    }
    for (let place = 0; place < length; place++) if (found[place] === 1 && !this.isGone(place)) yield place;
  }

  /** Marks the messages that have a term, whether it is wanted or not. */
  #having({ words, prefix, field }: TextTerm): Uint8Array {
    const ranges = words.map((word, i) => this.#range(word, prefix && i === words.length - 1));
    const marks = this.#inRange(ranges[0]!);
    for (const range of ranges.slice(1)) {
      const others = this.#inRange(range);
      for (let place = 0; place < marks.length; place++) marks[place]! &= others[place]!;
    }
    if (ranges.length === 1 && field === undefined) return marks;
    const part = field === undefined ? undefined : PARTS.indexOf(field);
    for (let place = 0; place < marks.length; place++)
      if (marks[place] === 1 && !this.#follow(place, ranges, part)) marks[place] = 0;
    return marks;
  }

  #inRange({ low, high }: Range): Uint8Array {
    const marks = new Uint8Array(this.content.ids.length);
    const end = high === low ? 0 : this.#ends[high - 1]!;
    for (let i = low === 0 ? 0 : this.#ends[low - 1]!; i < end; i++) marks[this.#messages[i]!] = 1;
    return marks;
  }

  /** Whether words of these ranges follow each other in the message, in `part` of it if that is named. */
  #follow(place: number, ranges: readonly Range[], part: number | undefined): boolean {
    const { starts, sequence } = this.content;
    const { low, high } = ranges[0]!;
    const last = starts[place + 1]! - ranges.length;
    let at = 0;
    for (let i = starts[place]!; i <= last; i++) {
      const word = sequence[i]!;
      if (word === 0 && ++at > (part ?? at)) return false;
      if (word < low || word >= high || at < (part ?? at)) continue;
      let next = 1;
      while (next < ranges.length && isIn(ranges[next]!, sequence[i + next]!)) next++;
      if (next === ranges.length) return true;
    }
    return false;
  }

  #range(word: string, prefix: boolean): Range {
    const { words } = this.content;
    const low = lowerBound(words, word);
    if (prefix) return { low, high: lowerBound(words, `${word}\uffff`) };
    return { low, high: words[low] === word ? low + 1 : low };
  }
}

function isIn({ low, high }: Range, word: number): boolean {
  return word >= low && word < high;
}

/** The first place whose word is not before `word`. */
function lowerBound(words: readonly string[], word: string): number {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle]! < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Each message once for a word: sorted by counting. */
function inverted({ ids, words, starts, sequence }: ShardContent): [Uint16Array, Uint32Array] {
  const ends = new Uint32Array(words.length);
  const seen = new Int32Array(words.length).fill(-1);
  const each = (visit: (word: number, message: number) => void): void => {
    seen.fill(-1);
    for (let message = 0; message < ids.length; message++)
      for (let i = starts[message]!; i < starts[message + 1]!; i++) {
        const word = sequence[i]!;
        if (seen[word] === message) continue;
        seen[word] = message;
        visit(word, message);
      }
  };
  each((word) => ends[word]!++);
  for (let word = 1; word < ends.length; word++) ends[word]! += ends[word - 1]!;
  const messages = new Uint16Array(ends.at(-1) ?? 0);
  const next = new Uint32Array(words.length);
  next.set(ends.subarray(0, -1), 1);
  each((word, message) => (messages[next[word]!++] = message));
  return [messages, ends];
}
