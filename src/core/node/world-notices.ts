/** What is said when the ring is not the one that this node remembers. */
import { sentence } from './sentences.ts';
import type { WorldCode } from './world-check.ts';

/** `people`: of how many people devices are remembered. */
export function worldNotice(code: WorldCode, people: number): string {
  return code === 'strangers' ? sentence('notice/strangers', { people }) : sentence(`notice/${code}`);
}
