/** A ring of tabs that open and close for weeks, over an oracle of leaf sets; the storage machines are the product's. */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import { equalBytes, type Bytes } from '../../../src/core/codec/bytes.ts';
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import type { MaintenanceEffect, MaintenanceEvent, Verdict } from '../../../src/core/storage/maintenance.ts';
import { DRAW_BYTES } from '../../../src/core/storage/maintenance.ts';
import { PresenceLog, SAMPLE_MS } from '../../../src/core/storage/presence.ts';
import { NONCE_BYTES } from '../../../src/core/storage/reconcile/key-tree.ts';
import type { Differences } from '../../../src/core/storage/reconcile/reconciliation.ts';
import { Agenda } from './agenda.ts';
import { Comparisons, ENVELOPE_BYTES } from './comparison.ts';
import { LiveRing } from './live-ring.ts';
import type { StorageRun } from './options.ts';
import { SimulatedNode } from './tab.ts';
import { Troubles } from './troubles.ts';

const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
const MONTH_MS = 30 * DAY_MS;
/** Sessions of 8 minutes to 4 hours. */
const [SHORTEST_MS, LONGEST_MS] = [8 * MINUTE_MS, 240 * MINUTE_MS];
/** A message and its answer; a tab's upload, bytes a millisecond (4 Mbit/s); no answer. */
const ROUND_TRIP_MS = 100;
const BYTES_PER_MS = 500;
const TIMEOUT_MS = 5_000;
/** Neighbours hear of a newcomer within 2 s, of one that is gone (half of them said so) within 40 s. */
const JOIN_HEARD_MS = 2_000;
const LEAVE_HEARD_MS = 40_000;
/** Nodes that a reader asks after the k closest: reading.ts asks the spare ones and its neighbours. */
const FURTHER_ASKED = 8;
/** Blocks have few bytes here, and are counted with as many as the run says. */
const CONTENT_BYTES = 32;
const UNANSWERED: Differences = { end: 'failed', lacking: [], extra: [] };

export interface Traffic {
  insertedBytes: number;
  movedBytes: number;
  reconcileBytes: number;
  proofBytes: number;
  differences: number;
  comparisons: number;
  moves: number;
}

export class StorageWorld {
  readonly run: StorageRun;
  readonly random: SeededRandom;
  readonly #agenda = new Agenda();
  readonly #comparisons = new Comparisons();
  readonly live = new LiveRing();
  readonly nodes: SimulatedNode[] = [];
  readonly traffic: Traffic = {
    insertedBytes: 0,
    movedBytes: 0,
    reconcileBytes: 0,
    proofBytes: 0,
    differences: 0,
    comparisons: 0,
    moves: 0,
  };
  /** Names of nodes that somebody has named. */
  readonly named = new Set<string>();
  /** Bytes that a reader or a replica took and that are not those that were stored. */
  wrongBytesAccepted = 0;
  /** Members who left for good. */
  left = 0;
  /** What the relays measure while they are there. */
  readonly presence = new PresenceLog(0);
  readonly #byName = new Map<string, SimulatedNode>();
  readonly #contents = new Map<string, Bytes>();
  readonly #relays: SimulatedNode[] = [];
  readonly #troubles: Troubles;

  constructor(run: StorageRun) {
    this.run = run;
    this.random = new SeededRandom(`storage ${run.seed}`);
    this.#troubles = new Troubles(run.seed, run.troubles);
    const liars = Math.round(run.nodes * run.malicious);
    for (let i = 0; i < run.relays; i++) this.#relays.push(this.#addNode(true, false));
    for (let i = 0; i < run.nodes; i++) this.#addNode(false, i < liars);
    for (const node of [...this.nodes]) {
      this.#planLeaving(node);
      if (node.isRelay || this.random.number() < run.availability) this.#open(node);
      else this.at(this.#offMs(), () => this.#open(node));
    }
    if (run.relays > 0) this.#sample();
    if (run.relayGoneDays > 0)
      this.at((run.days - run.relayGoneDays) * DAY_MS, () =>
        this.#relays.forEach((relay) => this.#close(relay)),
      );
  }

  get now(): number {
    return this.#agenda.now;
  }

  get relayIsUp(): boolean {
    return this.#relays.some(({ isUp }) => isUp);
  }

  at(inMs: number, action: () => void): void {
    this.#agenda.after(inMs, action);
  }

  runUntil(end: number): void {
    this.#agenda.runUntil(end);
  }

  /** PAST's insert of a new block: the k closest live nodes and the relays. Liars sign as well. */
  insert(): Key {
    const content = this.random.bytes(CONTENT_BYTES);
    const key = sha256(content);
    this.#contents.set(idText(key), content);
    for (const node of new Set([...this.live.closest(key, this.run.k), ...this.#relays])) {
      if (!node.isUp || this.#troubles.isFull(node, this.now)) continue;
      node.write(key, this.#troubles.tears());
      this.traffic.insertedBytes += this.run.blockBytes;
    }
    return key;
  }

  /** As a reader asks: k closest, relays, spare ones. Undefined: nobody gives bytes that fit. */
  read(key: Key): Bytes | undefined {
    const asked = [...this.live.closest(key, this.run.k + FURTHER_ASKED), ...this.#relays];
    for (const node of asked) {
      const bytes = node.isUp ? this.#served(node, key) : undefined;
      if (bytes !== undefined && this.#accepts(key, bytes)) return bytes;
    }
    return undefined;
  }

  copies(key: Key): number {
    return this.nodes.reduce((sum, node) => sum + (node.holds(key) ? 1 : 0), 0);
  }

  /** What a node sends for a block that it says it holds; a liar sends something else. */
  #served(node: SimulatedNode, key: Key): Bytes | undefined {
    node.dropIfTorn(key);
    if (!node.disk.has(key)) return undefined;
    return node.isLiar ? this.random.bytes(CONTENT_BYTES) : this.#contents.get(idText(key));
  }

  /** The check of verify.ts, and that of an observer who knows what was stored. */
  #accepts(key: Key, bytes: Bytes): boolean {
    if (!equalBytes(sha256(bytes), key)) return false;
    if (!equalBytes(bytes, this.#contents.get(idText(key))!)) this.wrongBytesAccepted += 1;
    return true;
  }

  #addNode(isRelay: boolean, isLiar: boolean): SimulatedNode {
    const node = new SimulatedNode(this.random.bytes(32), isRelay, isLiar);
    this.nodes.push(node);
    this.#byName.set(idText(node.nodeId), node);
    return node;
  }

  /** A member leaves at some time, whether its tab is open or not; a new one, as honest as it was, comes soon. */
  #planLeaving(node: SimulatedNode): void {
    const { leaving } = this.run;
    if (node.isRelay || leaving === 0) return;
    const months = Math.log(1 - this.random.number()) / Math.log(1 - leaving);
    this.at(months * MONTH_MS, () => {
      if (node.isUp) this.#close(node);
      node.leave();
      this.left += 1;
      const newcomer = this.#addNode(false, node.isLiar);
      this.#planLeaving(newcomer);
      this.at(this.#offMs(), () => this.#open(newcomer));
    });
  }

  #open(node: SimulatedNode): void {
    if (node.isGone || node.isUp) return;
    node.open(this.now, this.run.k, this.run.relays, this.random.number());
    this.live.add(node);
    this.#tellAround(node, JOIN_HEARD_MS);
    this.#tell(node, JOIN_HEARD_MS);
    const { session } = node;
    if (node.isRelay) return;
    this.at(this.#onMs(), () => {
      if (node.session === session) this.#close(node);
    });
  }

  #close(node: SimulatedNode): void {
    node.close();
    this.live.remove(node);
    this.#tellAround(node, this.random.number() < 0.5 ? JOIN_HEARD_MS : LEAVE_HEARD_MS);
    if (!node.isRelay) this.at(this.#offMs(), () => this.#open(node));
  }

  #sample(): void {
    this.at(SAMPLE_MS, () => {
      if (!this.relayIsUp) return;
      const open = this.nodes.filter(({ isUp, isRelay }) => isUp && !isRelay);
      this.presence.sample(
        open.map(({ nodeId }) => nodeId),
        this.now,
      );
      this.#sample();
    });
  }

  #onMs(): number {
    const { sessionMinutes } = this.run;
    if (sessionMinutes === undefined) return SHORTEST_MS * (LONGEST_MS / SHORTEST_MS) ** this.random.number();
    return ((-Math.log(1 - this.random.number()) * sessionMinutes) / Math.LN2) * MINUTE_MS;
  }

  #offMs(): number {
    const { sessionMinutes, availability } = this.run;
    const mean =
      sessionMinutes === undefined
        ? (LONGEST_MS - SHORTEST_MS) / Math.log(LONGEST_MS / SHORTEST_MS)
        : (sessionMinutes / Math.LN2) * MINUTE_MS;
    return (-Math.log(1 - this.random.number()) * mean * (1 - availability)) / availability;
  }

  #tellAround(node: SimulatedNode, withinMs: number): void {
    for (const neighbour of this.live.leafSet(node)) this.#tell(neighbour, withinMs);
  }

  /** Its leaf set as it is then; what changes meanwhile is told together. */
  #tell(node: SimulatedNode, withinMs: number): void {
    if (node.isToldSoon) return;
    node.isToldSoon = true;
    this.at(this.random.number() * withinMs, () => {
      node.isToldSoon = false;
      if (!node.isUp) return;
      const leafSet = this.live.leafSet(node).map(({ nodeId }) => nodeId);
      this.#step(node, { type: 'neighbours', leafSet, alwaysOn: this.#relays.map(({ nodeId }) => nodeId) });
    });
  }

  #step(node: SimulatedNode, event: MaintenanceEvent): void {
    assert(node.machine !== undefined, 'an open node');
    for (const effect of node.machine.step(event, node.disk, this.now)) this.#perform(node, effect);
  }

  #perform(node: SimulatedNode, effect: MaintenanceEffect): void {
    switch (effect.type) {
      case 'timer': {
        const [timer, session] = [++node.timer, node.session];
        this.at(effect.delayMs, () => {
          if (node.timer === timer && node.session === session) this.#step(node, { type: 'timer' });
        });
        return;
      }
      case 'named':
        this.named.add(idText(effect.peer));
        return;
      case 'reconcile':
        return this.#reconcile(node, effect);
      case 'prove':
        return this.#prove(node, effect);
      case 'move':
        return this.#move(node, effect);
    }
  }

  #peer(nodeId: Key): SimulatedNode {
    return this.#byName.get(idText(nodeId))!;
  }

  /** Tells the node what came of it, if it and its peer are still there then. */
  #later(
    node: SimulatedNode,
    peer: SimulatedNode,
    ms: number,
    end: (isThere: boolean) => MaintenanceEvent,
  ): void {
    const [session, peerSession] = [node.session, peer.session];
    const wasThere = peer.isUp && !this.#troubles.cuts(node, peer, this.now);
    this.at(wasThere ? ms : TIMEOUT_MS, () => {
      if (node.session !== session) return;
      this.#step(node, end(wasThere && peer.session === peerSession));
    });
  }

  #reconcile(
    node: SimulatedNode,
    { peer: nodeId, believed, arc }: Extract<MaintenanceEffect, { type: 'reconcile' }>,
  ): void {
    const peer = this.#peer(nodeId);
    const nonce = (): Bytes => this.random.bytes(NONCE_BYTES);
    const outcome = peer.isUp ? this.#comparisons.compare(believed, peer.disk, arc, nonce) : undefined;
    this.traffic.reconcileBytes += outcome?.bytes ?? 0;
    this.#later(node, peer, (outcome?.rounds ?? 0) * ROUND_TRIP_MS, (isThere) => {
      const differences = isThere && outcome !== undefined ? outcome.differences : UNANSWERED;
      this.traffic.comparisons += 1;
      this.traffic.differences += differences.lacking.length + differences.extra.length;
      const draw = this.random.bytes(DRAW_BYTES);
      return { type: 'reconciled', peer: nodeId, believed, arc, differences, draw };
    });
  }

  #prove(node: SimulatedNode, { peer: nodeId, keys }: Extract<MaintenanceEffect, { type: 'prove' }>): void {
    const peer = this.#peer(nodeId);
    this.traffic.proofBytes += ENVELOPE_BYTES + keys.length * 68;
    this.#later(node, peer, ROUND_TRIP_MS, (isThere) => ({
      type: 'proved',
      peer: nodeId,
      keys,
      verdicts: keys.map((key) => this.#verdict(peer, key, isThere)),
    }));
  }

  /** Half of the time a liar makes a proof up, else it says that it just lost the block. */
  #verdict(peer: SimulatedNode, key: Key, isThere: boolean): Verdict {
    if (!isThere) return 'silent';
    peer.dropIfTorn(key);
    if (peer.isLiar) return this.random.number() < 0.5 ? 'wrong' : 'missing';
    return peer.holds(key) ? 'good' : 'missing';
  }

  #move(node: SimulatedNode, effect: Extract<MaintenanceEffect, { type: 'move' }>): void {
    const { to, peer: nodeId, key } = effect;
    const peer = this.#peer(nodeId);
    const { blockBytes } = this.run;
    this.#later(node, peer, ROUND_TRIP_MS + blockBytes / BYTES_PER_MS, (isThere) => {
      const event = { type: 'moved', to, peer: nodeId, key } as const;
      const [source, target] = to === 'there' ? [node, peer] : [peer, node];
      source.dropIfTorn(key);
      const isUnable = !source.disk.has(key) || this.#troubles.isFull(target, this.now);
      if (!isThere || isUnable) return { ...event, end: 'failed', bytes: 0 };
      const isThereAlready = target.disk.has(key);
      if (!isThereAlready) this.traffic.movedBytes += blockBytes;
      this.traffic.moves += 1;
      const sent = this.#served(source, key);
      if (sent === undefined || !this.#accepts(key, sent))
        return { ...event, end: to === 'here' ? 'wrong' : 'failed', bytes: blockBytes };
      target.write(key, this.#troubles.tears());
      return { ...event, end: 'done', bytes: isThereAlready ? 0 : blockBytes };
    });
  }
}
