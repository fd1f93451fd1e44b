/** Who on this node listens to which group, and what each policy accepts. */
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key } from '../codec/id.ts';
import type { NodeCertificateBody } from '../identity/certificates.ts';
import { ANSWER_BYTES_MAX, MEMBERSHIPS_MAX } from './limits.ts';
import type { Anycast, Gap, GroupListener, Multicast, Policy } from './multicast.ts';

interface Membership {
  readonly policy: Policy;
  readonly listener: GroupListener;
}

export class Memberships {
  readonly #counters: Counters;
  readonly #groups = new Map<string, Set<Membership>>();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Whether one more group may be joined. */
  hasRoomFor(group: Key): boolean {
    return this.#groups.has(idText(group)) || this.#groups.size < MEMBERSHIPS_MAX;
  }

  /** `first`: nobody listened before. The result of `remove`: nobody does now. */
  add(group: Key, policy: Policy, listener: GroupListener): { first: boolean; remove: () => boolean } {
    const name = idText(group);
    const members = this.#groups.get(name) ?? new Set<Membership>();
    const first = members.size === 0;
    const membership = { policy, listener };
    members.add(membership);
    this.#groups.set(name, members);
    const remove = (): boolean => {
      if (!members.delete(membership) || members.size > 0) return false;
      this.#groups.delete(name);
      return true;
    };
    return { first, remove };
  }

  /** Whether a sender may speak here: forwarders who are no members do not know and accept everybody. */
  accept(group: Key, sender: NodeCertificateBody): boolean {
    return !this.#groups.has(idText(group)) || this.#accepting(group, sender).length > 0;
  }

  deliver(multicast: Multicast): void {
    this.#counters.add('multicast.delivered');
    for (const listener of this.#accepting(multicast.group, multicast.sender))
      this.#guarded(() => listener.multicast(multicast));
  }

  gap(gap: Gap): void {
    this.#counters.add('multicast.missing', gap.count);
    for (const { listener } of this.#groups.get(idText(gap.group)) ?? [])
      this.#guarded(() => listener.gap?.(gap));
  }

  /** The first answer of a listener that takes it. Never rejects. */
  async offer(anycast: Anycast): Promise<Bytes | undefined> {
    for (const listener of this.#accepting(anycast.group, anycast.sender)) {
      try {
        const answer = await listener.anycast?.(anycast);
        if (answer === undefined) continue;
        if (answer.length <= ANSWER_BYTES_MAX) return answer;
        this.#failed('the answer to an anycast is over the limit');
      } catch (error) {
        this.#failed(error);
      }
    }
    return undefined;
  }

  #accepting(group: Key, sender: NodeCertificateBody): readonly GroupListener[] {
    const members = [...(this.#groups.get(idText(group)) ?? [])];
    return members.filter(({ policy }) => policy.accepts(group, sender)).map(({ listener }) => listener);
  }

  /** A listener's failure is its own. */
  #guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#counters.refused('multicast', { code: 'listener-failed', reason: String(error) });
  }
}
