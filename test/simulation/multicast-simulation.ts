/** A deterministic world of multicast machines over a routing oracle: one seed drives ids, delays and loss. */
import { VirtualClock } from '../../src/adapters/memory/clock.ts';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { assert } from '../../src/core/codec/assert.ts';
import { utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import {
  compareDistance,
  idText,
  sharedDigits,
  type Id,
  type Key,
  type NodeId,
} from '../../src/core/codec/id.ts';
import { ok, refuse } from '../../src/core/codec/result.ts';
import type {
  MulticastEffect,
  MulticastMachineEvent,
  Publication,
} from '../../src/core/multicast/machine-events.ts';
import { decodeMessage, encodeMessage } from '../../src/core/multicast/messages.ts';
import { MulticastMachine } from '../../src/core/multicast/multicast-machine.ts';
import type { Gap } from '../../src/core/multicast/multicast.ts';
import type { PublishOutcome } from '../../src/core/multicast/requests.ts';
import type { Way } from '../../src/core/overlay/overlay.ts';
import { unsignedCertificate } from '../support/unsigned-certificate.ts';

export interface MulticastSimulationOptions {
  readonly seed: number | string;
  /** Share of messages that vanish, 0 to 1. Default: 0. */
  readonly loss?: number;
  /** How long links to a dead node look open. Default: 3,000. */
  readonly silenceMs?: number;
  /** Every node routes to the root at once, as in a small ring: roots get as many children as there are. Default: false. */
  readonly straight?: boolean;
  /** Whether two nodes have a link. Default: all have. */
  readonly linked?: (a: SimulatedMember, b: SimulatedMember) => boolean;
}

export interface SimulatedMember {
  readonly name: string;
  readonly nodeId: NodeId;
  machine: MulticastMachine;
  alive: boolean;
  /** Nodes that it believes live, by name. */
  readonly view: Map<string, SimulatedMember>;
  /** How often each multicast was delivered, by `publicationId`. */
  readonly delivered: Map<string, number>;
  readonly gaps: Gap[];
  readonly published: Map<number, PublishOutcome>;
  epoch: number;
  readonly nextSeq: Map<string, number>;
  cancelTimer: () => void;
  /** Counts lives: what was sent to an earlier one does not arrive. */
  life: number;
}

/** As in `delivered`. */
export function publicationId({
  group,
  sender,
  epoch,
  seq,
}: Pick<Publication, 'group' | 'sender' | 'epoch' | 'seq'>): string {
  return [idText(group).slice(0, 8), idText(sender), epoch, seq].join('/');
}

/** What the simulation's senders sign with, and what forgers do. */
export const GOOD_SIGNATURE: Bytes = new Uint8Array(64).fill(1);
export const FORGED_SIGNATURE: Bytes = new Uint8Array(64).fill(2);

export class MulticastSimulation {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly nodes: SimulatedMember[] = [];
  readonly counts = new Map<string, number>();
  /** Messages on links, by type. */
  readonly told = new Map<string, number>();
  readonly #options: Required<MulticastSimulationOptions>;
  #loss: number;
  readonly #calls = new Map<
    number,
    { readonly node: SimulatedMember; readonly root: SimulatedMember; readonly publication: Publication }
  >();
  #lastCall = 0;

  constructor(options: MulticastSimulationOptions) {
    this.#options = { loss: 0, silenceMs: 3_000, straight: false, linked: () => true, ...options };
    this.#loss = this.#options.loss;
    this.random = new SeededRandom(options.seed);
  }

  /** A node that all others know of after their delays. */
  add(nodeId: NodeId = this.random.bytes(32) as Id): SimulatedMember {
    const name = idText(nodeId);
    const node: SimulatedMember = {
      name,
      nodeId,
      machine: undefined as unknown as MulticastMachine,
      alive: false,
      view: new Map(),
      delivered: new Map(),
      gaps: [],
      published: new Map(),
      epoch: 0,
      nextSeq: new Map(),
      cancelTimer: () => undefined,
      life: 0,
    };
    this.nodes.push(node);
    this.start(node);
    return node;
  }

  /** Also after a crash, with nothing but its id. */
  start(node: SimulatedMember): void {
    assert(!node.alive, 'only a dead node is started');
    node.alive = true;
    node.life++;
    node.epoch = this.clock.now();
    node.nextSeq.clear();
    node.view.clear();
    const surroundings = {
      nextHop: (key: Key) => this.#nextHop(node, key),
      isLinked: (nodeId: NodeId) => node.view.has(idText(nodeId)),
      delaysMs: () =>
        new Map([...node.view.values()].map((other) => [other.name, 2 * this.#latency(node, other)])),
    };
    node.machine = new MulticastMachine(
      node.nodeId,
      surroundings,
      new SeededRandom(`${node.name}/${node.life}`),
    );
    for (const other of this.nodes) {
      if (other === node || !other.alive || !this.#options.linked(node, other)) continue;
      node.view.set(other.name, other);
      this.#later(other, this.#latency(node, other), () => this.#meet(other, node));
    }
  }

  /** Ends a node without a word. */
  crash(node: SimulatedMember): void {
    node.cancelTimer();
    node.alive = false;
    const life = ++node.life;
    for (const other of this.nodes)
      if (other.alive && other.view.has(node.name))
        this.#later(other, this.#options.silenceMs, () => {
          if (node.life === life) this.#miss(other, node);
        });
  }

  /** The link between two nodes ends, as both see at once; it is back after `ms`. */
  cut(a: SimulatedMember, b: SimulatedMember, ms: number): void {
    if (a === b || !a.view.has(b.name)) return;
    for (const [node, other] of [
      [a, b],
      [b, a],
    ] as const) {
      this.#miss(node, other);
      this.#later(node, ms, () => this.#meet(node, other));
    }
  }

  /** From now on nothing vanishes. */
  heal(): void {
    this.#loss = 0;
  }

  join(node: SimulatedMember, group: Key): void {
    this.step(node, { type: 'join', group });
  }

  /** The sender's next multicast goes to the root, wherever that is; how it ended is in `published`. */
  publish(node: SimulatedMember, group: Key): { readonly id: string; readonly call: number } {
    const { nodeId: sender, epoch } = node;
    const seq = node.nextSeq.get(idText(group)) ?? 0;
    node.nextSeq.set(idText(group), seq + 1);
    const publication = { group, sender, epoch, seq, payload: utf8('hello'), signature: GOOD_SIGNATURE };
    return { id: publicationId(publication), call: this.hand(node, publication) };
  }

  hand(node: SimulatedMember, publication: Publication): number {
    const call = ++this.#lastCall;
    const root = this.closest(publication.group);
    this.#calls.set(call, { node, root, publication });
    this.#later(root, this.#latency(node, root), () =>
      this.step(root, { type: 'publish', call, publication, wallClock: this.clock.now() }),
    );
    return call;
  }

  /** The node of these that is the root. */
  closest(key: Key, among: readonly SimulatedMember[] = this.live()): SimulatedMember {
    return among.reduce((best, node) => (compareDistance(key, node.nodeId, best.nodeId) < 0 ? node : best));
  }

  live(): readonly SimulatedMember[] {
    return this.nodes.filter(({ alive }) => alive);
  }

  step(node: SimulatedMember, event: MulticastMachineEvent): void {
    if (!node.alive) return;
    for (const effect of node.machine.step(event, this.clock.now())) this.#perform(node, effect);
  }

  /** Parents by child name; asserts what must hold of a tree at rest: one root, no circle, both ends agree. */
  tree(group: Key): Map<string, string> {
    const parents = new Map<string, string>();
    const root = this.closest(group);
    for (const node of this.live()) {
      const here = node.machine.group(group);
      if (here === undefined) continue;
      assert(here.root === (node === root), `${node.name} is ${here.root ? '' : 'not '}root`);
      assert(here.joining === undefined, 'nobody is joining');
      if (here.root) continue;
      assert(here.parent !== undefined, `${node.name} has no parent`);
      parents.set(node.name, here.parent.name);
      const parent = this.nodes.find(({ name }) => name === here.parent!.name)!;
      assert(parent.alive, 'a parent lives');
      assert(parent.machine.group(group)?.children.has(node.name), 'a parent knows its child');
    }
    for (const start of parents.keys()) {
      let [at, depth]: [string | undefined, number] = [start, 0];
      while (at !== root.name) {
        at = parents.get(at!);
        assert(at !== undefined && depth++ < 64, 'every way up leads to the root');
      }
    }
    return parents;
  }

  #perform(node: SimulatedMember, effect: MulticastEffect): void {
    switch (effect.type) {
      case 'tell':
        return this.#tell(node, effect);
      case 'check': {
        const { ticket, publication } = effect;
        const good = publication.signature[0] === 1;
        const sender = good ? ok(unsignedCertificate(publication.sender)) : refuse('bad-signature', 'forged');
        return this.#later(node, 0, () => this.step(node, { type: 'checked', ticket, sender }));
      }
      case 'deliver': {
        const id = publicationId(effect.publication);
        node.delivered.set(id, (node.delivered.get(id) ?? 0) + 1);
        return;
      }
      case 'gap':
        node.gaps.push(effect.gap);
        return;
      case 'published':
        return this.#answer(effect.call, effect.outcome);
      case 'set-timer':
        node.cancelTimer();
        node.cancelTimer = this.clock.after(Math.max(0, effect.at - this.clock.now()), () =>
          this.step(node, { type: 'timer' }),
        );
        return;
      case 'count':
        this.counts.set(effect.name, (this.counts.get(effect.name) ?? 0) + effect.amount);
        return;
      case 'refused':
        this.counts.set(effect.code, (this.counts.get(effect.code) ?? 0) + 1);
        return;
      default:
        return;
    }
  }

  #answer(call: number, outcome: PublishOutcome): void {
    const { node, root, publication } = this.#calls.get(call)!;
    this.#later(node, this.#latency(root, node), () => {
      node.published.set(call, outcome);
      const sender = unsignedCertificate(node.nodeId);
      if (outcome.kind === 'sent') this.step(node, { type: 'sent', publication, sender });
    });
  }

  #tell(from: SimulatedMember, { to, message }: Extract<MulticastEffect, { type: 'tell' }>): void {
    const receiver = from.view.get(idText(to));
    const bytes = encodeMessage(message);
    if (receiver === undefined) return;
    this.told.set(message.type, (this.told.get(message.type) ?? 0) + 1);
    if (this.random.number() < this.#loss) return;
    this.#later(receiver, this.#latency(from, receiver), () => {
      const decoded = decodeMessage(bytes);
      assert(decoded.ok, 'what a machine says decodes');
      this.step(receiver, { type: 'told', from: from.nodeId, message: decoded.value });
    });
  }

  /** Pastry §2.2 with global knowledge: one digit more where there is such a node, else the root. */
  #nextHop(node: SimulatedMember, key: Key): Way {
    let root = node;
    let better: SimulatedMember | undefined;
    const shared = sharedDigits(node.nodeId, key);
    for (const other of node.view.values()) {
      if (compareDistance(key, other.nodeId, root.nodeId) < 0) root = other;
      if (sharedDigits(other.nodeId, key) <= shared) continue;
      if (better === undefined || this.#latency(node, other) < this.#latency(node, better)) better = other;
    }
    if (root === node) return { kind: 'here' };
    const next = this.#options.straight ? root : (better ?? root);
    return { kind: 'next', nodeId: next.nodeId };
  }

  #meet(node: SimulatedMember, other: SimulatedMember): void {
    if (!other.alive) return;
    node.view.set(other.name, other);
    this.step(node, { type: 'links', up: [other.nodeId], down: [] });
    this.step(node, { type: 'routes-changed' });
  }

  #miss(node: SimulatedMember, other: SimulatedMember): void {
    if (!node.view.delete(other.name)) return;
    this.step(node, { type: 'links', up: [], down: [other.nodeId] });
    this.step(node, { type: 'routes-changed' });
  }

  #later(node: SimulatedMember, ms: number, action: () => void): void {
    const { life } = node;
    this.clock.after(ms, () => {
      if (node.alive && node.life === life) action();
    });
  }

  /** 1 to 50 ms, the same in both directions. */
  #latency(a: SimulatedMember, b: SimulatedMember): number {
    return 1 + ((a.nodeId[7]! ^ b.nodeId[7]!) % 50);
  }
}
