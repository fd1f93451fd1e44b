/** Which nodes a key belongs to: the k live nodes closest to it plus the a closest always-on nodes of the ring. */
import { compareBytes, equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { compareDistance, clockwise, idText, ringDistance, type Key, type NodeId } from '../codec/id.ts';
import type { RingDescriptorBody } from '../identity/certificates.ts';
import { LEAF_SET_SIZE, LEAF_SIDE } from '../overlay/leaf-set.ts';
import type { Overlay } from '../overlay/overlay.ts';

/** A node to ask; what it signs is checked against its peer key, which its certificate or the ring descriptor shows. */
export interface Target {
  readonly nodeId: NodeId;
  readonly peerKey: Bytes;
}

export interface ReplicaSet {
  /** Live nodes, self included where it belongs, closest to the key first: the first k are replicas, the others spare. */
  readonly closest: readonly Target[];
  /** Always-on replicas that are not among the first k of `closest`; those that were silent a moment ago are left out. */
  readonly alwaysOn: readonly Target[];
  /** How many always-on replicas were left out so: what they hold is not known. */
  readonly unasked: number;
  readonly k: number;
}

/** The replicas themselves: the k closest and the always-on ones. */
export function firstOf({ closest, alwaysOn, k }: ReplicaSet): readonly Target[] {
  return [...closest.slice(0, k), ...alwaysOn];
}

/** The next closest nodes, which replace replicas that fail; none of them is a replica already. */
export function spareOf({ closest, alwaysOn, k }: ReplicaSet): readonly Target[] {
  const asked = new Set(alwaysOn.map(({ nodeId }) => idText(nodeId)));
  return closest.slice(k).filter(({ nodeId }) => !asked.has(idText(nodeId)));
}

/** Spare nodes after the first k: they replace replicas that fail. */
const SPARE_NODES = 8;
/** How long a node that did not answer is passed over: 10 s. */
const SILENCE_MS = 10_000;
/** Silent nodes that are remembered. */
const SILENT_MAX = 256;

export class ReplicaSets {
  readonly #overlay: Overlay;
  readonly #descriptor: RingDescriptorBody;
  readonly #clock: Clock;
  readonly #silentUntil = new Map<string, number>();

  constructor(overlay: Overlay, descriptor: RingDescriptorBody, clock: Clock) {
    this.#overlay = overlay;
    this.#descriptor = descriptor;
    this.#clock = clock;
  }

  /** From our own leaf set if that covers the key, else by a look-up. Rejects with OverlayError. */
  async of(key: Key): Promise<ReplicaSet> {
    const count = this.#descriptor.k + SPARE_NODES;
    const local = this.local(key);
    const contacts = local ?? (await this.#overlay.lookup(key)).nearest.slice(0, count);
    const { k } = this.#descriptor;
    const targets = contacts.map(({ nodeId, peerKey }) => ({ nodeId, peerKey }));
    const heard = targets.filter((target) => !this.#isSilent(target.nodeId));
    const closest = [...heard, ...targets.filter((target) => this.#isSilent(target.nodeId))];
    const first = new Set(closest.slice(0, k).map(({ nodeId }) => idText(nodeId)));
    const others = this.alwaysOn(key).filter(({ nodeId }) => !first.has(idText(nodeId)));
    const alwaysOn = others.filter(({ nodeId }) => !this.#isSilent(nodeId));
    return { closest, alwaysOn, unasked: others.length - alwaysOn.length, k };
  }

  /** The nodes closest to the key, if our leaf set tells for sure. */
  local(key: Key): readonly Target[] | undefined {
    if (!this.#overlay.ready) return undefined;
    const { k } = this.#descriptor;
    const found = this.#overlay.closest(key, k + SPARE_NODES);
    return this.#covers(key, found[Math.max(1, Math.min(k, found.length)) - 1]!.nodeId) ? found : undefined;
  }

  /** The a always-on nodes closest to the key. */
  alwaysOn(key: Key): readonly Target[] {
    const { relays, a } = this.#descriptor;
    return [...relays].sort((x, y) => compareDistance(key, x.nodeId, y.nodeId)).slice(0, a);
  }

  /** Replicas in the order in which a reader asks them for a block: the relays are many tabs' last resort, so they come last. */
  tabsFirst(targets: readonly Target[]): readonly Target[] {
    const relays = new Set(this.#descriptor.relays.map(({ nodeId }) => idText(nodeId)));
    const isRelay = ({ nodeId }: Target): boolean => relays.has(idText(nodeId));
    return [...targets.filter((target) => !isRelay(target)), ...targets.filter(isRelay)];
  }

  /** Nodes that may hold old copies: our neighbours and all relays, but for those named. */
  others(asked: readonly Target[]): readonly Target[] {
    const known = new Set(asked.map(({ nodeId }) => idText(nodeId)));
    const others: Target[] = [];
    for (const { nodeId, peerKey } of [...this.#overlay.leafSet(), ...this.#descriptor.relays]) {
      const name = idText(nodeId);
      if (known.has(name)) continue;
      known.add(name);
      others.push({ nodeId, peerKey });
    }
    return others;
  }

  isSelf({ nodeId }: Target): boolean {
    return equalBytes(nodeId, this.#overlay.self.nodeId);
  }

  answered({ nodeId }: Target): void {
    this.#silentUntil.delete(idText(nodeId));
  }

  wasSilent({ nodeId }: Target): void {
    if (this.#silentUntil.size >= SILENT_MAX)
      this.#silentUntil.delete(this.#silentUntil.keys().next().value!);
    this.#silentUntil.set(idText(nodeId), this.#clock.now() + SILENCE_MS);
  }

  #isSilent(nodeId: NodeId): boolean {
    return (this.#silentUntil.get(idText(nodeId)) ?? 0) > this.#clock.now();
  }

  /**
   * Whether no unknown node can be closer to the key than `farthest`: unknown nodes lie beyond both ends of the leaf set.
   */
  #covers(key: Key, farthest: NodeId): boolean {
    const self = this.#overlay.self.nodeId;
    const leaves = this.#overlay.leafSet().map(({ nodeId }) => nodeId);
    // Sides that are not full: the whole ring is known.
    if (leaves.length < LEAF_SET_SIZE) return true;
    const ordered = leaves.sort((a, b) => compareBytes(clockwise(self, a), clockwise(self, b)));
    const upper = ordered[LEAF_SIDE - 1]!;
    const lower = ordered[LEAF_SIDE]!;
    const inside = compareBytes(clockwise(lower, key), clockwise(lower, upper)) <= 0;
    const reach = ringDistance(key, farthest);
    return (
      inside &&
      compareBytes(reach, ringDistance(key, upper)) <= 0 &&
      compareBytes(reach, ringDistance(key, lower)) <= 0
    );
  }
}
