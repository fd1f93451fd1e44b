/** The types of the catalogue: keys and parameters as the English messages have them. */
import type { GetICUArgs } from '@schummar/icu-type-parser';
import type { messages as english } from './en/messages.ts';

type Source = typeof english;

/** Plurals and numbers take a number; everything else that a message names takes a text or a number. */
interface Arguments {
  ICUNumberArgument: number;
  ICUArgument: string | number;
}

/** A text without parameters is a string, any other a function of them. */
export type Message<Text extends string> = keyof GetICUArgs<Text, Arguments> extends never
  ? string
  : (parameters: GetICUArgs<Text, Arguments>) => string;

/** A language's messages, compiled: nested as they are in the source. */
export type Messages = Compiled<Source>;

type Compiled<Entry> = {
  readonly [Key in keyof Entry]: Entry[Key] extends string ? Message<Entry[Key]> : Compiled<Entry[Key]>;
};

/** What a translation has to have: every key, and no other. Parameters are compared by a test. */
export type Translation<Area extends keyof Source = keyof Source> = Translated<Source[Area]>;

type Translated<Entry> = {
  readonly [Key in keyof Entry]: Entry[Key] extends string ? string : Translated<Entry[Key]>;
};
