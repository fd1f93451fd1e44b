/** Two link machines back to back over a pipe that the test controls; checks are the real ones. */
import type { Bytes } from '../../src/core/codec/bytes.ts';
import { compareBytes, equalBytes } from '../../src/core/codec/bytes.ts';
import { refuse, type Result } from '../../src/core/codec/result.ts';
import { checkContact, type Contact } from '../../src/core/overlay/contact.ts';
import { helloCodec, type Hello } from '../../src/core/overlay/link/hello.ts';
import { LinkMachine, type LinkEffect, type LinkEvent } from '../../src/core/overlay/link/machine.ts';
import { createTestRing } from './ring.ts';

/** One end: its machine, what it did, and what waits on the wire. */
export class LinkEnd {
  readonly machine: LinkMachine;
  readonly contact: Contact;
  readonly effects: LinkEffect[] = [];
  /** Written and not yet delivered. */
  wire: Bytes[] = [];
  now = 1_000;

  constructor(contact: Contact, hello: Bytes, arbiter: boolean) {
    this.contact = contact;
    this.machine = new LinkMachine({ hello, arbiter, now: this.now });
  }

  step(event: LinkEvent): readonly LinkEffect[] {
    const effects = this.machine.step(event, this.now);
    this.effects.push(...effects);
    for (const effect of effects) if (effect.type === 'write') this.wire.push(effect.bytes);
    return effects;
  }

  /** Writes all that may be written. */
  flush(): void {
    while (this.machine.hasOutput) this.step({ type: 'writable' });
  }

  send(message: Bytes, lane: 'control' | 'bulk', ticket: number): void {
    this.step({ type: 'send', message, lane, ticket });
  }

  of<T extends LinkEffect['type']>(type: T): (LinkEffect & { readonly type: T })[] {
    return this.effects.filter((effect): effect is LinkEffect & { readonly type: T } => effect.type === type);
  }

  get types(): string[] {
    return this.effects.map(({ type }) => type).filter((type) => type !== 'write');
  }
}

export async function encodedHello(contact: Contact, changes: Partial<Hello> = {}): Promise<Bytes> {
  const { trust } = await createTestRing('link');
  const { certificate } = contact;
  return helloCodec.encode({
    v: 1,
    ring: trust.ring,
    certificate,
    addresses: [],
    at: 0,
    ...changes,
  });
}

export class LinkPair {
  readonly arbiter: LinkEnd;
  readonly other: LinkEnd;

  private constructor(arbiter: LinkEnd, other: LinkEnd) {
    this.arbiter = arbiter;
    this.other = other;
  }

  static async create(): Promise<LinkPair> {
    const ring = await createTestRing('link');
    const members = [await ring.contact('a'), await ring.contact('b')].map(({ contact }) => contact);
    const [small, large] = members.sort((a, b) => compareBytes(a.peerKey, b.peerKey)) as [Contact, Contact];
    return new LinkPair(
      new LinkEnd(small, await encodedHello(small), true),
      new LinkEnd(large, await encodedHello(large), false),
    );
  }

  static async up(): Promise<LinkPair> {
    const pair = await LinkPair.create();
    pair.arbiter.step({ type: 'opened' });
    pair.other.step({ type: 'opened' });
    await pair.settle();
    return pair;
  }

  /** Delivers one thing that `from` wrote; false when there is nothing. */
  deliver(from: LinkEnd): boolean {
    const bytes = from.wire.shift();
    if (bytes === undefined) return false;
    this.peerOf(from).step({ type: 'received', bytes });
    return true;
  }

  peerOf(end: LinkEnd): LinkEnd {
    return end === this.arbiter ? this.other : this.arbiter;
  }

  /** Writes, delivers, checks and accepts until nothing happens any more. */
  async settle(): Promise<void> {
    const answered = new Set<LinkEffect>();
    for (let busy = true; busy;) {
      busy = false;
      for (const end of [this.arbiter, this.other]) {
        end.flush();
        while (this.deliver(end)) busy = true;
        for (const effect of end.effects.filter((candidate) => !answered.has(candidate))) {
          answered.add(effect);
          if (effect.type === 'check')
            end.step({ type: 'checked', result: await this.#check(end, effect.hello) });
          else if (effect.type === 'agreed') end.step({ type: 'accept' });
          else continue;
          busy = true;
        }
      }
    }
  }

  async #check(end: LinkEnd, { certificate, addresses }: Hello): Promise<Result<Contact>> {
    const { trust } = await createTestRing('link');
    const checked = await checkContact({ certificate, addresses }, trust, 0);
    if (!checked.ok || equalBytes(checked.value.peerKey, this.peerOf(end).contact.peerKey)) return checked;
    return refuse('wrong-peer-key', 'a certificate of another peer key');
  }
}
