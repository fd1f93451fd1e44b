/** By whom a secure look-up may begin. */
import { idText, type NodeId } from '../../codec/id.ts';
import { LINKS_MAX } from '../../codec/limits.ts';
import { randomBelow, type Random } from '../../crypto/random.ts';
import type { Overlay } from '../overlay.ts';

/** Our leaf set, then others that we are linked with, each in random order: liars cannot know whom we ask first. */
export function firstHopsOf(
  overlay: Pick<Overlay, 'self' | 'leafSet' | 'closest'>,
  random: Random,
): readonly NodeId[] {
  const leaves = overlay.leafSet().map(({ nodeId }) => nodeId);
  const taken = new Set([overlay.self.nodeId, ...leaves].map(idText));
  const others = overlay
    .closest(overlay.self.nodeId, LINKS_MAX + 1)
    .map(({ nodeId }) => nodeId)
    .filter((nodeId) => !taken.has(idText(nodeId)));
  return [...shuffled(leaves, random), ...shuffled(others, random)];
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = randomBelow(random, i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
