/**
 * Nodes that lie (Castro et al. 2002, §2.1: a coalition whose members know each other). From outside each looks like the
 * overlay's machine, and is one, but for what its kind of malice changes.
 */
import type { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import type { Id, Key, NodeId } from '../../../src/core/codec/id.ts';
import { toWire, type Contact, type WireContact } from '../../../src/core/overlay/contact.ts';
import { LEAF_SET_SIZE } from '../../../src/core/overlay/leaf-set.ts';
import type { OverlayEffect, OverlayMachineEvent } from '../../../src/core/overlay/machine-events.ts';
import { HOPS_MAX, type MessageOf, type OverlayMessage } from '../../../src/core/overlay/messages.ts';
import type { Way } from '../../../src/core/overlay/overlay.ts';
import { forgedContact, type Directory } from './directory.ts';
import type { RingMachine } from './node.ts';
import { SortedRing } from './truth.ts';

/**
 * `drop`: acknowledges what it should pass on, and drops it. `misroute`: passes it to anybody. `lie`: names members of the
 * coalition as its neighbours. `forge`: names nodes that it made up. `eclipse`: lies, and answers for every key with the
 * members of the coalition that are nearest to it. `omit`: behaves, but leaves the honest replicas of a key out of what it says
 * of its neighbourhood. All but `drop` and `misroute` answer what is asked of a service that the coalition knows to lie for.
 */
export const malices = ['drop', 'misroute', 'lie', 'forge', 'eclipse', 'omit'] as const;
export type Malice = (typeof malices)[number];

/** Contacts that a liar passes on at once. */
const LIES_MAX = 16;

type Asked = MessageOf<'lookup' | 'routed-request'>;

/** What an ask is answered with; undefined: it is dropped. */
export type LyingService = (key: Key, body: Bytes, liar: Contact, malice: Malice) => Bytes | undefined;

/** What the liars know in common. */
export class Coalition {
  /** Before it is, its members behave. */
  active = false;
  /** Answers to asks of a service, by its name. */
  readonly services = new Map<string, LyingService>();
  readonly random: SeededRandom;
  readonly #directory: Directory;
  readonly #members: SortedRing;
  readonly #running: SortedRing;

  constructor(directory: Directory, random: SeededRandom) {
    this.#directory = directory;
    this.#members = new SortedRing(directory);
    this.#running = new SortedRing(directory);
    this.random = random;
  }

  /** A node whose certificate the coalition has. */
  add(node: number, runs: boolean): void {
    this.#members.add(node);
    if (runs) this.#running.add(node);
  }

  /** Of its members that run, those nearest to a place on the ring, nearest first. */
  running(place: Id, count: number): readonly number[] {
    return this.#running.nearest(place, count);
  }

  /** Of its members, those nearest to a place on the ring, nearest first. */
  nearest(place: Id, count: number): readonly Contact[] {
    return this.#members.nearest(place, count).map((node) => this.#directory.contact(node));
  }
}

/** In the place of a node's overlay machine. */
export class MaliciousMachine implements RingMachine {
  readonly malice: Malice;
  readonly #inner: RingMachine;
  readonly #self: Contact;
  readonly #coalition: Coalition;

  constructor(malice: Malice, inner: RingMachine, self: Contact, coalition: Coalition) {
    this.malice = malice;
    this.#inner = inner;
    this.#self = self;
    this.#coalition = coalition;
  }

  get ready(): boolean {
    return this.#inner.ready;
  }

  get pendingCount(): number {
    return this.#inner.pendingCount;
  }

  leafSet(): readonly Contact[] {
    return this.#inner.leafSet();
  }

  closest(key: Key, count: number): readonly Contact[] {
    return this.#inner.closest(key, count);
  }

  contact(nodeId: NodeId): Contact | undefined {
    return this.#inner.contact(nodeId);
  }

  nextHop(key: Key, now: number): Way {
    return this.#inner.nextHop(key, now);
  }

  isLinked(nodeId: NodeId): boolean {
    return this.#inner.isLinked(nodeId);
  }

  step(event: OverlayMachineEvent, now: number): readonly OverlayEffect[] {
    if (!this.#coalition.active) return this.#inner.step(event, now);
    if (event.type === 'message') {
      const { message, from } = event;
      if (message.type === 'lookup' || message.type === 'routed-request') {
        const instead = this.#misbehave(message, from);
        if (instead !== undefined) return instead;
      }
    }
    const effects = this.#inner.step(event, now);
    if (this.malice === 'drop' || this.malice === 'misroute' || this.malice === 'omit') return effects;
    return effects.map((effect) =>
      effect.type === 'send' ? { ...effect, message: this.#twisted(effect.to, effect.message) } : effect,
    );
  }

  /** What happens to a message of others; undefined: what should. */
  #misbehave(message: Asked, from: NodeId): readonly OverlayEffect[] | undefined {
    switch (this.malice) {
      case 'drop':
        return [this.#acknowledge(message, from)];
      case 'misroute':
        return this.#misrouted(message, from);
      case 'eclipse':
        return this.#eclipsed(message, from);
      default: {
        const lies = message.type === 'routed-request' && this.#coalition.services.has(message.service);
        return lies ? this.#eclipsed(message, from) : undefined;
      }
    }
  }

  #misrouted(message: Asked, from: NodeId): readonly OverlayEffect[] {
    const { random } = this.#coalition;
    const anybody = this.#inner
      .closest(random.bytes(32) as Key, LIES_MAX)
      .filter(({ nodeId }) => nodeId !== from);
    const to = anybody[random.below(anybody.length)];
    const acknowledged = this.#acknowledge(message, from);
    if (to === undefined || to === this.#self || message.hops.length >= HOPS_MAX) return [acknowledged];
    const passedOn = { ...message, hops: [...message.hops, this.#self.nodeId] };
    return [acknowledged, send(to.nodeId, passedOn)];
  }

  #eclipsed(message: Asked, from: NodeId): readonly OverlayEffect[] {
    const { id, target, hops } = message;
    const reply = (outcome: MessageOf<'reply'>['outcome']): readonly OverlayEffect[] => [
      send(from, { type: 'reply', id, hopCount: hops.length, outcome }),
    ];
    if (message.type === 'lookup') {
      const nearest = this.#coalition.nearest(target, LEAF_SET_SIZE + 1).map(({ nodeId }) => nodeId);
      return reply({ kind: 'root', nearest });
    }
    const body = this.#coalition.services.get(message.service)?.(
      target,
      message.body,
      this.#self,
      this.malice,
    );
    return body === undefined ? [this.#acknowledge(message, from)] : reply({ kind: 'response', body });
  }

  #acknowledge({ id }: Asked, from: NodeId): OverlayEffect {
    return send(from, { type: 'ack', id, taken: true });
  }

  /** What it says of its neighbours. */
  #twisted(to: NodeId, message: OverlayMessage): OverlayMessage {
    switch (message.type) {
      case 'announce':
      case 'leave':
        return { ...message, nodes: this.#neighboursFor(to) };
      case 'contacts':
      case 'joined':
        return { ...message, contacts: this.#contactsFor(to) };
      default:
        return message;
    }
  }

  #neighboursFor(to: NodeId): NodeId[] {
    if (this.malice === 'forge') return Array.from({ length: LIES_MAX }, () => this.#madeUp(to));
    return this.#coalition.nearest(to, LIES_MAX).map(({ nodeId }) => nodeId);
  }

  #contactsFor(to: NodeId): WireContact[] {
    if (this.malice === 'forge')
      return Array.from({ length: LIES_MAX }, () => forgedContact(this.#madeUp(to)));
    return this.#coalition.nearest(to, LIES_MAX).map((contact) => toWire(contact, [this.#self.nodeId]));
  }

  /** An id beside the receiver's. */
  #madeUp(near: NodeId): NodeId {
    const id = this.#coalition.random.bytes(32);
    id.set(near.subarray(0, 4));
    return id;
  }
}

function send(to: NodeId, message: OverlayMessage): OverlayEffect {
  return { type: 'send', to, message, lane: 'control' };
}
