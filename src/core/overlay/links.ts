/** Links as they come and go: what the tables, the leaf set and everybody who depends on a link must hear of it. */
import type { Contact } from './contact.ts';
import type { Dials, Ending } from './dials.ts';
import type { Liveness } from './liveness.ts';
import type { MachineState } from './machine-state.ts';
import { DEMANDED, DIALLING, LINKED, type PeerIndex } from './peer-table.ts';

export class Links {
  readonly #state: MachineState;
  readonly #dials: Dials;
  readonly #liveness: Liveness;
  /** Called after a node went, and whether it was next to us on the ring: what depended on the link ends. */
  readonly #onLost: (p: PeerIndex, wasAdjacent: boolean, now: number) => void;

  constructor(
    state: MachineState,
    dials: Dials,
    liveness: Liveness,
    onLost: (p: PeerIndex, wasAdjacent: boolean, now: number) => void,
  ) {
    this.#state = state;
    this.#dials = dials;
    this.#liveness = liveness;
    this.#onLost = onLost;
  }

  up(contact: Contact, direct: boolean, now: number): PeerIndex {
    const { peers, leafSet, table, constrained } = this.#state;
    const known = peers.find(contact.nodeId);
    const again = known !== undefined && peers.is(known, LINKED);
    const chosen = known !== undefined && peers.is(known, DIALLING) && !peers.is(known, DEMANDED);
    const p = peers.up(contact, direct, now);
    if (again) return p;
    leafSet.add(p);
    table.add(p);
    constrained.add(p);
    this.#state.wentUp(p);
    this.#dials.up(p);
    this.#liveness.up(p, chosen, now);
    return p;
  }

  /** The link is gone. */
  down(p: PeerIndex, ending: Ending, now: number): void {
    const { peers, leafSet, table, constrained } = this.#state;
    if (!peers.is(p, LINKED)) return;
    const wasAdjacent = leafSet.isAdjacent(p);
    peers.down(p);
    const belonged = leafSet.remove(p);
    if (belonged) for (const other of peers.linked) leafSet.add(other);
    // Who had no room for us is live all the same: the tables may know it, to be chosen when it is needed.
    if (ending !== 'closed') table.remove(p);
    if (ending !== 'closed') constrained.remove(p);
    this.#state.wentDown(p);
    this.#liveness.down(p, ending === 'lost', now);
    this.#dials.down(p, ending, belonged, now);
    this.#onLost(p, wasAdjacent, now);
    this.#dials.forgetOldest();
    if (peers.exists(p)) peers.tidy(p);
  }

  close(p: PeerIndex, reason: string, ending: Ending, now: number): void {
    this.#state.emit({ type: 'close', nodeId: this.#state.peers.nodeId(p), reason });
    this.down(p, ending, now);
  }
}
