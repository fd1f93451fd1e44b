/**
 * Scribe as a step machine (Castro, Druschel, Kermarrec & Rowstron, JSAC 2002; cited by section): events in, effects out, no
 * I/O, the same effects for the same events. The parts: the way up (attachment.ts), the way down (children.ts), multicasts
 * (dissemination.ts), soft state (rounds.ts) and anycasts; they share machine-state.ts.
 */
import { unreachable } from '../codec/assert.ts';
import type { Key, NodeId } from '../codec/id.ts';
import type { Random } from '../crypto/random.ts';
import { Anycasts } from './anycasts.ts';
import { Attachment } from './attachment.ts';
import { Children } from './children.ts';
import { Dissemination } from './dissemination.ts';
import type { Group } from './group.ts';
import type { MulticastEffect, MulticastMachineEvent, Surroundings } from './machine-events.ts';
import { MachineState } from './machine-state.ts';
import type { MulticastMessage } from './messages.ts';
import { Rounds } from './rounds.ts';

export class MulticastMachine {
  readonly #state: MachineState;
  readonly #attachment: Attachment;
  readonly #children: Children;
  readonly #dissemination: Dissemination;
  readonly #rounds: Rounds;
  readonly #anycasts: Anycasts;
  #timerAt = Infinity;
  #stopped = false;

  constructor(self: NodeId, surroundings: Surroundings, random: Random) {
    this.#state = new MachineState(self, surroundings, random);
    this.#attachment = new Attachment(this.#state);
    this.#children = new Children(this.#state, this.#attachment);
    this.#dissemination = new Dissemination(this.#state, this.#attachment);
    this.#rounds = new Rounds(this.#state, this.#attachment, this.#children);
    this.#anycasts = new Anycasts(this.#state);
  }

  /** `now`: milliseconds, never going back. */
  step(event: MulticastMachineEvent, now: number): readonly MulticastEffect[] {
    if (this.#stopped) return this.#afterStop(event);
    this.#handle(event, now);
    if (!this.#stopped) {
      this.#rounds.settle(now);
      this.#setTimer(event.type === 'timer');
    }
    return this.#state.takeEffects();
  }

  /** For tests and figures. */
  group(key: Key): Group | undefined {
    return this.#state.groups.get(key);
  }

  get groupCount(): number {
    return this.#state.groups.size;
  }

  #handle(event: MulticastMachineEvent, now: number): void {
    switch (event.type) {
      case 'join':
        return this.#join(event.group, now);
      case 'leave':
        return this.#leave(event.group);
      case 'told':
        return this.#told(event.from, event.message, now);
      case 'publish':
        return this.#dissemination.publish(event, now);
      case 'sent':
        return this.#dissemination.sent(event.publication, event.sender, now);
      case 'checked':
        return this.#dissemination.checked(event.ticket, event.sender, now);
      case 'anycast':
        return this.#anycasts.begin(event, now);
      case 'offered':
        return this.#anycasts.offered(event.call, event.answer, now);
      case 'passed':
        return this.#anycasts.passed(event.call, event.walk, now);
      case 'links':
        return this.#links(event.up, event.down, now);
      case 'routes-changed':
        for (const group of [...this.#state.groups.all()]) this.#attachment.reconsider(group, now);
        return;
      case 'timer':
        return this.#tick(now);
      case 'stop':
        return this.#stop();
      default:
        return unreachable(event);
    }
  }

  #join(key: Key, now: number): void {
    const known = this.#state.groups.get(key);
    const group = known ?? this.#state.groups.add(key);
    group.member = true;
    if (known === undefined) this.#attachment.seek(group, now);
  }

  #leave(key: Key): void {
    const group = this.#state.groups.get(key);
    if (group === undefined) return;
    group.member = false;
    this.#children.dropIfIdle(group);
  }

  #told(from: NodeId, message: MulticastMessage, now: number): void {
    switch (message.type) {
      case 'data':
        return this.#dissemination.onData(from, message, now);
      case 'join':
        return this.#children.onJoin(from, message, now);
      case 'leave':
        return this.#children.onLeave(from, message.channels, now);
      case 'stay':
        return this.#children.onStay(from, message, now);
      case 'renew':
        return this.#children.onRenew(from, message.channels, now);
      case 'accepted':
        return this.#attachment.onAccepted(from, message, now);
      case 'elsewhere':
        return this.#attachment.onElsewhere(from, message, now);
      case 'gone':
        return this.#attachment.onGone(from, message.channels, now);
      case 'alive':
        return this.#rounds.onAlive(from, message.channels, now);
      default:
        return unreachable(message);
    }
  }

  /** Scribe §2.3: with its link a parent or a child is gone. */
  #links(up: readonly NodeId[], down: readonly NodeId[], now: number): void {
    for (const nodeId of down) {
      const neighbour = this.#state.groups.neighbour(nodeId);
      if (neighbour === undefined) continue;
      this.#children.lost(nodeId, now);
      for (const group of [...neighbour.above]) this.#attachment.lost(group, neighbour.name, now);
    }
    for (const nodeId of up) this.#rounds.remind(nodeId, now);
    for (const group of this.#state.restless)
      if (group.retryAt !== undefined) this.#attachment.reconsider(group, now);
  }

  #tick(now: number): void {
    for (const group of [...this.#state.restless]) {
      this.#attachment.tick(group, now);
      this.#children.tick(group, now);
      if (this.#attachment.isLost(group, now)) this.#giveUp(group, now);
      if (!group.restless) this.#state.restless.delete(group);
    }
    this.#dissemination.tick(now);
    this.#rounds.tick(now);
  }

  /** No way up for too long: the children look for themselves; a member goes on looking. */
  #giveUp(group: Group, now: number): void {
    this.#state.count('orphans');
    group.orphanSince = now;
    this.#children.letGo(group, now);
  }

  #stop(): void {
    this.#anycasts.stop();
    for (const group of this.#state.groups.all()) this.#attachment.detach(group);
    this.#stopped = true;
  }

  #afterStop(event: MulticastMachineEvent): readonly MulticastEffect[] {
    if (event.type === 'publish')
      return [{ type: 'published', call: event.call, outcome: { kind: 'not-root' } }];
    if (event.type === 'anycast')
      return [{ type: 'walked', call: event.call, walk: { taken: undefined, visited: event.visited } }];
    return [];
  }

  #setTimer(fired: boolean): void {
    const deadline = this.#state.takeDeadline();
    if (!fired && deadline >= this.#timerAt) return;
    this.#timerAt = deadline;
    if (deadline < Infinity) this.#state.emit({ type: 'set-timer', at: deadline });
  }
}
