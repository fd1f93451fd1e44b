/** What must hold whatever happens: looked at after each step, the costly ones after a sample of the steps. */
import { clockwise, type Key, type NodeId } from '../../../src/core/codec/id.ts';
import { compareBytes, toHex, type Bytes } from '../../../src/core/codec/bytes.ts';
import { LINKS_MAX } from '../../../src/core/codec/limits.ts';
import { LEAF_SIDE } from '../../../src/core/overlay/leaf-set.ts';
import { TABLE_IDLE_MS_MAX } from '../../../src/core/overlay/liveness.ts';
import type { Directory } from './directory.ts';
import type { LinkTable } from './link-table.ts';
import type { RingMachine } from './node.ts';
import type { Population } from './population.ts';

/** Of so many steps one is looked at closely, in small worlds and in big ones. */
const SAMPLE_EVERY = 64;
const SAMPLE_EVERY_BIG = 1_024;
const SMALL_NODES_MAX = 500;
/** An always-on node links with every member of its ring that asks. */
const RELAY_LINKS_MAX = 1_024;
/** Links beyond the budget while a node chooses: those of its leaf set, of calls, and protected ones are not closed. */
const LINKS_TOLERANCE = 16;
/** Requests that a node sees to at once. */
const PENDING_MAX = 1_024;
/** By then everybody must have found out that a neighbour is dead, who may have been an entry of the table before. */
export const DEAD_KNOWN_MS = TABLE_IDLE_MS_MAX + 20_000;

const ANSWERED_MAX = 10_000;

/** Our code is wrong. The command line adds seed and command. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

export class Invariants {
  readonly #directory: Directory;
  readonly #population: Population;
  readonly #links: LinkTable;
  #steps = 0;
  /** Answers that were given lately. */
  readonly #answered = new Set<string>();
  /** Close looks so far. */
  looks = 0;

  constructor(directory: Directory, population: Population, links: LinkTable) {
    this.#directory = directory;
    this.#population = population;
    this.#links = links;
  }

  /** After a step of an honest node. */
  afterStep(node: number, machine: RingMachine, now: number): void {
    const links = this.#links.count(node);
    const budget = this.#population.relay[node] ? RELAY_LINKS_MAX : LINKS_MAX;
    if (links > budget + LINKS_TOLERANCE) broken(node, now, `${links} links, of at most ${budget}`);
    const every = this.#population.size > SMALL_NODES_MAX ? SAMPLE_EVERY_BIG : SAMPLE_EVERY;
    if (++this.#steps % every !== 0) return;
    this.looks++;
    const { pendingCount } = machine;
    if (pendingCount > PENDING_MAX) broken(node, now, `${pendingCount} requests under way`);
    this.#checkLeafSet(node, machine, now);
  }

  /**
   * A node has named itself as root of a look-up. At the first time, if that was at once, nobody with a whole link to it who is
   * ready and awake may be closer; an answer may be said again. `key`: undefined when the answer had to wait.
   */
  answers(node: number, request: Bytes, key: Key | undefined, now: number): void {
    const name = `${node}/${toHex(request)}`;
    if (this.#answered.has(name)) return;
    if (this.#answered.size >= ANSWERED_MAX) this.#answered.clear();
    this.#answered.add(name);
    if (key === undefined) return;
    for (const peer of this.#links.peersOf(node)) {
      if (this.#directory.compareCloseness(key, peer, node) < 0 && this.#isFit(node, peer))
        broken(node, now, `answers as root although it is linked with node ${peer}, which is closer`);
    }
  }

  /** Pastry §2.1: of the linked nodes the nearest on both sides, and nobody else; none of them long dead. */
  #checkLeafSet(node: number, machine: RingMachine, now: number): void {
    const members = machine.leafSet().map(({ nodeId }) => this.#directory.indexOf(nodeId));
    const own = this.#directory.id(node);
    const linked = this.#links.peersOf(node).map((peer) => ({ peer, id: this.#directory.id(peer) }));
    const nearest = new Set<number>();
    for (const distance of [(id: NodeId) => clockwise(own, id), (id: NodeId) => clockwise(id, own)]) {
      const side = linked.map(({ peer, id }) => ({ peer, distance: distance(id) }));
      side.sort((a, b) => compareBytes(a.distance, b.distance));
      for (const { peer } of side.slice(0, LEAF_SIDE)) nearest.add(peer);
    }
    if (members.length !== new Set(members).size) broken(node, now, 'a leaf set with a node twice');
    const strangers = members.filter((member) => !nearest.has(member));
    if (strangers.length > 0 || members.length !== nearest.size)
      broken(
        node,
        now,
        `a leaf set of ${members.length} that is not of the ${nearest.size} nearest linked nodes`,
      );
    const dead = members.find((member) => this.#isLongDead(node, member, now));
    if (dead !== undefined) broken(node, now, `node ${dead} is in its leaf set, long dead`);
  }

  #isFit(node: number, peer: number): boolean {
    const { ready, groups } = this.#population;
    const awake = this.#population.isAwake(peer) && groups[node] === groups[peer];
    return ready[peer] === 1 && awake && this.#links.isWhole(node, peer);
  }

  #isLongDead(node: number, member: number, now: number): boolean {
    const { alive, diedAt, wokeAt } = this.#population;
    return alive[member] !== 1 && now - Math.max(diedAt[member]!, wokeAt[node]!) > DEAD_KNOWN_MS;
  }
}

function broken(node: number, now: number, what: string): never {
  throw new InvariantBroken(`after ${now} ms, node ${node}: ${what}`);
}
