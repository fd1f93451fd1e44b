/**
 * Soft state (Scribe §2.3): parents that had nothing to forward say that they are alive, children renew their leases, and
 * whoever was silent for too long is given up. One message to a neighbour speaks of all groups that it shares with us.
 */
import type { NodeId } from '../codec/id.ts';
import type { Attachment } from './attachment.ts';
import type { Children } from './children.ts';
import type { Group } from './group.ts';
import { HEARTBEAT_MS, LEASE_MS, PARENT_SILENT_MS, RENEW_MS, ROUND_MS, SLEPT_MS } from './limits.ts';
import type { MachineState } from './machine-state.ts';

export class Rounds {
  readonly #state: MachineState;
  readonly #attachment: Attachment;
  readonly #children: Children;
  /** Undefined: there are no groups, and nothing to look at. */
  #nextAt: number | undefined;

  constructor(state: MachineState, attachment: Attachment, children: Children) {
    this.#state = state;
    this.#attachment = attachment;
    this.#children = children;
  }

  /** A parent says that it is alive; what it is not the parent of, it hears. */
  onAlive(from: NodeId, channels: readonly number[], now: number): void {
    const neighbour = this.#state.groups.neighbour(from);
    const unknown: number[] = [];
    for (const channel of channels) {
      const group = this.#state.groups.byChannel(channel);
      if (group === undefined || !neighbour?.above.has(group)) unknown.push(channel);
      else if (group.parent?.name === neighbour.name) group.parent.heardAt = now;
    }
    this.#state.tellChannels(from, 'leave', unknown);
  }

  /** Asks a neighbour whose link came up anew whether it still knows us: its node may have started again. */
  remind(nodeId: NodeId, now: number): void {
    const above = this.#state.groups.neighbour(nodeId)?.above;
    if (above) this.#renew(nodeId, above, now);
  }

  /** When the next round is due, as long as there are groups. */
  settle(now: number): void {
    if (this.#state.groups.size === 0) this.#nextAt = undefined;
    else this.#nextAt ??= now + ROUND_MS;
    if (this.#nextAt !== undefined) this.#state.due(this.#nextAt);
  }

  tick(now: number): void {
    if (this.#nextAt === undefined || this.#nextAt > now) return;
    if (this.#nextAt + SLEPT_MS < now) this.#wake(now);
    this.#nextAt = now + ROUND_MS;
    for (const group of [...this.#state.groups.all()]) this.#lookAt(group, now);
    for (const { nodeId, name, above, below } of [...this.#state.groups.neighbours()]) {
      const silent: number[] = [];
      for (const [channel, group] of below) {
        const child = group.children.get(name)!;
        if (child.toldAt + HEARTBEAT_MS > now) continue;
        child.toldAt = now;
        silent.push(channel);
      }
      this.#state.tellChannels(nodeId, 'alive', silent);
      this.#renew(
        nodeId,
        [...above].filter(({ parent }) => (parent?.renewedAt ?? now) + RENEW_MS <= now),
        now,
      );
    }
  }

  #lookAt(group: Group, now: number): void {
    this.#children.expire(group, now);
    this.#children.relieve(group, now);
    const { parent } = group;
    if (parent && parent.heardAt + PARENT_SILENT_MS <= now) {
      this.#state.count('parents-silent');
      this.#state.tellChannels(parent.nodeId, 'leave', [group.channel]);
      this.#attachment.lost(group, parent.name, now);
    }
    this.#children.dropIfIdle(group);
  }

  #renew(parent: NodeId, groups: Iterable<Group>, now: number): void {
    const channels: number[] = [];
    for (const group of groups) {
      if (group.parent === undefined) continue;
      group.parent.renewedAt = now;
      channels.push(group.channel);
    }
    this.#state.tellChannels(parent, 'renew', channels);
  }

  /** Nobody could be heard in sleep: all get a fresh chance, and parents are asked at once whether they still know us. */
  #wake(now: number): void {
    for (const group of this.#state.groups.all()) {
      if (group.parent) {
        group.parent.heardAt = now;
        group.parent.renewedAt = -Infinity;
      }
      for (const child of group.children.values()) child.leaseUntil = now + LEASE_MS;
    }
  }
}
