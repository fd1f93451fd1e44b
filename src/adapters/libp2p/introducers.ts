/** Who may introduce us to a node, best first; and who lately failed to, so that others are asked before. */
import type { Clock } from '../../core/codec/clock.ts';
import { compareDistance, idText, type NodeId } from '../../core/codec/id.ts';
import type { LinkInfo } from '../../core/overlay/network.ts';
import type { RelayAddress } from './addresses.ts';
import {
  FAILED_INTRODUCTION_MS,
  GUESSED_INTRODUCERS_MAX,
  INTRODUCTION_FAILURES_MAX,
  SILENT_INTRODUCER_MS,
} from './limits.ts';

/** A node that we have a link to. */
export interface Introducer extends Pick<RelayAddress, 'nodeId' | 'peerKey'> {
  /** Its circuits may carry whole links. */
  readonly isRelay: boolean;
}

/** `silent`: it did not answer in time; `failed`: it answered, but did not bring us together. */
export type IntroductionFailure = 'silent' | 'failed';

export class Introducers {
  readonly #clock: Clock;
  /** By introducer, or by introducer and target: until when it is not preferred. */
  readonly #failures = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Of the linked nodes: relays, which know every tab and are the fastest, those in `via` before others; the rest of `via`, in
   * its order; and a few neighbours of ours that are near the target, and so may know it. Whoever failed lately comes last.
   */
  rank(target: NodeId, via: readonly NodeId[], links: readonly LinkInfo[]): readonly Introducer[] {
    const usable = links.filter(({ contact, direct }) => direct && idText(contact.nodeId) !== idText(target));
    const named = via.flatMap(
      (id) => usable.find(({ contact }) => idText(contact.nodeId) === idText(id)) ?? [],
    );
    const isRelay = ({ contact }: LinkInfo): boolean => contact.role === 'relay';
    const known = new Set([...named.filter(isRelay), ...usable.filter(isRelay), ...named]);
    const guessed = usable
      .filter((link) => !known.has(link))
      .sort((a, b) => compareDistance(target, a.contact.nodeId, b.contact.nodeId))
      .slice(0, GUESSED_INTRODUCERS_MAX);
    const ranked = [...known, ...guessed].map(({ contact: { nodeId, peerKey, role } }) => ({
      nodeId,
      peerKey,
      isRelay: role === 'relay',
    }));
    const failing = (introducer: Introducer): number => Number(this.#isFailing(introducer, target));
    return ranked.sort((a, b) => failing(a) - failing(b));
  }

  failed(introducer: NodeId, target: NodeId, failure: IntroductionFailure): void {
    const now = this.#clock.now();
    this.#note(`${idText(introducer)} ${idText(target)}`, now + FAILED_INTRODUCTION_MS);
    if (failure === 'silent') this.#note(idText(introducer), now + SILENT_INTRODUCER_MS);
  }

  succeeded(introducer: NodeId, target: NodeId): void {
    this.#failures.delete(idText(introducer));
    this.#failures.delete(`${idText(introducer)} ${idText(target)}`);
  }

  #isFailing({ nodeId }: Introducer, target: NodeId): boolean {
    const now = this.#clock.now();
    const until = (name: string): number => this.#failures.get(name) ?? -Infinity;
    return until(idText(nodeId)) > now || until(`${idText(nodeId)} ${idText(target)}`) > now;
  }

  #note(name: string, until: number): void {
    this.#failures.delete(name);
    if (this.#failures.size >= INTRODUCTION_FAILURES_MAX)
      this.#failures.delete(this.#failures.keys().next().value!);
    this.#failures.set(name, until);
  }
}
