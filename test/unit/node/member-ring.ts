/** A ring of real members over the network in memory, with a relay that keeps replicas: time passes only when it is told to. */
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { MemoryHub } from '../../../src/adapters/memory/network.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import type { RingDescriptor } from '../../../src/core/identity/certificates.ts';
import type { Membership } from '../../../src/core/identity/join.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';
import type { Draft, MessageView } from '../../../src/core/mail/views.ts';
import type { Client, NodeSnapshot } from '../../../src/core/node/client.ts';
import { createMember } from '../../../src/core/node/create-member.ts';
import type { Member, MemberPorts } from '../../../src/core/node/member.ts';
import { createReplicaNode, type ReplicaNode } from '../../../src/core/node/replica-node.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { KeyValueStore } from '../../../src/core/storage/key-value-store.ts';
import { createTestRing, type NodeCertificateChanges, type TestRing } from '../../support/ring.ts';
import { turn } from '../../support/turn.ts';

/** Virtual milliseconds that pass while the event loop turns once. */
const STEP_MS = 2;

export class MemberRing {
  readonly clock = new VirtualClock();
  readonly hub: MemoryHub;
  readonly ring: TestRing;
  readonly seed: string;
  relay!: ReplicaNode;
  relayContact!: Contact;
  descriptor!: RingDescriptor;
  readonly relayStore = new MemoryKeyValueStore();

  private constructor(seed: string, ring: TestRing) {
    this.seed = seed;
    this.ring = ring;
    this.hub = new MemoryHub({ clock: this.clock, trust: ring.trust });
  }

  static async create(seed: string): Promise<MemberRing> {
    const self = new MemberRing(seed, await createTestRing(seed));
    await self.startRelay();
    return self;
  }

  /** The relay keeps its disk over restarts. */
  async startRelay(): Promise<void> {
    const vault = await this.newVault('relay');
    const state = await vault.state();
    if (state.state === 'empty') throw new Error('the relay has no keys');
    const { contact } = await this.ring.contact('relay', 'relay', { peerKey: state.peerKey });
    this.relayContact = { ...contact, peerKey: state.peerKey };
    this.descriptor = await this.ring.describe([this.relayContact]);
    this.relay = await createReplicaNode({
      contact: this.relayContact,
      trust: this.ring.trust,
      descriptor: this.descriptor.body,
      network: this.hub.network(this.relayContact),
      store: this.relayStore,
      vault,
      clock: this.clock,
      random: new SeededRandom(`${this.seed}/relay`),
      counters: new Counters(() => this.clock.now()),
    });
    await this.passing(this.relay.start([]));
  }

  /** The same name gives the same keys. */
  async newVault(name: string): Promise<Vault> {
    const vault = memoryVault(new SeededRandom(`${this.seed}/vault/${name}`));
    await vault.begin();
    await vault.commit();
    return vault;
  }

  /** A person who joined, with an empty disk; `open` starts the node. */
  async person(name: string, changes: NodeCertificateChanges = {}): Promise<TestPerson> {
    const vault = memoryVault(new SeededRandom(`${this.seed}/vault/${name}`));
    const { words } = await vault.begin();
    await vault.commit();
    return TestPerson.create(this, name, name, vault, words, changes);
  }

  /** A further device of a person, from the words. */
  async device(person: TestPerson, nodeName: string): Promise<TestPerson> {
    const vault = memoryVault(new SeededRandom(`${this.seed}/vault/${nodeName}`));
    const restored = await vault.restore(person.words);
    if (!restored.ok) throw new Error(restored.reason);
    await vault.commit();
    return TestPerson.create(this, person.name, nodeName, vault, person.words);
  }

  /** Opens the nodes of several new people and waits until they know each other. */
  async people(...names: string[]): Promise<TestPerson[]> {
    const people: TestPerson[] = [];
    for (const name of names) {
      const person = await this.person(name);
      await person.open();
      people.push(person);
    }
    await this.until(async () => {
      const states = await Promise.all(people.map((person) => person.client.snapshot()));
      return states.every(({ connection }) => connection.state === 'online');
    });
    for (const person of people) await this.until(() => this.published(person.address));
    return people;
  }

  /** Whether the identity block of an address is in the ring. */
  async published(address: string): Promise<boolean> {
    const certificate = await this.passing(this.relay.storage.getCertificate(address));
    if (certificate === undefined) return false;
    return (
      (await this.passing(this.relay.storage.getRecord(certificate.body.signKey, 'identity'))) !== undefined
    );
  }

  /** Lets time pass until the condition holds; fails after `maxMs` virtual milliseconds. */
  async until(condition: () => boolean | Promise<boolean>, maxMs = 40_000): Promise<void> {
    const end = this.clock.now() + maxMs;
    while (!(await condition())) {
      if (this.clock.now() > end) throw new Error(`not within ${maxMs} ms: ${condition.toString()}`);
      await this.step();
    }
  }

  /** Lets time pass until the promise is settled. */
  async passing<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    await this.until(() => settled);
    return promise;
  }

  async step(stepMs = STEP_MS): Promise<void> {
    this.clock.advance(stepMs);
    await turn();
  }

  /** Lets `ms` pass, with the work that it sets going; `stepMs` at a time. */
  async pass(ms: number, stepMs = STEP_MS): Promise<void> {
    const end = this.clock.now() + ms;
    while (this.clock.now() < end) await this.step(stepMs);
  }
}

export class TestPerson {
  readonly name: string;
  readonly words: readonly string[];
  readonly vault: Vault;
  readonly membership: Membership;
  readonly counters: Counters;
  store: KeyValueStore = new MemoryKeyValueStore();
  member: Member | undefined;
  readonly #net: MemberRing;
  readonly #nodeName: string;

  private constructor(
    net: MemberRing,
    name: string,
    nodeName: string,
    vault: Vault,
    words: readonly string[],
    membership: Membership,
  ) {
    this.#net = net;
    this.name = name;
    this.#nodeName = nodeName;
    this.vault = vault;
    this.words = words;
    this.membership = membership;
    this.counters = new Counters(() => net.clock.now());
  }

  static async create(
    net: MemberRing,
    name: string,
    nodeName: string,
    vault: Vault,
    words: readonly string[],
    changes: NodeCertificateChanges = {},
  ): Promise<TestPerson> {
    const state = await vault.state();
    if (state.state === 'empty') throw new Error('a person without keys');
    const membership: Membership = {
      v: 1,
      identityCertificate: await net.ring.identityCertificate(name, state.identityKey),
      nodeCertificate: await net.ring.nodeCertificate(nodeName, state.peerKey, {
        name: `${name}@example.org`,
        ...changes,
      }),
      descriptor: net.descriptor,
      ringSecret: new Uint8Array(32).fill(7),
      displayName: name[0]!.toUpperCase() + name.slice(1),
    };
    return new TestPerson(net, name, nodeName, vault, words, membership);
  }

  get address(): string {
    return `${this.name}@example.org`;
  }

  get client(): Client {
    if (this.member === undefined) throw new Error(`${this.name} is not open`);
    return this.member.client;
  }

  get contact(): Contact {
    const certificate = this.membership.nodeCertificate;
    const { nodeId, peerKey, role } = certificate.body;
    return { nodeId, peerKey, role, certificate, addresses: [] };
  }

  /** Starts the node; `store` replaces the disk, `more` what else it is given. */
  async open(store: KeyValueStore = this.store, more: Partial<MemberPorts> = {}): Promise<void> {
    this.store = store;
    this.member = await createMember({
      membership: this.membership,
      vault: this.vault,
      network: this.#net.hub.network(this.contact),
      store,
      clock: this.#net.clock,
      random: new SeededRandom(`${this.#net.seed}/${this.#nodeName}/${this.#net.clock.now()}`),
      counters: this.counters,
      bootstrap: [this.#net.relayContact],
      deviceLabel: 'Test',
      persisted: () => true,
      ...more,
    });
  }

  async online(): Promise<void> {
    await this.#net.until(async () => (await this.snapshot()).connection.state === 'online');
  }

  /** Closes the tab as one should. */
  async close(): Promise<void> {
    const { member } = this;
    if (member === undefined) return;
    this.member = undefined;
    // The disk in memory is opened again later: it must survive being closed.
    const { store } = this;
    await this.#net.passing(member.stop());
    if (store instanceof MemoryKeyValueStore) store.reopen();
  }

  async allowReadReceipts(allowed: boolean): Promise<void> {
    await this.member?.client.change({ kind: 'setting', setting: { name: 'read-receipts', value: allowed } });
  }

  snapshot(): Promise<NodeSnapshot> {
    return this.client.snapshot();
  }

  async messages(folder?: MessageView['folder']): Promise<readonly MessageView[]> {
    const { messages } = await this.snapshot();
    return folder === undefined ? messages : messages.filter((message) => message.folder === folder);
  }

  /** The message with this subject, once it is there and `condition` holds. */
  async message(
    subject: string,
    folder: MessageView['folder'],
    condition: (message: MessageView) => boolean = () => true,
  ): Promise<MessageView> {
    let found: MessageView | undefined;
    await this.#net.until(async () => {
      found = (await this.messages(folder)).find((message) => message.subject === subject);
      return found !== undefined && condition(found);
    });
    return found!;
  }

  async send(to: string | readonly string[], subject: string, more: Partial<Draft> = {}): Promise<string> {
    return this.#net.passing(this.client.send(draft(to, subject, more)));
  }
}

export function draft(to: string | readonly string[], subject: string, more: Partial<Draft> = {}): Draft {
  return {
    to: typeof to === 'string' ? [to] : to,
    cc: [],
    subject,
    text: `Text of ${subject}`,
    html: undefined,
    files: [],
    forwarded: [],
    inReplyTo: undefined,
    ...more,
  };
}
