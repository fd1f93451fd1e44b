/**
 * Multicasts on their way: to the root, and down the tree (Scribe §2.2). A node forwards and delivers what came from its
 * parent, is newer than what it has, and passed the check of signature and policy; so garbage dies at the first honest
 * node, and each node checks a multicast once.
 */
import { CLOCK_SKEW_MS } from '../codec/clock.ts';
import { idText, type NodeId } from '../codec/id.ts';
import type { Result } from '../codec/result.ts';
import type { NodeCertificate } from '../identity/certificates.ts';
import type { Attachment } from './attachment.ts';
import { Budgets } from './budgets.ts';
import type { Group, StreamEntry } from './group.ts';
import { CHECKING_BYTES_MAX, CHECKING_MAX, CHECKING_PER_NEIGHBOUR_MAX } from './limits.ts';
import type { CallId, MulticastMachineEvent, Publication } from './machine-events.ts';
import type { MachineState } from './machine-state.ts';
import type { MessageOf } from './messages.ts';
import type { PublishOutcome } from './requests.ts';
import { shortened, type ShortCertificate } from './short-certificate.ts';
import type { Freshness, MissingRange } from './stream.ts';

type PublishEvent = Extract<MulticastMachineEvent, { readonly type: 'publish' }>;

/** A multicast whose signature is being checked. */
interface Checking {
  readonly group: Group;
  readonly publication: Publication;
  /** The neighbour it came from; at the root: whoever published it. */
  readonly from: string;
  readonly call: CallId | undefined;
}

/** Who sent it on, if anybody did, and whom it named as the sender. */
interface Source {
  readonly from: NodeId | undefined;
  readonly certificate: ShortCertificate | undefined;
}
const AT_ROOT: Source = { from: undefined, certificate: undefined };

export class Dissemination {
  readonly #state: MachineState;
  readonly #attachment: Attachment;
  readonly #budgets = new Budgets();
  readonly #checking = new Map<number, Checking>();
  /** How many of them by `from`. */
  readonly #checkingFrom = new Map<string, number>();
  #checkingBytes = 0;
  #lastTicket = 0;

  constructor(state: MachineState, attachment: Attachment) {
    this.#state = state;
    this.#attachment = attachment;
  }

  /** From a parent. */
  onData(from: NodeId, message: MessageOf<'data'>, now: number): void {
    const { channel, sender, epoch, seq, payload, signature, certificate } = message;
    const group = this.#state.groups.byChannel(channel);
    const name = idText(from);
    if (group === undefined || !this.#isAbove(group, name, now)) {
      this.#state.refuse('not-parent', 'a multicast from a node that is not our parent');
      return this.#state.tellChannels(from, 'leave', [channel]);
    }
    if (group.parent?.name === name) group.parent.heardAt = now;
    const publication = { group: group.key, sender, epoch, seq, payload, signature };
    if (look(group, publication) !== 'new') return this.#state.count('duplicates');
    if (!this.#check(group, publication, name, { from, certificate }, undefined))
      this.#state.refuse('busy', 'more multicasts than can be checked');
  }

  /** At the root: from whoever publishes. */
  publish({ call, publication, wallClock }: PublishEvent, now: number): void {
    const outcome = this.#judge(publication, wallClock, now);
    if (outcome) return this.#state.emit({ type: 'published', call, outcome });
    const group = this.#state.groups.get(publication.group)!;
    if (!this.#check(group, publication, idText(publication.sender), AT_ROOT, call))
      this.#end(call, refused('busy', 'the root has too much to check'));
  }

  /** Signature and policy have been checked. */
  checked(ticket: number, sender: Result<NodeCertificate>, now: number): void {
    const checking = this.#checking.get(ticket);
    if (checking === undefined) return;
    this.#forget(ticket, checking);
    const { group, publication, call } = checking;
    if (!sender.ok) {
      this.#state.refuse(sender.code, sender.reason);
      return this.#end(call, refused(sender.code, sender.reason));
    }
    if (this.#state.groups.get(group.key) !== group) return this.#end(call, { kind: 'nobody' });
    // Another copy may have been checked meanwhile.
    if (look(group, publication) !== 'new') {
      this.#state.count('duplicates');
      return this.#end(call, { kind: 'sent' });
    }
    const name = idText(publication.sender);
    if (call !== undefined && !this.#budgets.spend(name, publication.payload.length, now))
      return this.#end(call, refused('too-fast', 'you say more than this group takes'));
    this.#spread(group, publication, sender.value, now);
    this.#end(call, { kind: 'sent' });
  }

  /** One of our own: our parent does not send it back to us. */
  sent(publication: Publication, sender: NodeCertificate, now: number): void {
    const group = this.#state.groups.get(publication.group);
    if (group && look(group, publication) === 'new') this.#spread(group, publication, sender, now);
  }

  /** Reports gaps that are old enough. */
  tick(now: number): void {
    for (const entry of this.#state.streams.open()) {
      this.#tellGaps(entry, entry.stream.report(now));
      this.#settle(entry);
    }
  }

  /** Why a publication goes no further here, if so. */
  #judge(publication: Publication, wallClock: number, now: number): PublishOutcome | undefined {
    const group = this.#state.groups.get(publication.group);
    if (group === undefined) return { kind: 'nobody' };
    if (!group.root) {
      const way = this.#state.surroundings.nextHop(group.key);
      if (way.kind !== 'here') return { kind: 'not-root' };
      this.#attachment.becomeRoot(group, now);
    }
    if (publication.epoch > wallClock + CLOCK_SKEW_MS)
      return refused('bad-epoch', 'an epoch that lies in the future');
    const freshness = look(group, publication);
    if (freshness === 'duplicate') return { kind: 'sent' };
    if (freshness === 'new') return undefined;
    const { stream } = group.streams.get(idText(publication.sender))!;
    return { kind: 'stale', epoch: stream.epoch };
  }

  /** Our parent, one that was it just now, or one that has not said yet that it is. */
  #isAbove({ parent, joining, former }: Group, name: string, now: number): boolean {
    if (parent?.name === name || joining?.name === name) return true;
    return former?.name === name && former.until > now;
  }

  /** Whether there is room to check it. */
  #check(
    group: Group,
    publication: Publication,
    name: string,
    source: Source,
    call: CallId | undefined,
  ): boolean {
    const fromIt = this.#checkingFrom.get(name) ?? 0;
    const bytes = this.#checkingBytes + publication.payload.length;
    if (this.#checking.size >= CHECKING_MAX || bytes > CHECKING_BYTES_MAX) return false;
    if (fromIt >= CHECKING_PER_NEIGHBOUR_MAX) return false;
    const ticket = ++this.#lastTicket;
    this.#checking.set(ticket, { group, publication, from: name, call });
    this.#checkingFrom.set(name, fromIt + 1);
    this.#checkingBytes = bytes;
    this.#state.emit({ type: 'check', ticket, publication, ...source });
    return true;
  }

  #forget(ticket: number, { publication, from }: Checking): void {
    this.#checking.delete(ticket);
    this.#checkingBytes -= publication.payload.length;
    const left = this.#checkingFrom.get(from)! - 1;
    if (left === 0) this.#checkingFrom.delete(from);
    else this.#checkingFrom.set(from, left);
  }

  #spread(group: Group, publication: Publication, sender: NodeCertificate, now: number): void {
    const first = this.#take(group, publication, now);
    this.#forward(group, publication, first ? shortened(sender) : undefined, now);
    if (group.member) this.#state.emit({ type: 'deliver', publication, sender: sender.body });
  }

  /** Whether it is the first of its sender here, as far as we remember. */
  #take(group: Group, { sender, epoch, seq }: Publication, now: number): boolean {
    const { entry, first } = this.#state.streams.touch(group, sender, epoch, seq);
    if (!first) this.#tellGaps(entry, entry.stream.take(epoch, seq, now));
    this.#settle(entry);
    return first;
  }

  #settle(entry: StreamEntry): void {
    const reportAt = this.#state.streams.settle(entry);
    if (reportAt !== undefined) this.#state.due(reportAt);
  }

  #tellGaps({ group, sender }: StreamEntry, missing: readonly MissingRange[]): void {
    if (!group.member) return;
    for (const range of missing)
      this.#state.emit({ type: 'gap', gap: { group: group.key, sender, ...range } });
  }

  /** To all children, but not to the one that said it: it has begun where it is as soon as the root had it. */
  #forward(
    group: Group,
    publication: Publication,
    certificate: ShortCertificate | undefined,
    now: number,
  ): void {
    const { sender, epoch, seq, payload, signature } = publication;
    const said = { sender, epoch, seq, payload, signature, certificate };
    const name = idText(sender);
    let copies = 0;
    for (const child of group.children.values()) {
      if (child.name === name) continue;
      child.toldAt = now;
      this.#state.tell(child.nodeId, { type: 'data', channel: child.channel, ...said });
      copies++;
    }
    if (copies > 0) this.#state.count('forwarded', copies);
  }

  #end(call: CallId | undefined, outcome: PublishOutcome): void {
    if (call !== undefined) this.#state.emit({ type: 'published', call, outcome });
  }
}

function look(group: Group, { sender, epoch, seq }: Publication): Freshness {
  return group.streams.get(idText(sender))?.stream.look(epoch, seq) ?? 'new';
}

function refused(code: string, reason: string): PublishOutcome {
  return { kind: 'refused', code, reason };
}
