/** Two replica nodes of one ring, for tests of the services above storage. */
import { MemberRing } from '../node/member-ring.ts';

/** The relay's storage with one more node behind it, so that what is put has a second holder. */
export async function twoNodes(seed: string): Promise<MemberRing> {
  const net = await MemberRing.create(seed);
  await net.people('neighbour');
  return net;
}
