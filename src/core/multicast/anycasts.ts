/**
 * Anycast: a walk through the tree, depth first, that ends with the first member who takes it. It begins at the first node
 * of the tree on the way from the sender to the root, so that it finds a near member (Castro, Druschel, Kermarrec &
 * Rowstron, NGC 2003, §4). Each node asks the next one and waits for the answer, so that a dead end comes back.
 */
import type { Bytes } from '../codec/bytes.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { ANYCAST_MARGIN_MS, ANYCASTS_MAX, OFFER_MS, VISITS_MAX } from './limits.ts';
import type { CallId, MulticastMachineEvent, Walk } from './machine-events.ts';
import type { MachineState } from './machine-state.ts';

type AnycastEvent = Extract<MulticastMachineEvent, { readonly type: 'anycast' }>;

interface Visit {
  readonly call: CallId;
  readonly group: Key;
  /** By name, in the order of the visits; the origin first. */
  readonly visited: Map<string, NodeId>;
  readonly expires: number;
  /** Waiting for our member's answer, choosing the next node, waiting for its answer. */
  state: 'offered' | 'walking' | 'passed';
}

export class Anycasts {
  readonly #state: MachineState;
  readonly #visits = new Map<CallId, Visit>();

  constructor(state: MachineState) {
    this.#state = state;
  }

  begin({ call, group, visited, timeoutMs }: AnycastEvent, now: number): void {
    const names = new Map(visited.map((node) => [idText(node), node]));
    const isOrigin = names.size === 1 && this.#state.isSelf(visited[0]!);
    const back = !isOrigin && names.has(idText(this.#state.self));
    if (this.#visits.size >= ANYCASTS_MAX) this.#state.refuse('busy', 'too many anycasts under way');
    if (this.#visits.size >= ANYCASTS_MAX || back || names.size >= VISITS_MAX)
      return this.#state.emit({ type: 'walked', call, walk: { taken: undefined, visited } });
    names.set(idText(this.#state.self), this.#state.self);
    const visit: Visit = { call, group, visited: names, expires: now + timeoutMs, state: 'walking' };
    this.#visits.set(call, visit);
    if (isOrigin || !this.#state.groups.get(group)?.member) return this.#goOn(visit, now);
    visit.state = 'offered';
    this.#state.emit({ type: 'offer', call, timeoutMs: Math.min(timeoutMs, OFFER_MS) });
  }

  /** Our member has answered. */
  offered(call: CallId, answer: Bytes | undefined, now: number): void {
    const visit = this.#visits.get(call);
    if (visit?.state !== 'offered') return;
    if (answer) return this.#end(visit, { by: this.#state.self, answer });
    visit.state = 'walking';
    this.#goOn(visit, now);
  }

  /** A neighbour has come back; undefined: it did not. */
  passed(call: CallId, walk: Walk | undefined, now: number): void {
    const visit = this.#visits.get(call);
    if (visit?.state !== 'passed') return;
    if (walk?.taken) return this.#end(visit, walk.taken);
    for (const node of walk?.visited ?? []) visit.visited.set(idText(node), node);
    visit.state = 'walking';
    this.#goOn(visit, now);
  }

  stop(): void {
    for (const visit of [...this.#visits.values()]) this.#end(visit, undefined);
  }

  /** Children first, then up: at a node outside of the tree the way towards the root. */
  #goOn(visit: Visit, now: number): void {
    const timeoutMs = Math.floor(visit.expires - now - ANYCAST_MARGIN_MS);
    const next = this.#next(visit);
    if (next === undefined || timeoutMs <= 0 || visit.visited.size >= VISITS_MAX)
      return this.#end(visit, undefined);
    visit.visited.set(idText(next), next);
    visit.state = 'passed';
    const visited = [...visit.visited.values()].filter((node) => node !== next);
    this.#state.emit({ type: 'pass', call: visit.call, to: next, visited, timeoutMs });
  }

  #next({ group: key, visited }: Visit): NodeId | undefined {
    const group = this.#state.groups.get(key);
    for (const child of group?.children.values() ?? []) if (!visited.has(child.name)) return child.nodeId;
    if (group?.parent) return visited.has(group.parent.name) ? undefined : group.parent.nodeId;
    const way = this.#state.surroundings.nextHop(key);
    return way.kind === 'next' && !visited.has(idText(way.nodeId)) ? way.nodeId : undefined;
  }

  #end({ call, visited }: Visit, taken: Walk['taken']): void {
    this.#visits.delete(call);
    const walk = { taken, visited: [...visited.values()].slice(0, VISITS_MAX) };
    this.#state.emit({ type: 'walked', call, walk });
  }
}
