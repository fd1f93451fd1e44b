/** Finds the people whom one writes to, by what was typed or by address, and says what the mailbox is to note of them. */
import { toHex } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { canonicalAddress } from '../identity/names.ts';
import { identityKeyOf, type Accounts, type Person } from '../post/accounts.ts';
import { mapBounded } from '../post/bounded.ts';
import { PostError } from '../post/post-error.ts';
import { StorageError } from '../storage/storage.ts';
import type { Change } from './entries.ts';
import { explain, MailError } from './mail-error.ts';
import type { Mailbox } from './mailbox.ts';
import { personView, trustIn } from './mailbox-view.ts';
import { sentence } from './sentences.ts';
import type { PersonView } from './views.ts';

/** Sending waits so long for the answer whether a recipient exists; after that it is found out on the way. */
export const EXISTENCE_TIMEOUT_MS = 3_000;
const LOOKUPS_AT_ONCE = 4;

export interface DirectoryPorts {
  readonly accounts: Accounts;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
  /** Of the person's own organization. */
  readonly domain: string;
  /** Whether there is a ring beyond this node. */
  readonly connected: () => boolean;
}

export class Directory {
  readonly #ports: DirectoryPorts;

  constructor(ports: DirectoryPorts) {
    this.#ports = ports;
  }

  /** Who is meant, and what the mailbox is to note of them. Rejects with MailError `bad-address`, `no-such-recipient`, `unreachable`. */
  async find(typed: string): Promise<{ readonly view: PersonView; readonly changes: readonly Change[] }> {
    const { accounts, mailbox, domain } = this.#ports;
    const address = canonicalAddress(typed, domain);
    if (!address.ok) throw new MailError('bad-address', address.reason);
    this.assertReachable(address.value);
    try {
      const person = await accounts.find(address.value);
      return { view: this.#viewOf(person), changes: this.meetings([person]) };
    } catch (error) {
      if (error instanceof PostError && error.code === 'no-devices')
        return { view: personView({ name: '', address: address.value }, mailbox), changes: [] };
      // Whoever was found once can be written to without a network.
      const known = error instanceof StorageError && (await accounts.known(address.value));
      if (known) return { view: this.#viewOf(known), changes: [] };
      throw explain(error, this.#nobody(address.value));
    }
  }

  /** People of these addresses as far as they are known now. Rejects with MailError `no-such-recipient`. */
  async lookUp(addresses: readonly string[]): Promise<ReadonlyMap<string, Person>> {
    const found = new Map<string, Person>();
    const lookups = mapBounded(addresses, LOOKUPS_AT_ONCE, async (address) => {
      const person = await this.#findOrWait(address);
      if (person !== undefined) found.set(address, person);
    });
    await this.#within(EXISTENCE_TIMEOUT_MS, lookups);
    return new Map(found);
  }

  async #findOrWait(address: string): Promise<Person | undefined> {
    const { accounts, connected } = this.#ports;
    const known = await accounts.known(address);
    if (known !== undefined || !connected()) return known;
    try {
      return await accounts.find(address);
    } catch (error) {
      const explained = explain(error, this.#nobody(address));
      if (explained instanceof MailError && explained.code === 'no-such-recipient') throw explained;
      return undefined; // Not known now: it is found out on the way.
    }
  }

  async #within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
    let cancel: () => void = () => undefined;
    const timeout = new Promise<void>((resolve) => {
      cancel = this.#ports.clock.after(timeoutMs, resolve);
    });
    try {
      await Promise.race([work, timeout]);
    } finally {
      cancel();
      work.catch(() => undefined); // Too late to matter: the message was accepted without the answer.
    }
  }

  /** Changes for people who are new, or have a new name or key. */
  meetings(people: readonly Person[]): Change[] {
    return people.flatMap((person): Change[] => {
      const { name: address, displayName: name } = person.block;
      const identityKey = identityKeyOf(person);
      const known = this.#ports.mailbox.person(address);
      if (known?.name === name && toHex(known.identityKey) === toHex(identityKey)) return [];
      return [{ kind: 'person', address, name, identityKey }];
    });
  }

  #viewOf(person: Person): PersonView {
    const { name: address, displayName: name } = person.block;
    const identityKey = toHex(identityKeyOf(person));
    return { address, name, identityKey, ...trustIn(address, identityKey, this.#ports.mailbox) };
  }

  /** Throws MailError `no-such-recipient`. */
  assertReachable(address: string): void {
    if (address.endsWith(`@${this.#ports.domain}`)) return;
    throw new MailError(
      'no-such-recipient',
      sentence('mail/other-organization', { address, domain: this.#ports.domain }),
    );
  }

  #nobody(address: string): string {
    return sentence('mail/nobody', { address, domain: this.#ports.domain });
  }
}
