/** All groups of a node, by key, by our number, and by neighbour: who is above and below us where. Bounded. */
import { assert } from '../codec/assert.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import { Group } from './group.ts';
import { CHANNEL_MAX, GROUPS_MAX } from './limits.ts';

/** A node that is our parent or child somewhere. */
export interface Neighbour {
  readonly nodeId: NodeId;
  readonly name: string;
  /** Groups in which it is our parent or was asked to be. */
  readonly above: Set<Group>;
  /** Groups in which it is our child, by its number. */
  readonly below: Map<number, Group>;
}

/** First numbers are below this, so that most take 3 bytes; chance keeps a restarted node from meaning its former groups. */
const FIRST_CHANNEL_MAX = 32_768;

export class GroupTable {
  readonly #byName = new Map<string, Group>();
  readonly #byChannel = new Map<number, Group>();
  readonly #neighbours = new Map<string, Neighbour>();
  readonly #firstChannel: number;
  #nextChannel: number;
  /** Called when a node becomes a neighbour in a tree, and when it is one no longer. */
  readonly #onNeighbour: (nodeId: NodeId, on: boolean) => void;

  constructor(random: Random, onNeighbour: (nodeId: NodeId, on: boolean) => void) {
    this.#firstChannel = randomBelow(random, FIRST_CHANNEL_MAX);
    this.#nextChannel = this.#firstChannel;
    this.#onNeighbour = onNeighbour;
  }

  get size(): number {
    return this.#byName.size;
  }

  get(key: Key): Group | undefined {
    return this.#byName.get(idText(key));
  }

  byChannel(channel: number): Group | undefined {
    return this.#byChannel.get(channel);
  }

  all(): Iterable<Group> {
    return this.#byName.values();
  }

  neighbour(nodeId: NodeId): Neighbour | undefined {
    return this.#neighbours.get(idText(nodeId));
  }

  neighbours(): Iterable<Neighbour> {
    return this.#neighbours.values();
  }

  /** Whether we can become a forwarder of one more. */
  get hasRoom(): boolean {
    return this.#byName.size < GROUPS_MAX;
  }

  add(key: Key): Group {
    assert(this.get(key) === undefined, 'a group is added once');
    const group = new Group(key, this.#freeChannel());
    this.#byName.set(group.name, group);
    this.#byChannel.set(group.channel, group);
    return group;
  }

  /** Its parent and children must be gone. */
  remove(group: Group): void {
    assert(!group.needed && !group.parent && !group.joining, 'a group that is dropped stands alone');
    this.#byName.delete(group.name);
    this.#byChannel.delete(group.channel);
  }

  /** `nodeId` is our parent in this group, or is asked to be. */
  above(group: Group, nodeId: NodeId): void {
    this.#neighbour(nodeId).above.add(group);
  }

  /** To be called after parent or joining changed: forgets those above that are neither any more. */
  settleAbove(group: Group, nodeId: NodeId): void {
    const name = idText(nodeId);
    if (group.parent?.name === name || group.joining?.name === name) return;
    const neighbour = this.#neighbours.get(name);
    neighbour?.above.delete(group);
    this.#tidy(neighbour);
  }

  below(group: Group, nodeId: NodeId, channel: number): void {
    this.#neighbour(nodeId).below.set(channel, group);
  }

  notBelow(nodeId: NodeId, channel: number): void {
    const neighbour = this.#neighbours.get(idText(nodeId));
    neighbour?.below.delete(channel);
    this.#tidy(neighbour);
  }

  #neighbour(nodeId: NodeId): Neighbour {
    const name = idText(nodeId);
    const known = this.#neighbours.get(name);
    if (known) return known;
    const neighbour = { nodeId, name, above: new Set<Group>(), below: new Map<number, Group>() };
    this.#neighbours.set(name, neighbour);
    this.#onNeighbour(nodeId, true);
    return neighbour;
  }

  #tidy(neighbour: Neighbour | undefined): void {
    if (neighbour === undefined || neighbour.above.size + neighbour.below.size > 0) return;
    if (this.#neighbours.delete(neighbour.name)) this.#onNeighbour(neighbour.nodeId, false);
  }

  /** A number is used again as late as can be. */
  #freeChannel(): number {
    do this.#nextChannel = this.#nextChannel >= CHANNEL_MAX ? 0 : this.#nextChannel + 1;
    while (this.#byChannel.has(this.#nextChannel));
    return this.#nextChannel;
  }
}
