/**
 * The index of a mailbox: shards that are full and seldom change, and what is fresh. A message that changes leaves its shard and is
 * fresh again.
 */
import { toHex } from '../../core/codec/bytes.ts';
import type { Random } from '../../core/crypto/random.ts';
import { textOfHtml } from './html-text.ts';
import type { ToldMessage } from './protocol.ts';
import type { TextTerm } from './query.ts';
import { BREAK, PARTS, Shard, SHARD_MESSAGES_MAX, type IndexedMessage } from './shard.ts';
import { wordsOf } from './words.ts';

/** With more messages than these fresh, they go into a shard: each search reads them anew. */
const FRESH_MAX = 256;
/** Shards with fewer messages are given up, and their messages are fresh again. */
const SHARD_MESSAGES_MIN = 128;
/** Longer texts are cut: 200,000 characters, 60 pages. */
export const TEXT_CHARACTERS_MAX = 200_000;
const NAME_BYTES = 8;

interface Place {
  readonly shard: Shard;
  readonly place: number;
}

export class SearchIndex {
  readonly #random: Random;
  #shards: Shard[] = [];
  readonly #places = new Map<string, Place>();
  readonly #fresh = new Map<string, IndexedMessage>();
  /** Those of `#fresh`, as long as they are the same. */
  #freshShard: Shard | undefined;
  readonly #numbers = new Map<string, number>();
  readonly #ids = new Map<number, string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** How many messages are in it. */
  get size(): number {
    return this.#places.size + this.#fresh.size;
  }

  /** Takes in shards that were kept. Of a message that is in two of them, the one with its whole text counts. */
  take(shards: readonly Shard[]): void {
    for (const shard of shards) {
      this.#shards.push(shard);
      shard.content.ids.forEach((id, place) => {
        const known = this.#places.get(id);
        if (known !== undefined && known.shard.content.whole[known.place] === 1) return shard.drop(place);
        known?.shard.drop(known.place);
        this.#places.set(id, { shard, place });
      });
    }
  }

  /** Takes in what a message's list row says; true when its whole text is wanted. */
  tell(message: ToldMessage): boolean {
    const { id, number, head } = message;
    this.#numbers.set(id, number);
    this.#ids.set(number, id);
    const known = this.#places.get(id);
    if (known !== undefined) known.shard.numbers[known.place] = number;
    const indexed = this.#indexed(id);
    if (indexed?.head === head) return !indexed.whole;
    const text = indexed?.whole ? textWordsOf(indexed) : wordsOf(message.preview);
    const words = [message.subject, message.from, message.to, message.files].flatMap((part) => [
      ...wordsOf(part),
      BREAK,
    ]);
    this.#put({ id, head, whole: indexed?.whole ?? false, words: [...words, ...text] });
    return !(indexed?.whole ?? false);
  }

  /** The whole text of a message that was told; nothing when it is gone. */
  body(number: number, text: string, html: string | undefined): void {
    const indexed = this.#indexed(this.#ids.get(number) ?? '');
    if (indexed === undefined) return;
    const shown = html === undefined ? text : `${textOfHtml(html.slice(0, TEXT_CHARACTERS_MAX))}\n${text}`;
    const head = indexed.words.slice(0, indexed.words.length - textWordsOf(indexed).length);
    const words = [...head, ...wordsOf(shown.slice(0, TEXT_CHARACTERS_MAX))];
    this.#put({ ...indexed, whole: true, words });
  }

  remove(number: number): void {
    const id = this.#ids.get(number);
    if (id === undefined) return;
    this.#ids.delete(number);
    this.#numbers.delete(id);
    this.#forget(id);
  }

  /** Forgets what nobody has told of in this session. */
  dropUntold(): void {
    for (const id of [...this.#places.keys()]) if (!this.#numbers.has(id)) this.#forget(id);
  }

  /** Numbers of the messages that were told and have all of the terms. */
  find(terms: readonly TextTerm[]): Uint32Array<ArrayBuffer> {
    const found: number[] = [];
    for (const shard of [...this.#shards, this.#freshAsShard()])
      for (const place of shard.search(terms)) {
        const number = shard.numbers[place]!;
        if (number >= 0) found.push(number);
      }
    return Uint32Array.from(found);
  }

  /** The shards as they are to be on disk: all that is fresh is in one. */
  settled(): readonly Shard[] {
    for (const shard of [...this.#shards])
      if (shard.stale || shard.goneCount * 4 > shard.content.ids.length) this.#renew(shard);
    this.#settleFresh();
    return this.#shards;
  }

  #indexed(id: string): IndexedMessage | undefined {
    const known = this.#places.get(id);
    return this.#fresh.get(id) ?? known?.shard.message(known.place);
  }

  #put(message: IndexedMessage): void {
    const known = this.#places.get(message.id);
    known?.shard.drop(known.place);
    this.#places.delete(message.id);
    this.#fresh.set(message.id, message);
    this.#freshShard = undefined;
    if (this.#fresh.size >= FRESH_MAX) this.#settleFresh();
  }

  #forget(id: string): void {
    if (this.#fresh.delete(id)) this.#freshShard = undefined;
    const known = this.#places.get(id);
    if (known === undefined) return;
    known.shard.drop(known.place);
    known.shard.stale = true;
    this.#places.delete(id);
  }

  /** What is fresh fills the last shard first, then new ones. */
  #settleFresh(): void {
    if (this.#fresh.size === 0) return;
    const last = this.#shards.at(-1);
    const messages = [...this.#fresh.values()];
    this.#fresh.clear();
    this.#freshShard = undefined;
    if (last !== undefined && last.size + messages.length <= SHARD_MESSAGES_MAX) {
      messages.unshift(...liveOf(last));
      this.#shards.pop();
    }
    for (let at = 0; at < messages.length; at += SHARD_MESSAGES_MAX)
      this.#shards.push(this.#shardOf(messages.slice(at, at + SHARD_MESSAGES_MAX)));
  }

  /** Without the messages that are gone; in its place, unless few are left. */
  #renew(shard: Shard): void {
    const at = this.#shards.indexOf(shard);
    const live = liveOf(shard);
    if (live.length >= SHARD_MESSAGES_MIN) {
      this.#shards[at] = this.#shardOf(live);
      return;
    }
    this.#shards.splice(at, 1);
    for (const message of live) {
      this.#places.delete(message.id);
      this.#fresh.set(message.id, message);
    }
    this.#freshShard = undefined;
  }

  #freshAsShard(): Shard {
    if (this.#freshShard !== undefined) return this.#freshShard;
    const shard = Shard.of('', [...this.#fresh.values()]);
    this.#number(shard);
    return (this.#freshShard = shard);
  }

  #shardOf(messages: readonly IndexedMessage[]): Shard {
    const shard = Shard.of(toHex(this.#random.bytes(NAME_BYTES)), messages);
    this.#number(shard);
    messages.forEach(({ id }, place) => this.#places.set(id, { shard, place }));
    return shard;
  }

  #number({ content, numbers }: Shard): void {
    content.ids.forEach((id, place) => (numbers[place] = this.#numbers.get(id) ?? -1));
  }
}

function liveOf(shard: Shard): IndexedMessage[] {
  return shard.content.ids.flatMap((_, place) => (shard.isGone(place) ? [] : [shard.message(place)]));
}

/** What follows the other parts. */
function textWordsOf({ words }: IndexedMessage): readonly string[] {
  let at = 0;
  for (let part = 1; part < PARTS.length; part++) at = words.indexOf(BREAK, at) + 1;
  return words.slice(at);
}
