/** Look-ups and links on demand: calls of the machine that need several steps, from ids to contacts. */
import type { Clock } from '../codec/clock.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import type { Contact } from './contact.ts';
import { INTRODUCTIONS_SERVICE, introductionRequest, type FoundContacts } from './introductions.ts';
import type { CallOutcome, OverlayMachineEvent } from './machine-events.ts';
import { ASKED_CONTACTS_MAX } from './messages.ts';
import { failureOf } from './outcomes.ts';
import { OverlayError, type Lookup } from './overlay.ts';

/** A look-up without answer is tried again after this. */
const LOOKUP_MS = 5_000;
const LOOKUP_PAUSE_MS = 200;

export interface LookupsPorts {
  readonly call: (event: (callId: number) => OverlayMachineEvent) => Promise<CallOutcome>;
  /** The contact of a node whose certificate was checked. */
  readonly contact: (nodeId: NodeId) => Contact | undefined;
  readonly isLinked: (nodeId: NodeId) => boolean;
  readonly found: FoundContacts;
  readonly clock: Clock;
  /** Never goes back. */
  readonly now: () => number;
  readonly isStopped: () => boolean;
}

export class Lookups {
  readonly #ports: LookupsPorts;

  constructor(ports: LookupsPorts) {
    this.#ports = ports;
  }

  /** Asks for the root until `deadline`. Rejects with OverlayError. */
  async lookup(key: Key, deadline: number): Promise<Lookup> {
    const { call, now, isStopped } = this.#ports;
    for (;;) {
      const timeoutMs = Math.min(LOOKUP_MS, Math.max(1, deadline - now()));
      const outcome = await call((id) => ({ type: 'lookup', call: id, key, timeoutMs }));
      if (outcome.kind === 'root') {
        const found = await this.#resolve(outcome, deadline);
        if (found) return found;
      }
      if (now() >= deadline || isStopped()) throw failureOf(outcome);
      if (outcome.kind !== 'failure' || outcome.code === 'no-route') await this.#pause(LOOKUP_PAUSE_MS);
    }
  }

  /** Makes a link, learning the node's contact first if need be. Rejects with OverlayError. */
  async connect(to: NodeId, deadline: number): Promise<void> {
    const { call, isLinked, now, found } = this.#ports;
    if (isLinked(to)) return;
    const contact = this.#ports.contact(to) ?? (await this.#locate(to, deadline));
    const outcome = await call((id) => ({
      type: 'connect',
      call: id,
      introduction: { contact, via: found.get(to)?.via ?? [] },
      timeoutMs: Math.max(1, deadline - now()),
    }));
    if (outcome.kind !== 'linked') throw failureOf(outcome);
  }

  async #locate(nodeId: NodeId, deadline: number): Promise<Contact> {
    const { root } = await this.lookup(nodeId, deadline);
    if (idText(root.nodeId) === idText(nodeId)) return root;
    throw new OverlayError('unreachable', 'there is no such live node');
  }

  /** From ids to contacts; undefined when the root cannot be named. */
  async #resolve(
    { nearest, hopCount }: Extract<CallOutcome, { kind: 'root' }>,
    deadline: number,
  ): Promise<Lookup | undefined> {
    const { contact } = this.#ports;
    const root = nearest[0]!;
    const unknown = nearest.filter((nodeId) => contact(nodeId) === undefined);
    if (unknown.length > 0) await this.#askIntroductions(root, unknown, deadline);
    const contacts = nearest.flatMap((nodeId) => contact(nodeId) ?? []);
    const named = contact(root);
    return named && { root: named, nearest: contacts, hops: hopCount };
  }

  async #askIntroductions(of: NodeId, nodes: readonly NodeId[], deadline: number): Promise<void> {
    const { call, found, now } = this.#ports;
    const body = introductionRequest.encode({ v: 1, nodes: nodes.slice(0, ASKED_CONTACTS_MAX) });
    const timeoutMs = Math.max(1, Math.min(LOOKUP_MS, deadline - now()));
    const question = { to: of, service: INTRODUCTIONS_SERVICE, body, timeoutMs };
    const outcome = await call((id) => ({ type: 'request', call: id, ...question }));
    if (outcome.kind === 'response') await found.take(outcome.body);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#ports.clock.after(ms, resolve));
  }
}
