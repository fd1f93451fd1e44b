/**
 * A group's way up: who is our parent, or that we are the root. Joins go to the next hop towards the group's key (Scribe
 * §2.2), again when the parent is lost (§2.3), and when the key's root is somebody else. The path from the root is passed
 * down, so that whoever finds itself in it knows of a loop (§2.4).
 */
import { equalBytes } from '../codec/bytes.ts';
import { idText, type NodeId } from '../codec/id.ts';
import type { Group } from './group.ts';
import {
  DEPTH_MAX,
  FORMER_PARENT_MS,
  JOIN_MS,
  LOOP_PAUSE_MS,
  MOVES_MAX,
  ORPHAN_MS,
  PATH_MS,
  RETRY_MS,
  RETRY_MS_MAX,
} from './limits.ts';
import type { MachineState } from './machine-state.ts';
import type { MessageOf } from './messages.ts';

export class Attachment {
  readonly #state: MachineState;

  constructor(state: MachineState) {
    this.#state = state;
  }

  /** From the root to us, both included; without a parent only we. What our children are told. */
  pathOf(group: Group): NodeId[] {
    return [...group.path, this.#state.self];
  }

  /** Looks for a parent where the overlay would route the group's key to. */
  seek(group: Group, now: number): void {
    const way = this.#state.surroundings.nextHop(group.key);
    if (way.kind === 'here') return this.becomeRoot(group, now);
    group.root = false;
    if (group.parent === undefined) group.orphanSince ??= now;
    if (way.kind === 'none') return this.#retryLater(group, now);
    // Our child will find the root by itself soon if it is nearer to it: only if it does not, it is turned round.
    if (group.children.has(idText(way.nodeId)) && group.failures === 0) return this.#retryLater(group, now);
    this.#join(group, way.nodeId, now);
  }

  /** The ring changed: is the root who it was? */
  reconsider(group: Group, now: number): void {
    const way = this.#state.surroundings.nextHop(group.key);
    if (way.kind === 'here' && !group.root) return this.becomeRoot(group, now);
    if (way.kind === 'next' && group.parent === undefined && group.joining === undefined)
      this.seek(group, now);
  }

  becomeRoot(group: Group, now: number): void {
    this.#leaveParent(group);
    this.#stopJoining(group, true);
    this.#atRest(group);
    group.root = true;
    this.#setPath(group, [], now);
  }

  onAccepted(from: NodeId, { channel, path }: MessageOf<'accepted'>, now: number): void {
    const group = this.#state.groups.byChannel(channel);
    const name = idText(from);
    const expected = group?.parent?.name === name || group?.joining?.name === name;
    if (group === undefined || !expected) return this.#state.tellChannels(from, 'leave', [channel]);
    if (path.length >= DEPTH_MAX || path.some((node) => this.#state.isSelf(node)))
      return this.#onLoop(group, from, now);
    if (group.joining?.name === name) this.#attach(group, from, now);
    group.parent!.heardAt = now;
    this.#setPath(group, path, now);
  }

  /** Our parent, or the one we asked, has too many children: another child of it with a link to us will do. */
  onElsewhere(from: NodeId, { channel, others }: MessageOf<'elsewhere'>, now: number): void {
    const group = this.#state.groups.byChannel(channel);
    const name = idText(from);
    if (group === undefined) return this.#state.tellChannels(from, 'leave', [channel]);
    if (group.joining?.name === name) this.#stopJoining(group, false);
    else if (group.parent?.name !== name || group.joining) return;
    else group.moves = 0;
    const best = group.moves++ < MOVES_MAX ? this.#nearestOf(group, others) : undefined;
    if (best) return this.#join(group, best, now);
    if (group.parent) return this.#stay(group);
    this.#failed(group, now);
  }

  /** A parent, or one we asked, does not want us or has forgotten us. */
  onGone(from: NodeId, channels: readonly number[], now: number): void {
    for (const channel of channels) {
      const group = this.#state.groups.byChannel(channel);
      if (group) this.lost(group, idText(from), now);
    }
  }

  /** The neighbour of this name can be neither parent nor become it any more. */
  lost(group: Group, name: string, now: number): void {
    if (group.joining?.name === name) {
      this.#stopJoining(group, false);
      if (group.parent) this.#stay(group);
      else this.#failed(group, now);
    }
    if (group.parent?.name !== name) return;
    this.#dropParent(group);
    if (group.joining === undefined) this.seek(group, now);
    else group.orphanSince = now;
  }

  /** An ancestor joined us: it has lost its way up, and we with it. Who is nearer to the key will be above. */
  giveWay(group: Group, now: number): void {
    this.#leaveParent(group);
    this.#stopJoining(group, true);
    this.seek(group, now);
  }

  /** Nobody needs the group here: Scribe §2.2, "leave". */
  detach(group: Group): void {
    this.#leaveParent(group);
    this.#stopJoining(group, true);
    this.#atRest(group);
    group.root = false;
  }

  /** Whether all have to look for themselves: we found no parent for too long. */
  isLost(group: Group, now: number): boolean {
    return group.orphanSince !== undefined && group.orphanSince + ORPHAN_MS <= now;
  }

  tick(group: Group, now: number): void {
    this.#tellPath(group, now);
    if (group.joining && group.joining.expires <= now) {
      this.#state.count('joins-unanswered');
      this.#state.tellChannels(group.joining.nodeId, 'leave', [group.channel]);
      this.lost(group, group.joining.name, now);
    }
    if (group.retryAt !== undefined && group.retryAt <= now) {
      group.retryAt = undefined;
      if (!group.root && group.parent === undefined && group.joining === undefined) this.seek(group, now);
    }
    if (group.joining) this.#state.due(group.joining.expires);
    if (group.retryAt !== undefined) this.#state.due(group.retryAt);
    if (group.orphanSince !== undefined && !this.isLost(group, now))
      this.#state.due(group.orphanSince + ORPHAN_MS);
  }

  #join(group: Group, to: NodeId, now: number): void {
    const name = idText(to);
    if (group.joining?.name === name) return;
    this.#stopJoining(group, true);
    const child = group.children.get(name);
    if (child) {
      group.children.delete(name);
      this.#state.tellChannels(to, 'gone', [child.channel]);
      this.#state.groups.notBelow(to, child.channel);
    }
    group.joining = { nodeId: to, name, expires: now + JOIN_MS };
    group.retryAt = undefined;
    this.#state.groups.above(group, to);
    this.#state.restless.add(group);
    this.#state.due(group.joining.expires);
    this.#state.tell(to, { type: 'join', group: group.key, channel: group.channel });
  }

  #attach(group: Group, to: NodeId, now: number): void {
    const { name } = group.joining!;
    group.joining = undefined;
    if (group.parent) group.former = { name: group.parent.name, until: now + FORMER_PARENT_MS };
    this.#leaveParent(group);
    group.parent = { nodeId: to, name, heardAt: now, renewedAt: now };
    this.#atRest(group);
  }

  #onLoop(group: Group, from: NodeId, now: number): void {
    this.#state.count('loops');
    const name = idText(from);
    if (group.parent?.name === name) this.#leaveParent(group);
    if (group.joining?.name === name) this.#stopJoining(group, true);
    if (group.parent || group.joining) return;
    group.orphanSince ??= now;
    this.#retryAt(group, now + 1 + this.#state.jittered(LOOP_PAUSE_MS));
  }

  #setPath(group: Group, path: readonly NodeId[], now: number): void {
    const same =
      path.length === group.path.length && path.every((node, i) => equalBytes(node, group.path[i]!));
    if (same) return;
    group.path = path;
    group.pathUntold = group.children.size > 0;
    this.#tellPath(group, now);
  }

  /** Not more often than each second: a parent that changes its path all the time must not flood the whole tree below. */
  #tellPath(group: Group, now: number): void {
    if (!group.pathUntold) return;
    if (group.pathToldAt + PATH_MS > now) {
      this.#state.restless.add(group);
      return this.#state.due(group.pathToldAt + PATH_MS);
    }
    group.pathUntold = false;
    group.pathToldAt = now;
    const path = this.pathOf(group);
    for (const child of group.children.values()) {
      child.toldAt = now;
      this.#state.tell(child.nodeId, { type: 'accepted', channel: child.channel, path });
    }
  }

  /** The paper's choice: the way over it to our old parent is the shortest. */
  #nearestOf(group: Group, others: MessageOf<'elsewhere'>['others']): NodeId | undefined {
    const delays = this.#state.surroundings.delaysMs();
    let best: { readonly node: NodeId; readonly delayMs: number } | undefined;
    for (const { node, delayMs } of others) {
      if (this.#state.isSelf(node) || group.children.has(idText(node))) continue;
      if (group.parent?.name === idText(node) || !this.#state.surroundings.isLinked(node)) continue;
      const whole = delayMs + (delays.get(idText(node)) ?? 0);
      if (best === undefined || whole < best.delayMs) best = { node, delayMs: whole };
    }
    return best?.node;
  }

  #stay(group: Group): void {
    const { parent, channel } = group;
    if (parent) this.#state.tell(parent.nodeId, { type: 'stay', channel });
  }

  #leaveParent(group: Group): void {
    if (group.parent) this.#state.tellChannels(group.parent.nodeId, 'leave', [group.channel]);
    this.#dropParent(group);
  }

  #dropParent(group: Group): void {
    const { parent } = group;
    if (parent === undefined) return;
    group.parent = undefined;
    this.#state.groups.settleAbove(group, parent.nodeId);
  }

  #stopJoining(group: Group, tell: boolean): void {
    const { joining } = group;
    if (joining === undefined) return;
    group.joining = undefined;
    if (tell) this.#state.tellChannels(joining.nodeId, 'leave', [group.channel]);
    this.#state.groups.settleAbove(group, joining.nodeId);
  }

  #atRest(group: Group): void {
    group.retryAt = undefined;
    group.orphanSince = undefined;
    group.failures = 0;
    group.moves = 0;
  }

  #failed(group: Group, now: number): void {
    group.orphanSince ??= now;
    this.#retryLater(group, now);
  }

  #retryLater(group: Group, now: number): void {
    const pause = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(group.failures, 10));
    group.failures++;
    this.#retryAt(group, now + this.#state.jittered(pause));
  }

  #retryAt(group: Group, at: number): void {
    group.retryAt = at;
    this.#state.restless.add(group);
    this.#state.due(at);
  }
}
