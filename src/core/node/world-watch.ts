/**
 * Watches whether the ring is the one that this node remembers: tries remembered peers until one is met, asks relays whom they see,
 * and says what it finds. Nothing is blocked; strangers of a doubtful world are not remembered in the place of friends.
 */
import { equalBytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type NodeId } from '../codec/id.ts';
import type { RingDescriptorBody } from '../identity/certificates.ts';
import { VIA_MAX, type Contact } from '../overlay/contact.ts';
import type { Network } from '../overlay/network.ts';
import type { OverlayNode } from '../overlay/overlay-node.ts';
import { BackgroundTask } from '../post/background-task.ts';
import { mapBounded } from '../post/bounded.ts';
import { relaysDiffer } from './near-service.ts';
import type { Notices } from './notices.ts';
import { nameOf, type RememberedPeer } from './remembered-peers.ts';
import { ringSize } from './usual-sizes.ts';
import { ANCHORS_MIN, checkWorld, type WorldCode, type WorldFinding, type WorldSeen } from './world-check.ts';
import type { WorldMemory } from './world-memory.ts';
import { worldNotice } from './world-notices.ts';

/** After it became ready the ring gets so long to be met, and dead links to be noticed. */
const SETTLE_MS = 10_000;
/** What was found is found again this much later before it is said. */
const CONFIRM_MS = 20_000;
/** A world that is as it was is looked at so often. */
const LOOK_MS = 5 * 60_000;
/** Remembered peers that are dialled at once, and how long one that was not met is left alone. */
const DIALS_AT_ONCE = 2;
const TRY_AGAIN_MS = 15_000;
/** Asking the ring for somebody's neighbours takes no longer. */
const LOOKUP_MS = 2_000;

export interface WorldWatchPorts {
  readonly overlay: OverlayNode;
  readonly network: Pick<Network, 'connect'>;
  readonly memory: WorldMemory;
  readonly descriptor: RingDescriptorBody;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly notices: Notices;
  readonly failed: (error: unknown) => void;
}

/** From one time that the ring was entered to the next: a start, the end of sleep or of being alone. */
interface Visit {
  readonly number: number;
  /** Peers remembered when it began, by node id. */
  readonly anchors: ReadonlyMap<string, RememberedPeer>;
  /** One of them is or was linked. */
  met: boolean;
  /** When who was tried last, by node id. */
  readonly tried: Map<string, number>;
  /** What the last look found; a second one in a row says it. */
  found: ReadonlySet<WorldCode>;
  readonly said: Set<WorldCode>;
}

export class WorldWatch {
  readonly #ports: WorldWatchPorts;
  readonly #task: BackgroundTask;
  readonly #unsubscribe: () => void;
  #visit: Visit;
  #cancelRemembering: (() => void) | undefined;
  #stopped = false;

  constructor(ports: WorldWatchPorts) {
    this.#ports = ports;
    this.#visit = this.#newVisit(1);
    this.#task = new BackgroundTask(ports.clock, () => this.#look(), ports.failed);
    this.#unsubscribe = ports.overlay.subscribe((event) => {
      if (event.type === 'not-ready') this.#enter();
      if (event.type === 'links') this.#linked(event.up);
      if (event.type === 'ready') this.#task.wake(SETTLE_MS);
    });
  }

  /**
   * Whether this may be a false world: nobody remembered was met in it, though strangers were or not everybody has been tried
   * yet, and the person has not said that it is all right.
   */
  get doubtful(): boolean {
    const { tried, anchors } = this.#visit;
    return !this.#isTrusted() && (tried.size < anchors.size || this.#strangers() > 0);
  }

  /** The person closed a notice: perhaps the one that says that the strangers here are all right. */
  dismissed(): void {
    if (this.#visit.said.has('strangers') && this.#isTrusted()) this.#task.wake();
  }

  /** What is remembered is written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRemembering?.();
    this.#unsubscribe();
    this.#remember();
    const stopped = this.#task.stop();
    await this.#ports.memory.flush();
    await stopped;
  }

  #newVisit(number: number): Visit {
    const recent = this.#ports.memory.peers.recent(this.#ports.clock.now());
    return {
      number,
      anchors: new Map(recent.map((peer) => [idText(peer.contact.nodeId), peer])),
      met: false,
      tried: new Map(),
      found: new Set(),
      said: new Set(),
    };
  }

  /** Nobody has been met yet: links that seem to have outlasted a sleep are counted when they have shown that they live. */
  #enter(): void {
    this.#unsay(this.#visit.said);
    this.#visit = this.#newVisit(this.#visit.number + 1);
  }

  #linked(up: readonly NodeId[]): void {
    const { overlay, memory } = this.#ports;
    for (const nodeId of up) {
      const contact = overlay.contact(nodeId);
      if (contact === undefined) continue;
      if (contact.role === 'relay') memory.meetRelay(contact);
      else if (!this.#visit.met && this.#isAnchor(contact)) this.#meet();
    }
    if (up.length === 0 || this.#stopped) return;
    if (this.#isTrusted()) this.#rememberSoon();
    else this.#task.wake(SETTLE_MS);
  }

  #isAnchor({ nodeId, peerKey }: Contact): boolean {
    const anchor = this.#visit.anchors.get(idText(nodeId));
    return anchor !== undefined && equalBytes(anchor.contact.peerKey, peerKey);
  }

  #meet(): void {
    this.#visit.met = true;
    this.#unsay(['strangers']);
    this.#task.wake();
  }

  /** Somebody we knew is here, or too few are known, or the person has closed the notice: it is all right. */
  #isTrusted(): boolean {
    const { met, anchors, number } = this.#visit;
    const isDismissed = this.#ports.notices.isDismissed(noticeId('strangers', number));
    return met || isDismissed || peopleOf(anchors).size < ANCHORS_MIN;
  }

  /** Resolves with the time until the next look. */
  async #look(): Promise<number | undefined> {
    const { overlay } = this.#ports;
    if (!overlay.ready || overlay.leafSet().length === 0) return undefined;
    const visit = this.#visit;
    this.#greet(visit);
    if (!this.#isTrusted()) await this.#tryAnchors(visit);
    this.#greet(visit);
    const differ = await relaysDiffer(overlay, this.#linkedRelays(), this.#ports.counters);
    if (visit !== this.#visit || this.#stopped) return undefined;
    this.#remember();
    const findings = checkWorld(this.#seen(differ));
    const codes = new Set(findings.map(({ code }) => code));
    const isNew = [...codes].some((code) => !visit.found.has(code));
    for (const finding of findings) if (visit.found.has(finding.code)) this.#say(finding);
    this.#unsay([...visit.said].filter((code) => !codes.has(code)));
    visit.found = codes;
    return isNew ? CONFIRM_MS : LOOK_MS;
  }

  /** Whether an anchor is linked now. */
  #greet(visit: Visit): void {
    if (visit === this.#visit && this.#linkedContacts().some((contact) => this.#isAnchor(contact)))
      visit.met = true;
  }

  /**
   * Dials who is not linked, until one is met: a link proves the key, what others say of them proves nothing. That a dial
   * succeeded does not either: the link may be to an impostor at that place.
   */
  async #tryAnchors(visit: Visit): Promise<void> {
    const { clock } = this.#ports;
    const isDue = (name: string): boolean =>
      (visit.tried.get(name) ?? -Infinity) + TRY_AGAIN_MS <= clock.now();
    const due = [...visit.anchors].filter(([name]) => isDue(name));
    await mapBounded(due, DIALS_AT_ONCE, async ([name, { contact }]) => {
      if (visit.met || visit !== this.#visit || this.#stopped) return;
      const introducers = await this.#introducers(contact);
      // Why a dial failed is of no matter here: the network and the overlay count that.
      await this.#ports.network.connect(contact, introducers).catch(() => undefined);
      visit.tried.set(name, clock.now());
    });
  }

  /** Nodes near it, as the ring says, and as we know ourselves. */
  async #introducers({ nodeId }: Contact): Promise<readonly NodeId[]> {
    const { overlay } = this.#ports;
    const near = await overlay.lookup(nodeId, { timeoutMs: LOOKUP_MS }).then(
      (found) => found.nearest,
      () => overlay.closest(nodeId, VIA_MAX),
    );
    const names = new Set([idText(nodeId), idText(overlay.self.nodeId)]);
    return near.flatMap((one) => (names.has(idText(one.nodeId)) ? [] : [one.nodeId])).slice(0, VIA_MAX);
  }

  #seen(relaysDiffer: boolean): WorldSeen {
    const { overlay, memory, descriptor, clock } = this.#ports;
    const { anchors, tried } = this.#visit;
    const people = peopleOf(anchors).size;
    return {
      anchors: people,
      missed: !this.#isTrusted() && tried.size === anchors.size ? people : 0,
      strangers: this.#strangers(),
      size: ringSize(overlay.self.nodeId, overlay.leafSet()),
      usualSize: memory.sizes.at(clock.now()),
      relaysListed: descriptor.relays.length,
      relaysLinked: this.#linkedRelays().length,
      relaysDiffer,
    };
  }

  /** Linked nodes that are no relays, when nobody remembered was met. */
  #strangers(): number {
    return this.#linkedContacts().filter(({ role }) => role !== 'relay').length;
  }

  /** Those who came and stayed for a moment. */
  #rememberSoon(): void {
    this.#cancelRemembering ??= this.#ports.clock.after(SETTLE_MS, () => {
      this.#cancelRemembering = undefined;
      this.#remember();
    });
  }

  #remember(): void {
    const { memory, clock, overlay } = this.#ports;
    if (!this.#isTrusted()) return;
    const contacts = this.#linkedContacts().filter(({ role }) => role !== 'relay');
    for (const contact of contacts) memory.peers.meet(contact, clock.now());
    const counted =
      overlay.ready &&
      contacts.length > 0 &&
      memory.sizes.count(ringSize(overlay.self.nodeId, overlay.leafSet()), clock.now());
    if (contacts.length > 0 || counted) memory.changed();
  }

  #say({ code, kind }: WorldFinding): void {
    const { notices, counters } = this.#ports;
    const { said, number, anchors } = this.#visit;
    if (!said.has(code)) counters.add(`world.${code}`);
    said.add(code);
    notices.show(noticeId(code, number), kind, worldNotice(code, peopleOf(anchors).size));
  }

  #unsay(codes: Iterable<WorldCode>): void {
    for (const code of [...codes]) {
      this.#visit.said.delete(code);
      this.#ports.notices.over(noticeId(code, this.#visit.number));
    }
  }

  #linkedContacts(): readonly Contact[] {
    const { peers } = this.#ports.overlay.view();
    return peers.filter(({ direct }) => direct !== undefined).map(({ contact }) => contact);
  }

  #linkedRelays(): readonly Contact[] {
    const listed = new Set(this.#ports.descriptor.relays.map(({ nodeId }) => idText(nodeId)));
    return this.#linkedContacts().filter(({ nodeId }) => listed.has(idText(nodeId)));
  }
}

function peopleOf(anchors: Visit['anchors']): ReadonlySet<string> {
  return new Set([...anchors.values()].map(nameOf));
}

/** Closing it means this visit: the next one may say it again. */
function noticeId(code: WorldCode, visit: number): string {
  return `world/${code}/${visit}`;
}
