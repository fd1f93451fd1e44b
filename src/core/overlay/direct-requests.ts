/** Requests and responses over the link between two nodes. */
import type { Bytes } from '../codec/bytes.ts';
import { idText } from '../codec/id.ts';
import type { CallId, CallOutcome, Delivery } from './machine-events.ts';
import type { MachineState } from './machine-state.ts';
import { REQUEST_ID_BYTES } from './messages.ts';
import type { MessageOf, ServiceAnswer } from './messages.ts';
import type { PeerIndex } from './peer-table.ts';
import { NO_ENTRIES, withEntry, withoutEntry } from './sparse-map.ts';

/** A node that has not answered for this long is probed: it may be dead though its link looks open. */
const DOUBT_MS = 2_000;

interface Outstanding {
  readonly call: CallId;
  readonly to: PeerIndex;
  readonly expires: number;
  doubtAt: number;
}

export class DirectRequests {
  readonly #state: MachineState;
  readonly #probe: (peer: PeerIndex, now: number) => void;
  #outstanding: ReadonlyMap<string, Outstanding> = NO_ENTRIES;

  constructor(state: MachineState, probe: (peer: PeerIndex, now: number) => void) {
    this.#state = state;
    this.#probe = probe;
  }

  request(call: CallId, to: PeerIndex, service: string, body: Bytes, timeoutMs: number, now: number): void {
    const id = this.#state.random.bytes(REQUEST_ID_BYTES);
    const outstanding = { call, to, expires: now + timeoutMs, doubtAt: now + DOUBT_MS };
    this.#outstanding = withEntry(this.#outstanding, idText(id), outstanding);
    this.#state.due(Math.min(outstanding.expires, outstanding.doubtAt));
    this.#state.send(to, { type: 'request', id, service, body });
  }

  onRequest(from: PeerIndex, { id, service, body }: MessageOf<'request'>): void {
    const nodeId = this.#state.peers.nodeId(from);
    const delivery: Delivery = { id, neighbour: nodeId, path: 'link' };
    this.#state.emit({ type: 'deliver', delivery, service, body, from: nodeId });
  }

  respond({ id, neighbour }: Delivery, outcome: ServiceAnswer): void {
    const p = this.#state.peers.find(neighbour);
    if (p !== undefined) this.#state.send(p, { type: 'response', id, outcome });
  }

  onResponse(from: PeerIndex, { id, outcome }: MessageOf<'response'>): void {
    const outstanding = this.#outstanding.get(idText(id));
    if (outstanding === undefined) return;
    if (outstanding.to !== from)
      return this.#state.refuse('unexpected-reply', 'a response from a node that was not asked');
    this.#end(idText(id), outstanding, outcome);
  }

  linkLost(peer: PeerIndex): void {
    for (const [name, outstanding] of [...this.#outstanding])
      if (outstanding.to === peer) this.#end(name, outstanding, { kind: 'failure', code: 'unreachable' });
  }

  /** The network did not take the request: its lane has been full for too long. */
  sendFailed(message: MessageOf<'request'>): void {
    const outstanding = this.#outstanding.get(idText(message.id));
    if (outstanding) this.#end(idText(message.id), outstanding, { kind: 'failure', code: 'timeout' });
  }

  isBusy(peer: PeerIndex): boolean {
    if (this.#outstanding.size === 0) return false;
    for (const { to } of this.#outstanding.values()) if (to === peer) return true;
    return false;
  }

  tick(now: number): void {
    for (const [name, outstanding] of this.#outstanding.size > 0 ? [...this.#outstanding] : []) {
      if (outstanding.expires <= now) {
        this.#end(name, outstanding, { kind: 'failure', code: 'timeout' });
        continue;
      }
      if (outstanding.doubtAt <= now) {
        outstanding.doubtAt = Infinity;
        this.#probe(outstanding.to, now);
      }
      this.#state.due(Math.min(outstanding.expires, outstanding.doubtAt));
    }
  }

  stop(): void {
    for (const [name, outstanding] of [...this.#outstanding])
      this.#end(name, outstanding, { kind: 'failure', code: 'stopped' });
  }

  #end(name: string, { call }: Outstanding, outcome: CallOutcome): void {
    this.#outstanding = withoutEntry(this.#outstanding, name);
    this.#state.emit({ type: 'complete', call, outcome });
  }
}
