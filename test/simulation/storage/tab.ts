/** One node of the storage simulator: a disk that outlives its sessions, and the product's machine for each session. */
import { idText, type Key, type NodeId } from '../../../src/core/codec/id.ts';
import { MaintenanceMachine, PERIOD_MS } from '../../../src/core/storage/maintenance.ts';
import type { RememberedMirror } from '../../../src/core/storage/mirrors.ts';
import { lowWaterOf } from '../../../src/core/storage/planner.ts';
import { KeyTree } from '../../../src/core/storage/reconcile/key-tree.ts';

export class SimulatedNode {
  readonly nodeId: NodeId;
  readonly isRelay: boolean;
  readonly isLiar: boolean;
  /** What it says it holds; a liar has none of it. */
  disk = KeyTree.EMPTY;
  /** Keys of which its bytes are not what was meant; found when they are read. */
  readonly torn = new Set<string>();
  isUp = false;
  /** Left for good. */
  isGone = false;
  machine: MaintenanceMachine | undefined;
  /** What its last session knew of others, on its disk. */
  remembered: readonly RememberedMirror[] = [];
  /** Grows with each session: what was under way for an earlier one comes to nothing. */
  session = 0;
  /** Grows with each timer that is set: an earlier one is void. */
  timer = 0;
  isToldSoon = false;

  constructor(nodeId: NodeId, isRelay: boolean, isLiar: boolean) {
    this.nodeId = nodeId;
    this.isRelay = isRelay;
    this.isLiar = isLiar;
  }

  /** A tab that opens knows only its disk, and on it what it knew of others. `chance`: 0 to 1. */
  open(now: number, k: number, alwaysOn: number, chance: number): void {
    this.isUp = true;
    this.session += 1;
    const firstAt = now + Math.floor(chance * PERIOD_MS);
    const lowWater = lowWaterOf(k, alwaysOn);
    const { nodeId: self, remembered } = this;
    this.machine = new MaintenanceMachine({ self, lowWater, k, firstAt, remembered });
  }

  close(): void {
    this.isUp = false;
    this.session += 1;
    this.remembered = this.machine?.remembered() ?? [];
    this.machine = undefined;
  }

  /** Leaves for good, and its disk with it. */
  leave(): void {
    this.isGone = true;
    this.disk = KeyTree.EMPTY;
  }

  write(key: Key, isTorn: boolean): void {
    this.disk = this.disk.with(key);
    if (isTorn) this.torn.add(idText(key));
    else this.torn.delete(idText(key));
  }

  /** As the product's store: a copy that does not fit its hash counts as missing from then on. */
  dropIfTorn(key: Key): void {
    if (this.torn.delete(idText(key))) this.disk = this.disk.without(key);
  }

  /** Whether it has the block's bytes. */
  holds(key: Key): boolean {
    return !this.isLiar && this.disk.has(key) && !this.torn.has(idText(key));
  }
}
