/**
 * How full a ring becomes before an insert fails for the first time (PAST, SOSP 2001, §5.2, has the share of failures at each
 * utilization). Nodes as in its distribution d1: capacities from a truncated normal distribution, 2 to 51 with mean 27 and deviation
 * 10.8, times `scale` MiB. Who is asked in which order is the product's; what the others hold is known at once.
 */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { compareBytes } from '../../../src/core/codec/bytes.ts';
import { compareDistance, type Key } from '../../../src/core/codec/id.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import {
  diversionOrder,
  DIVERSIONS_TRIED_MAX,
  REGION_NODES,
  REGIONS_MAX,
  regionOf,
} from '../../../src/core/storage/diversion-order.ts';

const MIB = 1024 * 1024;
/** Half of the leaf set, and nodes after the first k that an insert goes on to (replica-set.ts). */
const SIDE = 8;
const SPARE_NODES = 8;
/** Share of blocks that are full chunks of attachments; the others have any size up to that. */
const FULL_CHUNKS = 0.7;

export interface FillRun {
  readonly nodes: number;
  readonly seed: string;
  readonly k: number;
  /** Unit of capacities: 1 gives nodes of 2 to 51 MiB. */
  readonly scale: number;
}

export interface FillFigures {
  readonly nodes: number;
  readonly seed: string;
  readonly k: number;
  readonly capacityBytes: number;
  readonly inserts: number;
  /** Bytes held over those that all nodes have room for, when the first insert finds fewer than k nodes. */
  readonly utilizationAtFirstFailure: number;
  /** The same when full nodes divert nothing. */
  readonly utilizationWithoutDiversion: number;
  /** Copies that another node holds for a full one; those of them that lie outside its neighbourhood. */
  readonly divertedShare: number;
  readonly farShare: number;
  /** Nodes that have no room for a full chunk in the end. */
  readonly fullNodes: number;
}

interface Node {
  readonly nodeId: Key;
  readonly place: number;
  readonly capacity: number;
  used: number;
}

export function simulateFill(run: FillRun): FillFigures {
  const diverting = new FilledRing(run, true);
  const plain = new FilledRing(run, false);
  for (const ring of [diverting, plain]) while (ring.insert());
  const { nodes, seed, k } = run;
  return {
    ...{ nodes, seed, k },
    capacityBytes: diverting.capacity,
    inserts: diverting.copies / k,
    utilizationAtFirstFailure: rounded(diverting.utilization),
    utilizationWithoutDiversion: rounded(plain.utilization),
    divertedShare: rounded(diverting.diverted / diverting.copies),
    farShare: rounded(diverting.far / diverting.copies),
    fullNodes: diverting.fullNodes,
  };
}

class FilledRing {
  readonly capacity: number;
  copies = 0;
  diverted = 0;
  far = 0;
  readonly #run: FillRun;
  readonly #isDiverting: boolean;
  readonly #random: SeededRandom;
  readonly #nodes: readonly Node[];
  #used = 0;

  constructor(run: FillRun, isDiverting: boolean) {
    this.#run = run;
    this.#isDiverting = isDiverting;
    this.#random = new SeededRandom(`fill ${run.seed}`);
    const ids = Array.from({ length: run.nodes }, () => this.#random.bytes(32)).sort(compareBytes);
    this.#nodes = ids.map((nodeId, place) => ({ nodeId, place, capacity: this.#capacity(), used: 0 }));
    this.capacity = this.#nodes.reduce((sum, { capacity }) => sum + capacity, 0);
  }

  get utilization(): number {
    return this.#used / this.capacity;
  }

  get fullNodes(): number {
    return this.#nodes.filter((node) => !hasRoom(node, CHUNK_BYTES_MAX)).length;
  }

  /** False: fewer than k nodes would hold it. */
  insert(): boolean {
    const key = this.#random.bytes(32);
    const isFullChunk = this.#random.number() < FULL_CHUNKS;
    const bytes = isFullChunk ? CHUNK_BYTES_MAX : 1 + this.#random.below(CHUNK_BYTES_MAX);
    const { k } = this.#run;
    const asked = this.#closest(key, k + SPARE_NODES);
    const holders = new Set<Node>();
    let [diverted, far] = [0, 0];
    for (const node of asked) {
      if (holders.size === k) break;
      if (holders.has(node)) continue;
      if (hasRoom(node, bytes)) holders.add(node);
      else if (this.#isDiverting) {
        const found = this.#divert(node, asked.slice(0, k), key, bytes, holders);
        if (found === undefined) continue;
        holders.add(found.holder);
        diverted += 1;
        far += found.isFar ? 1 : 0;
      }
    }
    if (holders.size < k) return false;
    for (const node of holders) node.used += bytes;
    this.#used += k * bytes;
    this.copies += k;
    this.diverted += diverted;
    this.far += far;
    return true;
  }

  #divert(
    node: Node,
    replicas: readonly Node[],
    key: Key,
    bytes: number,
    holders: ReadonlySet<Node>,
  ): { readonly holder: Node; readonly isFar: boolean } | undefined {
    for (let region = -1; region < REGIONS_MAX; region++) {
      const nodes =
        region < 0 ? this.#leafSet(node) : this.#closest(regionOf(node.nodeId, key, region), REGION_NODES);
      const order = diversionOrder(node.nodeId, nodes, replicas, key);
      // A node that was full a moment ago is not asked; who holds the block already says so.
      const tried = order.filter((one) => hasRoom(one, CHUNK_BYTES_MAX)).slice(0, DIVERSIONS_TRIED_MAX);
      const holder = tried.find((one) => hasRoom(one, bytes) && !holders.has(one));
      if (holder !== undefined) return { holder, isFar: region >= 0 };
    }
    return undefined;
  }

  #leafSet({ place }: Node): readonly Node[] {
    const found: Node[] = [];
    for (let step = 1; step <= SIDE; step++) found.push(this.#at(place - step), this.#at(place + step));
    return [...new Set(found)];
  }

  #closest(key: Key, count: number): readonly Node[] {
    const place = this.#placeOf(key);
    const around = new Set<Node>();
    for (let step = -count; step < count; step++) around.add(this.#at(place + step));
    return [...around].sort((a, b) => compareDistance(key, a.nodeId, b.nodeId)).slice(0, count);
  }

  #at(place: number): Node {
    const { length } = this.#nodes;
    return this.#nodes[((place % length) + length) % length]!;
  }

  #placeOf(key: Key): number {
    let [low, high] = [0, this.#nodes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareBytes(this.#nodes[middle]!.nodeId, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Box and Muller's method. */
  #capacity(): number {
    for (;;) {
      const radius = Math.sqrt(-2 * Math.log(1 - this.#random.number()));
      const size = 27 + 10.8 * radius * Math.cos(2 * Math.PI * this.#random.number());
      if (size >= 2 && size <= 51) return Math.round(size * this.#run.scale * MIB);
    }
  }
}

function hasRoom({ capacity, used }: Node, bytes: number): boolean {
  return used + bytes <= capacity;
}

function rounded(share: number): number {
  return Number(share.toFixed(4));
}
