/** What the parts of the multicast machine share: the groups, the streams, and the effects of this step. */
import { equalBytes } from '../codec/bytes.ts';
import type { NodeId } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import { GroupTable } from './group-table.ts';
import type { Group } from './group.ts';
import { CHANNELS_MAX } from './limits.ts';
import type { MulticastEffect, Surroundings } from './machine-events.ts';
import type { MulticastMessage } from './messages.ts';
import { Streams } from './streams.ts';

export class MachineState {
  readonly self: NodeId;
  readonly surroundings: Surroundings;
  readonly random: Random;
  readonly groups: GroupTable;
  readonly streams = new Streams();
  /** Groups that are to be looked at before the next round. */
  readonly restless = new Set<Group>();
  #deadline = Infinity;
  #effects: MulticastEffect[] = [];

  constructor(self: NodeId, surroundings: Surroundings, random: Random) {
    this.self = self;
    this.surroundings = surroundings;
    this.random = random;
    this.groups = new GroupTable(random, (nodeId, on) => this.emit({ type: 'protect', nodeId, on }));
  }

  isSelf(nodeId: NodeId): boolean {
    return equalBytes(nodeId, this.self);
  }

  emit(effect: MulticastEffect): void {
    this.#effects.push(effect);
  }

  tell(to: NodeId, message: MulticastMessage): void {
    this.emit({ type: 'tell', to, message });
  }

  /** A message that speaks of several groups, in as many pieces as it needs; of none: nothing. */
  tellChannels(to: NodeId, type: 'leave' | 'gone' | 'alive' | 'renew', channels: readonly number[]): void {
    for (let i = 0; i < channels.length; i += CHANNELS_MAX)
      this.tell(to, { type, channels: channels.slice(i, i + CHANNELS_MAX) });
  }

  count(name: string, amount = 1): void {
    this.emit({ type: 'count', name, amount });
  }

  refuse(code: string, reason: string): void {
    this.emit({ type: 'refused', code, reason });
  }

  /** Something is to be done at `at`. */
  due(at: number): void {
    if (at < this.#deadline) this.#deadline = at;
  }

  takeDeadline(): number {
    const deadline = this.#deadline;
    this.#deadline = Infinity;
    return deadline;
  }

  takeEffects(): MulticastEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** 75% to 125% of it. */
  jittered(ms: number): number {
    return Math.round(ms * (0.75 + randomBelow(this.random, 1_000) / 2_000));
  }
}
