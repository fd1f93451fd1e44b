/** A deterministic world of overlay machines: one seed drives ids, delays, loss and the order of everything. */
import { VirtualClock } from '../../src/adapters/memory/clock.ts';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { assert } from '../../src/core/codec/assert.ts';
import { compareDistance, idText, type Id, type Key, type NodeId } from '../../src/core/codec/id.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import type { Role } from '../../src/core/identity/certificates.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';
import { contactOf, simulatedContact } from '../support/simulated-contact.ts';
import type {
  CallOutcome,
  OverlayEffect,
  OverlayMachineEvent,
} from '../../src/core/overlay/machine-events.ts';
import { overlayCodec, type OverlayMessage } from '../../src/core/overlay/messages.ts';
import { OverlayMachine } from '../../src/core/overlay/overlay-machine.ts';
import { utf8, type Bytes } from '../../src/core/codec/bytes.ts';

export interface SimulationOptions {
  readonly seed: number | string;
  /** Sends every message through the codec: its schema and bounds are checked, its bytes counted. Default: false. */
  readonly encode?: boolean;
  /** Share of messages that vanish, 0 to 1. Default: 0. */
  readonly loss?: number;
  /** How long links to a dead node look open; Infinity: until probes find out. Default: 3,000. */
  readonly silenceMs?: number;
}

export interface SimulatedNode {
  readonly name: string;
  readonly contact: Contact;
  machine: OverlayMachine;
  alive: boolean;
  /** Links by name of the other end; the object is shared by both ends. */
  readonly links: Map<string, { open: boolean }>;
  cancelTimer: () => void;
  /** Counts lives: what was sent to an earlier one does not arrive. */
  life: number;
}

/** How a call ended. `acceptable`: names of the nodes that were the true root at some time while it was under way. */
export interface Ended {
  readonly outcome: CallOutcome;
  readonly tookMs: number;
  readonly acceptable: ReadonlySet<string>;
}

interface OpenCall {
  readonly key: Key;
  readonly startedAt: number;
  readonly acceptable: Set<string>;
  readonly end: (ended: Ended) => void;
}

const DIAL_TIMEOUT_MS = 1_000;

export class OverlaySimulation {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly nodes = new Map<string, SimulatedNode>();
  readonly refusals = new Map<string, number>();
  messages = 0;
  bytes = 0;
  dials = 0;
  /** A running hash of every event: two runs of one seed have the same. */
  trace: Bytes = utf8('');
  readonly #options: Required<SimulationOptions>;
  readonly #calls = new Map<number, OpenCall>();
  #nextCall = 1;
  #groupOf: (node: SimulatedNode) => number = () => 0;

  constructor(options: SimulationOptions) {
    this.#options = { encode: false, loss: 0, silenceMs: 3_000, ...options };
    this.random = new SeededRandom(options.seed);
  }

  /** A new node, not started. */
  add(role: Role = 'tab'): SimulatedNode {
    const contact = simulatedContact(this.random.bytes(32) as Id, role);
    const node: SimulatedNode = {
      name: idText(contact.nodeId),
      contact,
      machine: new OverlayMachine(contact, new SeededRandom(idText(contact.nodeId))),
      alive: false,
      links: new Map(),
      cancelTimer: () => undefined,
      life: 0,
    };
    this.nodes.set(node.name, node);
    return node;
  }

  start(node: SimulatedNode, bootstrap: readonly SimulatedNode[]): void {
    node.alive = true;
    this.step(node, { type: 'start', bootstrap: bootstrap.map(({ contact }) => contact) });
  }

  /** A crashed node comes back with nothing but its id. */
  restart(node: SimulatedNode, bootstrap: readonly SimulatedNode[]): void {
    assert(!node.alive, 'only a dead node is restarted');
    node.machine = new OverlayMachine(node.contact, new SeededRandom(`${node.name}/${node.life}`));
    this.start(node, bootstrap);
  }

  /** Ends a node without a word. */
  crash(node: SimulatedNode): void {
    this.#end(node);
    for (const [name, link] of node.links) {
      const other = this.nodes.get(name)!;
      if (this.#options.silenceMs === Infinity) continue;
      this.clock.after(this.#options.silenceMs, () => this.#linkDown(other, node, link, 'lost'));
    }
    node.links.clear();
  }

  leave(node: SimulatedNode): void {
    this.step(node, { type: 'leave' });
    this.#end(node);
    for (const [name, link] of node.links) {
      const other = this.nodes.get(name)!;
      this.clock.after(this.#latency(node, other) + 1, () => this.#linkDown(other, node, link, 'closed'));
    }
    node.links.clear();
  }

  /** Only nodes of one group reach each other from now on. */
  partition(groupOf: (node: SimulatedNode) => number): void {
    this.#groupOf = groupOf;
    for (const node of this.nodes.values()) {
      for (const [name, link] of node.links) {
        const other = this.nodes.get(name)!;
        if (this.#reaches(node, other)) continue;
        this.clock.after(this.#options.silenceMs, () => this.#linkDown(node, other, link, 'lost'));
      }
    }
  }

  run(ms: number): void {
    this.clock.advance(ms);
  }

  /** Runs until the condition holds; false when it does not within `ms`. */
  runUntil(condition: () => boolean, ms: number): boolean {
    const end = this.clock.now() + ms;
    while (!condition()) {
      const next = this.clock.nextAt();
      if (next === undefined || next > end) return false;
      this.clock.advance(next - this.clock.now());
    }
    return true;
  }

  lookup(from: SimulatedNode, key: Key, timeoutMs = 10_000): { ended: Ended | undefined } {
    return this.#call(key, (call) => this.step(from, { type: 'lookup', call, key, timeoutMs }));
  }

  request(from: SimulatedNode, to: NodeId, body: Bytes, timeoutMs = 10_000): { ended: Ended | undefined } {
    return this.#call(to, (call) =>
      this.step(from, { type: 'request', call, to, service: 'echo', body, timeoutMs }),
    );
  }

  get alive(): readonly SimulatedNode[] {
    return [...this.nodes.values()].filter((node) => node.alive);
  }

  get readyNodes(): readonly SimulatedNode[] {
    return this.alive.filter((node) => node.machine.ready);
  }

  /** The node that should answer for the key: the closest of those that are live and ready. */
  trueRoot(key: Key): SimulatedNode | undefined {
    return closest(key, this.readyNodes, 1)[0];
  }

  /** Nodes whose leaf set differs from what it should be, given who is alive. */
  wrongLeafSets(): readonly string[] {
    const alive = this.alive;
    return alive
      .filter((node) => {
        const should = trueLeafSet(node, alive);
        const is = node.machine.leafSet().map(({ nodeId }) => idText(nodeId));
        return is.length !== should.size || is.some((name) => !should.has(name));
      })
      .map(({ name }) => name);
  }

  step(node: SimulatedNode, event: OverlayMachineEvent): void {
    const before = node.machine.ready;
    this.#record(node, event);
    const effects = node.machine.step(event, this.clock.now());
    if (node.machine.ready !== before) this.#rootsChanged();
    for (const effect of effects) this.#perform(node, effect);
  }

  #perform(node: SimulatedNode, effect: OverlayEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(node, this.nodes.get(idText(effect.to))!, effect.message);
      case 'dial':
        return this.#dial(node, this.nodes.get(idText(effect.contact.nodeId))!);
      case 'close':
        return this.#close(node, this.nodes.get(idText(effect.nodeId))!);
      case 'set-timer':
        node.cancelTimer();
        node.cancelTimer = this.clock.after(effect.at - this.clock.now(), () => {
          if (node.alive) this.step(node, { type: 'timer' });
        });
        return;
      case 'deliver': {
        const answer = { kind: 'response', body: effect.body } as const;
        return this.step(node, { type: 'respond', delivery: effect.delivery, answer });
      }
      case 'complete':
        return this.#complete(effect.call, effect.outcome);
      case 'refused':
        this.refusals.set(effect.code, (this.refusals.get(effect.code) ?? 0) + 1);
        return;
      case 'event':
        return;
    }
  }

  #send(from: SimulatedNode, to: SimulatedNode, message: OverlayMessage): void {
    const link = from.links.get(to.name);
    if (!link?.open) return;
    this.messages++;
    let arriving = message;
    if (this.#options.encode) {
      const bytes = overlayCodec.encode({ v: 1, m: message });
      this.bytes += bytes.length;
      const decoded = overlayCodec.decode(bytes);
      assert(decoded.ok, `what a machine sends decodes: ${decoded.ok ? '' : decoded.reason}`);
      arriving = decoded.value.m;
    }
    if (this.#options.loss > 0 && this.random.number() < this.#options.loss) return;
    const { life } = to;
    this.clock.after(this.#latency(from, to), () => {
      if (!to.alive || to.life !== life || to.links.get(from.name) !== link || !this.#reaches(from, to))
        return;
      const contacts =
        'contacts' in arriving
          ? arriving.contacts.map((wire) => ({ contact: contactOf(wire), via: wire.via }))
          : [];
      this.step(to, { type: 'message', from: from.contact.nodeId, message: arriving, contacts });
    });
  }

  #dial(from: SimulatedNode, to: SimulatedNode): void {
    this.dials++;
    const { life } = from;
    const reachable = to.alive && this.#reaches(from, to);
    this.clock.after(reachable ? 4 * this.#latency(from, to) : DIAL_TIMEOUT_MS, () => {
      if (!from.alive || from.life !== life) return;
      if (to.alive && this.#reaches(from, to) && !from.links.get(to.name)?.open) {
        const link = { open: true };
        from.links.set(to.name, link);
        to.links.set(from.name, link);
        this.step(to, { type: 'link-up', contact: from.contact, direct: true });
        this.step(from, { type: 'link-up', contact: to.contact, direct: true });
      }
      this.step(from, { type: 'dial-ended', nodeId: to.contact.nodeId });
    });
  }

  #close(node: SimulatedNode, other: SimulatedNode): void {
    const link = node.links.get(other.name);
    if (link === undefined) return;
    node.links.delete(other.name);
    link.open = false;
    this.clock.after(this.#latency(node, other), () => this.#linkDown(other, node, link, 'closed'));
  }

  #linkDown(node: SimulatedNode, other: SimulatedNode, link: { open: boolean }, reason: string): void {
    if (!node.alive || node.links.get(other.name) !== link) return;
    node.links.delete(other.name);
    link.open = false;
    this.step(node, { type: 'link-down', nodeId: other.contact.nodeId, reason });
  }

  #end(node: SimulatedNode): void {
    node.alive = false;
    node.life++;
    node.cancelTimer();
    this.#rootsChanged();
  }

  #call(key: Key, begin: (call: number) => void): { ended: Ended | undefined } {
    const call = this.#nextCall++;
    const result: { ended: Ended | undefined } = { ended: undefined };
    const acceptable = new Set<string>();
    const root = this.trueRoot(key);
    if (root) acceptable.add(root.name);
    const end = (ended: Ended): void => void (result.ended = ended);
    this.#calls.set(call, { key, startedAt: this.clock.now(), acceptable, end });
    begin(call);
    return result;
  }

  #complete(call: number, outcome: CallOutcome): void {
    const open = this.#calls.get(call);
    assert(open !== undefined, 'each call ends once');
    this.#calls.delete(call);
    open.end({ outcome, tookMs: this.clock.now() - open.startedAt, acceptable: open.acceptable });
  }

  #rootsChanged(): void {
    for (const { key, acceptable } of this.#calls.values()) {
      const root = this.trueRoot(key);
      if (root) acceptable.add(root.name);
    }
  }

  #reaches(a: SimulatedNode, b: SimulatedNode): boolean {
    return this.#groupOf(a) === this.#groupOf(b);
  }

  /** 2 to 40 ms, the same for a pair in both directions for ever. */
  #latency(a: SimulatedNode, b: SimulatedNode): number {
    return 2 + ((a.contact.nodeId[31]! ^ b.contact.nodeId[31]!) * 38) / 255;
  }

  #record(node: SimulatedNode, event: OverlayMachineEvent): void {
    const what = event.type === 'message' ? event.message.type : event.type;
    const line = utf8(`${node.name.slice(0, 8)} ${this.clock.now()} ${what}`);
    const next = new Uint8Array(this.trace.length + line.length);
    next.set(this.trace);
    next.set(line, this.trace.length);
    this.trace = sha256(next);
  }
}

/** The nodes of `nodes` closest to the key, closest first. */
export function closest(key: Key, nodes: readonly SimulatedNode[], count: number): readonly SimulatedNode[] {
  if (count === 1) {
    let best: SimulatedNode | undefined;
    for (const node of nodes)
      if (!best || compareDistance(key, node.contact.nodeId, best.contact.nodeId) < 0) best = node;
    return best ? [best] : [];
  }
  return [...nodes].sort((a, b) => compareDistance(key, a.contact.nodeId, b.contact.nodeId)).slice(0, count);
}

/** By sorting all ids: eight neighbours on each side. */
function trueLeafSet(node: SimulatedNode, alive: readonly SimulatedNode[]): Set<string> {
  const ring = alive.map(({ name }) => name).sort();
  const place = ring.indexOf(node.name);
  const members = new Set<string>();
  for (let step = 1; step <= Math.min(8, ring.length - 1); step++) {
    members.add(ring[(place + step) % ring.length]!);
    members.add(ring[(place - step + ring.length) % ring.length]!);
  }
  members.delete(node.name);
  return members;
}
