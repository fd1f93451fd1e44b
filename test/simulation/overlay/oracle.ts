/**
 * Builds big rings without joins: plays the network to each machine. A machine sees its start, its links coming up, the
 * answers to its join and its probes, and announcements of its neighbours, at the times at which they would come.
 */
import { CONTACTS_MAX } from '../../../src/core/codec/limits.ts';
import type { OverlayMachineEvent } from '../../../src/core/overlay/machine-events.ts';
import { toWire } from '../../../src/core/overlay/contact.ts';
import type { MessageOf, OverlayMessage } from '../../../src/core/overlay/messages.ts';
import type { SimulatedNode } from './node.ts';
import { START_MS } from './node-driver.ts';
import { OraclePlan } from './oracle-plan.ts';
import { bootstrapOf, type Ring } from './ring.ts';
import type { World } from './world.ts';

/** Nodes come to life over so long, so that their timers do not all fire at once. */
const SPREAD_MS = 30_000;
/** Until then the oracle answers for all others; afterwards they do themselves. */
const BUILD_MS = 40_000;
/** One-way delays of a dial. */
const DIAL_WAYS = 6;

interface Planned {
  readonly at: number;
  readonly event: OverlayMachineEvent;
}

/** A ring that is there after BUILD_MS. */
export function buildByOracle(world: World, ring: Ring, log: (line: string) => void): void {
  world.run(BUILD_MS);
  const plan = new OraclePlan(world, ring);
  const nodes = [...ring.relays, ...ring.tabs];
  log(`${nodes.length} nodes planned`);
  for (const { index } of nodes) {
    world.population.alive[index] = 1;
    world.population.aliveCount++;
    world.trace?.node(world.now, 'up', index);
  }
  if (world.trace) traceLinks(world);
  const born = new Set<number>();
  for (const node of nodes) {
    new Birth(world, ring, plan, born, node).run();
    born.add(node.index);
  }
}

function traceLinks({ trace, links, nodes, now }: World): void {
  for (const { index } of nodes)
    for (const peer of links.peersOf(index)) if (index < peer) trace?.linked(now, index, peer);
}

/** The first part of one node's life. */
class Birth {
  readonly #world: World;
  readonly #ring: Ring;
  readonly #plan: OraclePlan;
  /** Whose part is over. */
  readonly #born: ReadonlySet<number>;
  readonly #node: SimulatedNode;
  readonly #planned: Planned[] = [];
  readonly #leafSet: ReadonlySet<number>;
  #now: number;
  #timerAt = Infinity;

  constructor(world: World, ring: Ring, plan: OraclePlan, born: ReadonlySet<number>, node: SimulatedNode) {
    this.#world = world;
    this.#ring = ring;
    this.#plan = plan;
    this.#born = born;
    this.#node = node;
    this.#leafSet = new Set(plan.leafSet(node.index));
    this.#now = START_MS + world.random.below(SPREAD_MS);
  }

  run(): void {
    const { links, driver, directory } = this.#world;
    const { index } = this.#node;
    this.#world.install(this.#node);
    this.#step({ type: 'start', bootstrap: bootstrapOf(this.#node, this.#ring.relays) });
    for (const peer of this.#inOrder(links.peersOf(index)))
      this.#step({ type: 'link-up', contact: directory.contact(peer), direct: true });
    while (this.#next(START_MS + BUILD_MS));
    driver.noteReady(this.#node);
    if (this.#timerAt < Infinity) driver.setTimer(index, Math.ceil(this.#timerAt - START_MS));
  }

  /** Relays first: the join goes through one; then the leaf set. */
  #inOrder(peers: readonly number[]): readonly number[] {
    const { relay } = this.#world.population;
    const worth = (peer: number): number => (relay[peer] === 1 ? 0 : this.#leafSet.has(peer) ? 1 : 2);
    return [...peers].sort((a, b) => worth(a) - worth(b) || a - b);
  }

  /** Whether anything happened before `end`. */
  #next(end: number): boolean {
    const first = this.#planned[0];
    if (Math.min(first?.at ?? Infinity, this.#timerAt) >= end) return false;
    if (first !== undefined && first.at <= this.#timerAt) {
      this.#planned.shift();
      this.#step(first.event, first.at);
      return true;
    }
    const at = Math.max(this.#timerAt, this.#now + 1);
    this.#timerAt = Infinity;
    this.#step({ type: 'timer' }, at);
    return true;
  }

  #step(event: OverlayMachineEvent, at = this.#now): void {
    this.#now = at;
    for (const effect of this.#node.machine!.step(event, at)) {
      switch (effect.type) {
        case 'send':
          this.#answer(this.#world.directory.find(effect.to), effect.message);
          break;
        case 'dial':
          this.#dial(this.#world.directory.find(effect.contact.nodeId));
          break;
        case 'set-timer':
          this.#timerAt = effect.at;
          break;
        case 'close':
          this.#world.transport.close(this.#node.index, this.#world.directory.find(effect.nodeId));
          break;
        default:
          break;
      }
    }
  }

  /**
   * Links that are planned are there already. Others come up, and the other end learns of it when its part is over; if it has no
   * room, it closes the link again.
   */
  #dial(to: number): void {
    const { transport, directory, latency, links } = this.#world;
    const { index } = this.#node;
    const contact = directory.contact(to);
    const afterMs = DIAL_WAYS * latency.between(index, to);
    if (!links.isWhole(index, to)) {
      this.#later({ type: 'link-up', contact, direct: true }, afterMs);
      if (!this.#plan.hasRoom(to))
        this.#later({ type: 'link-down', nodeId: contact.nodeId, reason: 'closed' }, 2 * afterMs);
      else {
        transport.connect(index, to);
        if (this.#born.has(to)) this.#world.after(0, () => this.#tell(to));
      }
    }
    this.#later({ type: 'dial-ended', nodeId: contact.nodeId }, afterMs);
  }

  #tell(other: number): void {
    const { links, driver, nodes } = this.#world;
    if (links.isWhole(this.#node.index, other))
      driver.dispatch(nodes[other]!, { type: 'link-up', contact: this.#node.contact, direct: true });
  }

  /** What a neighbour says to this, a round trip later. */
  #answer(peer: number, message: OverlayMessage): void {
    const answer = this.#answerTo(peer, message);
    if (answer === undefined) return;
    const { directory, latency } = this.#world;
    const contacts = 'contacts' in answer ? directory.checked(answer.contacts) : [];
    this.#later(
      { type: 'message', from: directory.id(peer), message: answer, contacts },
      2 * latency.between(this.#node.index, peer),
    );
  }

  #answerTo(peer: number, message: OverlayMessage): OverlayMessage | undefined {
    switch (message.type) {
      case 'probe':
        return { type: 'probe-reply', nonce: message.nonce };
      case 'announce':
        return this.#leafSet.has(peer) || message.wantsReply ? this.#announcement(peer) : undefined;
      case 'join':
        return this.#joined(message);
      case 'ask-row':
        return { type: 'contacts', contacts: this.#row(peer, message.row).map((other) => this.#wire(other)) };
      case 'ask-contacts':
        return {
          type: 'contacts',
          contacts: message.nodes.map((id) => this.#wire(this.#world.directory.find(id))),
        };
      default:
        return undefined;
    }
  }

  /** Neighbours of ours whom that one knows. */
  #announcement(peer: number): MessageOf<'announce'> {
    const { links, directory } = this.#world;
    const nodes = [...this.#leafSet].filter((other) => links.numberOf(peer, other) !== 0);
    return {
      type: 'announce',
      nodes: nodes.map((other) => directory.id(other)),
      gone: [],
      wantsReply: false,
    };
  }

  #joined({ id }: MessageOf<'join'>): MessageOf<'joined'> {
    const known = this.#plan.known(this.#node.index, CONTACTS_MAX);
    return {
      type: 'joined',
      id,
      hopCount: this.#plan.rows,
      contacts: known.map((other) => this.#wire(other)),
    };
  }

  #row(peer: number, row: number): readonly number[] {
    const { links } = this.#world;
    return this.#plan.row(peer, row).filter((entry) => links.numberOf(peer, entry) !== 0);
  }

  /** As one of its neighbours would name it. */
  #wire(node: number): ReturnType<typeof toWire> {
    const { directory } = this.#world;
    const [introducer] = this.#plan.leafSet(node);
    return toWire(directory.contact(node), introducer === undefined ? [] : [directory.id(introducer)]);
  }

  #later(event: OverlayMachineEvent, afterMs: number): void {
    const at = this.#now + afterMs;
    const after = this.#planned.findIndex((planned) => planned.at > at);
    if (after < 0) this.#planned.push({ at, event });
    else this.#planned.splice(after, 0, { at, event });
  }
}
