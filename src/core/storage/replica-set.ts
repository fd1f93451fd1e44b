/** Which nodes a key belongs to: the k live nodes closest to it plus the a closest always-on nodes of the ring. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { compareDistance, idText, type Key, type NodeId } from '../codec/id.ts';
import type { RingDescriptorBody } from '../identity/certificates.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import { OwnRange } from '../overlay/secure/own-range.ts';
import { StorageError } from './storage.ts';

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
/** How long a replica set that secure routing has found is used: 30 s; repair tells newcomers what they have missed. */
const FOUND_MS = 30_000;
/** Such sets that are remembered. */
const FOUND_MAX = 64;

export class ReplicaSets {
  readonly #overlay: Overlay;
  readonly #descriptor: RingDescriptorBody;
  readonly #clock: Clock;
  readonly #silentUntil = new Map<string, number>();
  /** Replica sets that secure routing has found, by the keys' names. */
  readonly #found = new Map<string, { readonly targets: readonly Target[]; readonly until: number }>();

  constructor(overlay: Overlay, descriptor: RingDescriptorBody, clock: Clock) {
    this.#overlay = overlay;
    this.#descriptor = descriptor;
    this.#clock = clock;
  }

  /**
   * From our own leaf set if that covers the key, else by secure routing: what is written goes here, and what is not here is
   * nowhere. Rejects with OverlayError, and with StorageError `unreachable` where nobody can tell which nodes these are.
   */
  async of(key: Key): Promise<ReplicaSet> {
    return this.#setOf(key, this.local(key) ?? (await this.#secure(key)));
  }

  /** The same by an ordinary look-up: cheap, and bent by anybody on the way. Rejects with OverlayError. */
  async near(key: Key): Promise<ReplicaSet> {
    return this.#setOf(key, this.local(key) ?? (await this.#overlay.lookup(key)).nearest);
  }

  /** The nodes closest to the key, if our leaf set tells for sure. */
  local(key: Key): readonly Target[] | undefined {
    if (!this.#overlay.ready) return undefined;
    const { k } = this.#descriptor;
    const found = this.#overlay.closest(key, k + SPARE_NODES);
    const farthest = found[Math.max(1, Math.min(k, found.length)) - 1]!.nodeId;
    const range = new OwnRange(this.#overlay.self.nodeId, this.#overlay.leafSet());
    return range.reaches(key, farthest) ? found : undefined;
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

  /** Silent ones last. */
  #setOf(key: Key, contacts: readonly Target[]): ReplicaSet {
    const { k } = this.#descriptor;
    const targets = contacts.slice(0, k + SPARE_NODES).map(({ nodeId, peerKey }) => ({ nodeId, peerKey }));
    const heard = targets.filter((target) => !this.#isSilent(target.nodeId));
    const closest = [...heard, ...targets.filter((target) => this.#isSilent(target.nodeId))];
    const first = new Set(closest.slice(0, k).map(({ nodeId }) => idText(nodeId)));
    const others = this.alwaysOn(key).filter(({ nodeId }) => !first.has(idText(nodeId)));
    const alwaysOn = others.filter(({ nodeId }) => !this.#isSilent(nodeId));
    return { closest, alwaysOn, unasked: others.length - alwaysOn.length, k };
  }

  /** What was found is good for a while: a log's head and an inbox are used again and again. */
  async #secure(key: Key): Promise<readonly Target[]> {
    const name = idText(key);
    const known = this.#found.get(name);
    const isGood = known && known.until > this.#clock.now();
    if (isGood && !known.targets.some(({ nodeId }) => this.#isSilent(nodeId))) return known.targets;
    const { nearest } = await this.#overlay.lookup(key, { secure: true }).catch(asUncertain);
    this.#found.delete(name);
    if (this.#found.size >= FOUND_MAX) this.#found.delete(this.#found.keys().next().value!);
    this.#found.set(name, { targets: nearest, until: this.#clock.now() + FOUND_MS });
    return nearest;
  }
}

/** Neither stored nor missing: whoever waits may try again, and is told why. */
function asUncertain(error: unknown): never {
  if (!(error instanceof OverlayError) || error.code !== 'uncertain') throw error;
  throw new StorageError(
    'unreachable',
    'It cannot be told which nodes are to hold this: too few have answered, or some of them may lie.',
    { cause: error },
  );
}
