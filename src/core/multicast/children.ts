/**
 * A group's way down: its children, their leases (Scribe §2.3: entries that are not refreshed are dropped), and the
 * bottleneck remover (§2.4): of too many children the farthest is sent to another child.
 */
import { idText, type Key, type NodeId } from '../codec/id.ts';
import type { Attachment } from './attachment.ts';
import type { Child, Group } from './group.ts';
import {
  CHILDREN_MAX,
  CHILDREN_TAKEN_MAX,
  GROUPS_PER_NEIGHBOUR_MAX,
  HANDOVER_MS,
  LEASE_MS,
  OTHERS_MAX,
  STAY_MS,
} from './limits.ts';
import type { MachineState } from './machine-state.ts';
import type { MessageOf } from './messages.ts';

export class Children {
  readonly #state: MachineState;
  readonly #attachment: Attachment;

  constructor(state: MachineState, attachment: Attachment) {
    this.#state = state;
    this.#attachment = attachment;
  }

  /** Scribe §2.2: whoever gets a JOIN becomes a forwarder, takes the child, and joins in its turn. */
  onJoin(from: NodeId, { group: key, channel }: MessageOf<'join'>, now: number): void {
    const name = idText(from);
    this.#forget(from, key, channel);
    const known = this.#state.groups.get(key);
    if (!this.#hasRoomFor(from, known)) {
      this.#state.refuse('too-many-groups', 'a join for which there is no room');
      return this.#state.tell(from, { type: 'elsewhere', channel, others: [] });
    }
    const group = known ?? this.#state.groups.add(key);
    if (!group.children.has(name) && group.children.size >= CHILDREN_TAKEN_MAX)
      return this.#sendElsewhere(group, from, channel);
    this.#add(group, from, channel, now);
    const isAncestor = group.joining?.name === name || group.path.some((node) => idText(node) === name);
    this.#state.tell(from, { type: 'accepted', channel, path: this.#attachment.pathOf(group) });
    if (isAncestor) this.#attachment.giveWay(group, now);
    else if (known === undefined) this.#attachment.seek(group, now);
    this.relieve(group, now);
  }

  /** A child goes; what nobody needs any more goes with it. */
  onLeave(from: NodeId, channels: readonly number[], now: number): void {
    for (const channel of channels) {
      const group = this.#state.groups.neighbour(from)?.below.get(channel);
      if (group) this.#left(group, from, now);
    }
  }

  /** The child that was to go has no link to any of the others. */
  onStay(from: NodeId, { channel }: MessageOf<'stay'>, now: number): void {
    const group = this.#state.groups.neighbour(from)?.below.get(channel);
    const child = group?.children.get(idText(from));
    if (group === undefined || child === undefined) return;
    child.staysUntil = now + STAY_MS;
    if (group.handover?.name === child.name) group.handover = undefined;
    this.relieve(group, now);
  }

  /** Leases are renewed; whose lease is unknown hears so. */
  onRenew(from: NodeId, channels: readonly number[], now: number): void {
    const below = this.#state.groups.neighbour(from)?.below;
    const unknown: number[] = [];
    for (const channel of channels) {
      const child = below?.get(channel)?.children.get(idText(from));
      if (child) child.leaseUntil = now + LEASE_MS;
      else unknown.push(channel);
    }
    this.#state.tellChannels(from, 'gone', unknown);
  }

  /** The link is gone, and its node's place in every group. */
  lost(nodeId: NodeId, now: number): void {
    this.onLeave(nodeId, [...(this.#state.groups.neighbour(nodeId)?.below.keys() ?? [])], now);
  }

  /** All look for another parent: we are no way to the root. */
  letGo(group: Group, now: number): void {
    for (const child of [...group.children.values()]) this.#dismiss(group, child, now);
  }

  /** Those whose leases ended. */
  expire(group: Group, now: number): void {
    for (const child of [...group.children.values()])
      if (child.leaseUntil <= now) this.#dismiss(group, child, now);
  }

  /** §2.4: one child at a time is sent to another, the farthest first. */
  relieve(group: Group, now: number): void {
    if (group.handover && group.handover.until <= now) this.#unmoved(group, now);
    if (group.handover || group.children.size <= CHILDREN_MAX) return;
    const farthest = this.#byDelay(group).findLast(({ child }) => child.staysUntil <= now)?.child;
    if (farthest === undefined) return;
    group.handover = { name: farthest.name, until: now + HANDOVER_MS };
    this.#state.restless.add(group);
    this.#state.due(group.handover.until);
    this.#state.count('handovers');
    this.#sendElsewhere(group, farthest.nodeId, farthest.channel);
  }

  tick(group: Group, now: number): void {
    this.relieve(group, now);
    if (group.handover) this.#state.due(group.handover.until);
  }

  #hasRoomFor(from: NodeId, group: Group | undefined): boolean {
    if (group?.children.has(idText(from))) return true;
    const isInFew = (this.#state.groups.neighbour(from)?.below.size ?? 0) < GROUPS_PER_NEIGHBOUR_MAX;
    return isInFew && (group !== undefined || this.#state.groups.hasRoom);
  }

  #add(group: Group, from: NodeId, channel: number, now: number): void {
    const name = idText(from);
    const before = group.children.get(name);
    if (before && before.channel !== channel) this.#state.groups.notBelow(from, before.channel);
    const child: Child = {
      nodeId: from,
      name,
      channel,
      leaseUntil: now + LEASE_MS,
      toldAt: now,
      staysUntil: before?.staysUntil ?? 0,
    };
    group.children.set(name, child);
    this.#state.groups.below(group, from, channel);
  }

  #left(group: Group, from: NodeId, now: number): void {
    const child = group.children.get(idText(from));
    if (child === undefined) return;
    group.children.delete(child.name);
    this.#state.groups.notBelow(from, child.channel);
    if (group.handover?.name === child.name) group.handover = undefined;
    this.relieve(group, now);
    this.dropIfIdle(group);
  }

  #dismiss(group: Group, child: Child, now: number): void {
    this.#state.tellChannels(child.nodeId, 'gone', [child.channel]);
    this.#left(group, child.nodeId, now);
  }

  /** Scribe §2.2: without members and children a node leaves its parent. */
  dropIfIdle(group: Group): void {
    if (group.needed || this.#state.groups.get(group.key) !== group) return;
    this.#attachment.detach(group);
    this.#state.streams.drop(group);
    this.#state.restless.delete(group);
    this.#state.groups.remove(group);
  }

  /** The child did not find another parent in time. */
  #unmoved(group: Group, now: number): void {
    const child = group.children.get(group.handover!.name);
    if (child) child.staysUntil = now + STAY_MS;
    group.handover = undefined;
  }

  #sendElsewhere(group: Group, to: NodeId, channel: number): void {
    const others = this.#byDelay(group)
      .filter(({ child }) => child.name !== idText(to))
      .slice(0, OTHERS_MAX)
      .map(({ child, delayMs }) => ({ node: child.nodeId, delayMs: Math.round(delayMs) }));
    this.#state.tell(to, { type: 'elsewhere', channel, others });
  }

  /** The nearest first; whose delay is not known counts as near. */
  #byDelay(group: Group): readonly { readonly child: Child; readonly delayMs: number }[] {
    const delays = this.#state.surroundings.delaysMs();
    return [...group.children.values()]
      .map((child) => ({ child, delayMs: delays.get(child.name) ?? 0 }))
      .sort((a, b) => a.delayMs - b.delayMs);
  }

  /** The same number for another group: the child has forgotten that one. */
  #forget(from: NodeId, key: Key, channel: number): void {
    const other = this.#state.groups.neighbour(from)?.below.get(channel);
    if (other && other.name !== idText(key)) {
      other.children.delete(idText(from));
      this.#state.groups.notBelow(from, channel);
      this.dropIfIdle(other);
    }
  }
}
