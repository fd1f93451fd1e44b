/** The search field and what is found for it, as runes. The work is loaded when the mailbox has been shown, or somebody searches. */
import type { MessageView, OrganizationView } from '../../core/mail/views.ts';
import type { ThreadRow } from '../state/mail-index.ts';
import type { Mailbox } from '../state/mailbox.svelte.ts';
import { sentenceOf } from '../state/mailbox.svelte.ts';
import type { Facts } from './facts.ts';
import type { Progress } from './feeder.ts';
import type { MarkedPart } from './marked-parts.ts';
import type { Fault, Query, TextTerm } from './query.ts';

/** While texts come into the index, what is shown is found anew so often. */
const RENEW_MS = 1_000;
/** A browser that does not say when it is idle (Safari) is believed to be then. */
const IDLE_MS = 2_000;

export interface SearchEvents {
  readonly progressed: (progress: Progress) => void;
  /** The index could not be written to disk. */
  readonly notKept: (reason: string) => void;
}

/** What searching needs beside the field. */
export interface SearchSession {
  readonly parse: (typed: string) => Query;
  readonly wantedWords: (query: Query) => readonly string[];
  readonly factsOf: (query: Query, organization: OrganizationView | undefined) => Facts;
  readonly markedParts: (text: string, wanted: readonly string[]) => readonly MarkedPart[];
  /** Ids of messages; rejects when the index is not to be had. */
  readonly find: (terms: readonly TextTerm[]) => Promise<readonly string[]>;
}

export type OpenSearch = (events: SearchEvents) => Promise<SearchSession>;

export class Search {
  readonly #mailbox: Mailbox;
  readonly #open: OpenSearch;
  #opening = false;
  #session = $state.raw<SearchSession | undefined>(undefined);
  #text = $state('');
  /** Whether the field is there. */
  shown = $state(false);
  /** Ids of messages with the words; undefined while they are not known. */
  #hits = $state.raw<readonly string[] | undefined>(undefined);
  #progress = $state.raw<Progress>({ searched: 0, total: 0 });
  #problem = $state.raw<string | undefined>(undefined);
  #kept = $state(true);
  #renewing = false;
  /** Counts what was asked: an answer to what was asked before is of no use. */
  #asked = 0;

  readonly #query = $derived(this.active ? this.#session?.parse(this.#text) : undefined);
  readonly #facts = $derived.by(
    () => this.#query && this.#session?.factsOf(this.#query, this.#mailbox.organization),
  );
  readonly #wanted = $derived(this.#query ? this.#session!.wantedWords(this.#query) : []);
  readonly #messages = $derived.by((): readonly MessageView[] => {
    const facts = this.#facts;
    if (facts === undefined || this.#hits === undefined) return [];
    return this.#mailbox.messages(this.#hits).filter(facts.accepts);
  });
  /** Threads with what was found of them, newest first. */
  readonly rows: readonly ThreadRow[] = $derived.by(() => this.#mailbox.rowsOf(this.#messages));

  constructor(mailbox: Mailbox, open: OpenSearch) {
    this.#mailbox = mailbox;
    this.#open = open;
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
    if (this.active) void this.#begin();
    void this.#find();
  }

  /** Whether the list is of what is found. */
  get active(): boolean {
    return this.#text.trim() !== '';
  }

  /** Whether what is found is known. */
  get answered(): boolean {
    return this.#hits !== undefined;
  }

  /** How many messages are found. */
  get count(): number {
    return this.#messages.length;
  }

  get progress(): Progress {
    return this.#progress;
  }

  get faults(): readonly Fault[] {
    return this.#facts?.faults ?? [];
  }

  /** A sentence: why nothing can be found. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether the index is on this disk for the next time. */
  get kept(): boolean {
    return this.#kept;
  }

  /** The line with the words in it that were looked for. */
  marked(line: string): readonly MarkedPart[] {
    if (this.#wanted.length === 0 || this.#session === undefined) return [{ text: line, marked: false }];
    return this.#session.markedParts(line, this.#wanted);
  }

  end(): void {
    this.shown = false;
    this.text = '';
  }

  /** The mailbox has been shown: as soon as the page has nothing to do, it is indexed. */
  beginWhenIdle(): void {
    if ('requestIdleCallback' in window) requestIdleCallback(() => void this.#begin());
    else setTimeout(() => void this.#begin(), IDLE_MS);
  }

  async #begin(): Promise<void> {
    if (this.#opening) return;
    this.#opening = true;
    try {
      this.#session = await this.#open({
        progressed: (progress) => this.#progressed(progress),
        notKept: () => (this.#kept = false),
      });
      this.#problem = undefined;
      await this.#find();
    } catch (error) {
      // What is typed next tries again.
      this.#opening = false;
      this.#problem = sentenceOf(error);
    }
  }

  #progressed(progress: Progress): void {
    this.#progress = progress;
    if (this.#renewing || !this.active) return;
    this.#renewing = true;
    setTimeout(() => {
      this.#renewing = false;
      void this.#find();
    }, RENEW_MS);
  }

  /** What was found before stays until the answer is there. */
  async #find(): Promise<void> {
    const asked = ++this.#asked;
    if (!this.active) this.#hits = undefined;
    if (this.#session === undefined || this.#query === undefined) return;
    const { text } = this.#query;
    try {
      const hits = text.length === 0 ? this.#mailbox.ids() : await this.#session.find(text);
      if (asked === this.#asked) this.#hits = hits;
    } catch (error) {
      if (asked === this.#asked) this.#problem = sentenceOf(error);
    }
  }
}
