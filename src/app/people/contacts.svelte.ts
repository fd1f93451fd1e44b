/** The people whom one has met, as runes: asked for again whenever the mailbox says something new. */
import type { ContactView } from '../../core/mail/views.ts';
import type { Mailbox } from '../state/mailbox.svelte.ts';
import { sentenceOf } from '../state/mailbox.svelte.ts';

export class Contacts {
  readonly #mailbox: Mailbox;
  #list = $state.raw<readonly ContactView[]>();
  #problem = $state<string>();
  #asking = false;
  #askAgain = false;

  /** Within a component: it follows the mailbox as long as that is there. */
  constructor(mailbox: Mailbox) {
    this.#mailbox = mailbox;
    $effect(() => {
      void mailbox.state;
      void this.#ask();
    });
  }

  /** In no order, without oneself; undefined before they are known. */
  get list(): readonly ContactView[] | undefined {
    return this.#list;
  }

  /** Why they could not be had; a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** One question at a time; what changes meanwhile is asked for after it. */
  async #ask(): Promise<void> {
    this.#askAgain = true;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#askAgain) {
      this.#askAgain = false;
      try {
        const self = this.#mailbox.self?.address;
        this.#list = (await this.#mailbox.client.people()).filter(({ address }) => address !== self);
        this.#problem = undefined;
      } catch (error) {
        this.#problem = sentenceOf(error);
      }
    }
    this.#asking = false;
  }
}

/** Those in whose name or address every word occurs; case and accents do not matter. */
export function found<Person extends { readonly name: string; readonly address: string }>(
  people: readonly Person[],
  query: string,
): readonly Person[] {
  const words = folded(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  return people.filter(({ name, address }) => {
    const text = folded(`${name} ${address}`);
    return words.every((word) => text.includes(word));
  });
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
