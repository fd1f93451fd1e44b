/** Joining, confirming the leaf set, being alone, waking up: whether our routing answers are to be trusted. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { randomBelow } from '../crypto/random.ts';
import { toWire, type Contact, type Introduction } from './contact.ts';
import type { Dials } from './dials.ts';
import type { Exchange } from './exchange.ts';
import type { Liveness } from './liveness.ts';
import type { MachineState, Phase } from './machine-state.ts';
import { REQUEST_ID_BYTES } from './messages.ts';
import { ANNOUNCED, CHECKED, DIALLING, LINKED, REMEMBERED, WANTED, type PeerIndex } from './peer-table.ts';

/** A join that is not answered is tried through another node. */
const JOIN_MS = 3_000;
const JOIN_RETRY_MS = 200;
/** After so many the leaf sets of linked nodes must do. */
const JOINS_MAX = 3;
/** How long members of the leaf set may take to confirm it. */
const CONFIRM_MS_MAX = 8_000;
/** Members that have not confirmed it are asked again this often: their word may be lost. */
const ASK_AGAIN_MS = 1_000;
/** Without any link after this long, we are alone. */
const ALONE_MS = 10_000;

export class Membership {
  readonly #state: MachineState;
  readonly #dials: Dials;
  readonly #liveness: Liveness;
  readonly #exchange: Exchange;
  #alone = false;
  /** When the present attempt to be ready began. */
  #since = 0;
  #askAt = Infinity;
  #joinId: Bytes | undefined;
  #joinDue = Infinity;
  #joins = 0;

  constructor(state: MachineState, dials: Dials, liveness: Liveness, exchange: Exchange) {
    this.#state = state;
    this.#dials = dials;
    this.#liveness = liveness;
    this.#exchange = exchange;
  }

  start(bootstrap: readonly Contact[], now: number): void {
    for (const contact of bootstrap)
      if (!this.#state.isSelf(contact.nodeId)) this.#state.peers.remember(contact);
    this.#enter('joining', now);
  }

  /** The members of the leaf set must confirm it again. */
  wake(now: number): void {
    if (this.#state.phase === 'idle' || this.#state.phase === 'left') return;
    this.#liveness.confirmAll(now);
    this.#dials.hurry(now);
    if (this.#state.phase === 'joining') return;
    this.#enter(this.#state.peers.linked.length > 0 ? 'confirming' : 'joining', now);
    this.#exchange.askAll();
  }

  /** Whether the answer was to our join. */
  onJoined(from: PeerIndex, id: Bytes, contacts: readonly Introduction[], now: number): boolean {
    if (this.#joinId === undefined || !equalBytes(id, this.#joinId)) return false;
    this.#joinId = undefined;
    this.#exchange.take(from, contacts, now);
    if (this.#state.phase === 'joining') this.#enter('confirming', this.#since, now);
    return true;
  }

  /** Our join got nowhere: the next one need not wait. */
  onJoinFailed(id: Bytes, now: number): void {
    if (this.#joinId === undefined || !equalBytes(id, this.#joinId)) return;
    this.#joinId = undefined;
    this.#joinDue = Math.min(this.#joinDue, now + JOIN_RETRY_MS);
    this.#state.due(this.#joinDue);
  }

  /** After each step: does anything follow from where we are? */
  settle(now: number): void {
    const { peers } = this.#state;
    switch (this.#state.phase) {
      case 'joining':
        if (peers.linked.length > 0) this.#join(now);
        else if (this.#nobodyThere(now)) this.#becomeReady(true);
        return;
      case 'confirming':
        if (peers.linked.length === 0) this.#enter('joining', now);
        else if (now >= this.#since + CONFIRM_MS_MAX || this.#confirmed(now)) this.#becomeReady(false);
        return;
      case 'ready':
        if (this.#alone ? peers.linked.length > 0 : peers.linked.length === 0) {
          this.#enter('joining', now);
          this.settle(now);
        }
        return;
      default:
        return;
    }
  }

  tick(now: number): void {
    const { phase } = this.#state;
    if (phase === 'confirming' && now >= this.#askAt) {
      this.#exchange.askSilent(now - ASK_AGAIN_MS);
      this.#askAt = now + ASK_AGAIN_MS;
    }
    if (phase === 'joining') this.#dueAfter(now, this.#joinDue, this.#since + ALONE_MS);
    if (phase === 'confirming') this.#dueAfter(now, this.#askAt, this.#since + CONFIRM_MS_MAX);
  }

  #dueAfter(now: number, ...deadlines: readonly number[]): void {
    for (const deadline of deadlines) if (deadline > now) this.#state.due(deadline);
  }

  #enter(phase: Phase, since: number, now: number = since): void {
    const wasReady = this.#state.ready;
    this.#state.phase = phase;
    this.#state.routesChanged = this.#state.dialsChanged = true;
    this.#alone = false;
    this.#since = since;
    if (phase === 'joining') this.#startJoining(now);
    if (phase === 'confirming') {
      this.#askAt = now + ASK_AGAIN_MS;
      this.#state.due(Math.min(this.#askAt, since + CONFIRM_MS_MAX));
    }
    if (wasReady) this.#state.emit({ type: 'event', event: { type: 'not-ready' } });
  }

  #startJoining(now: number): void {
    this.#joinId = undefined;
    this.#joinDue = -Infinity;
    this.#joins = 0;
    this.#state.due(now + ALONE_MS);
    // Nobody is left who could tell us of others: all whom we knew are worth a try.
    if (this.#state.peers.linked.length > 0) return;
    const { peers } = this.#state;
    for (const p of peers.all()) if (peers.is(p, CHECKED)) peers.mark(p, WANTED, true);
  }

  #join(now: number): void {
    if (now < this.#joinDue) return;
    if (this.#joins >= JOINS_MAX) {
      this.#exchange.askAll();
      return this.#enter('confirming', now);
    }
    const through = this.#introducer();
    const { self, random } = this.#state;
    this.#joins++;
    this.#joinId = random.bytes(REQUEST_ID_BYTES);
    this.#joinDue = now + JOIN_MS;
    this.#state.due(this.#joinDue);
    this.#state.send(through, {
      type: 'join',
      id: this.#joinId,
      target: self.nodeId,
      hops: [self.nodeId],
      timeoutMs: JOIN_MS,
      contacts: [toWire(self)],
    });
  }

  /** An always-on node the first time, then anybody. */
  #introducer(): PeerIndex {
    const { peers, random } = this.#state;
    const remembered = peers.linked.filter((p) => peers.is(p, REMEMBERED));
    const choice = this.#joins === 0 && remembered.length > 0 ? remembered : peers.linked;
    return choice[randomBelow(random, choice.length)]!;
  }

  /** Every member told us whom it is linked with, and nobody who belongs to the leaf set is missing. */
  #confirmed(now: number): boolean {
    const { leafSet, peers } = this.#state;
    for (const p of leafSet.members()) if (!peers.is(p, ANNOUNCED)) return false;
    if (this.#exchange.isAsking(now)) return false;
    for (let p = 0; p < peers.rows; p++) if (peers.exists(p) && this.#isAwaited(p)) return false;
    return true;
  }

  #isAwaited(p: PeerIndex): boolean {
    const { peers } = this.#state;
    if (peers.is(p, LINKED) || peers.failures(p) > 0) return false;
    return peers.is(p, WANTED | REMEMBERED | DIALLING) && this.#state.belongs(p);
  }

  /** All whom we could try have been tried. */
  #nobodyThere(now: number): boolean {
    if (now >= this.#since + ALONE_MS) return true;
    const { peers } = this.#state;
    for (const p of peers.all())
      if (peers.is(p, DIALLING) || (peers.is(p, REMEMBERED | WANTED) && peers.failures(p) === 0))
        return false;
    return true;
  }

  #becomeReady(alone: boolean): void {
    this.#state.phase = 'ready';
    this.#state.routesChanged = this.#state.dialsChanged = true;
    this.#alone = alone;
    this.#state.emit({ type: 'event', event: { type: 'ready' } });
  }
}
