/** A ring of this overlay's nodes that are all members of one multicast group. */
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { idText } from '../../../src/core/codec/id.ts';
import { createMulticast, type MulticastNode } from '../../../src/core/multicast/multicast-node.ts';
import { openPolicy } from '../../../src/core/multicast/policies.ts';
import type { Group, Heard } from './multicast.ts';
import { someBytes } from './pick.ts';
import { pause, rest } from './process.ts';
import { BenchRing, type RingNode } from './ring.ts';

const TREE_MS = 60_000;
const LOOK_EVERY_MS = 100;

export class ScribeGroup implements Group {
  readonly #ring: BenchRing;
  readonly #multicasts: readonly MulticastNode[];
  readonly #key = someBytes(32);

  private constructor(ring: BenchRing) {
    this.#ring = ring;
    this.#multicasts = ring.nodes.map((node) => multicastOf(ring, node));
  }

  static async create(count: number): Promise<ScribeGroup> {
    const ring = await BenchRing.prepare(count);
    await ring.grow(count);
    return new ScribeGroup(ring);
  }

  get traffic(): BenchRing['traffic'] {
    return this.#ring.traffic;
  }

  get members(): number {
    return this.#multicasts.length;
  }

  async join(heard: Heard): Promise<void> {
    this.#multicasts.forEach((node, member) =>
      node.join(this.#key, openPolicy, { multicast: ({ payload }) => heard(payload, member) }),
    );
    const deadline = Date.now() + TREE_MS;
    while (!this.#multicasts.every((node) => this.#isInTree(node))) {
      assert(Date.now() < deadline, 'the tree grows');
      await pause(LOOK_EVERY_MS);
    }
    await rest(this.traffic);
  }

  async publish(member: number, payload: Bytes): Promise<void> {
    const published = await this.#multicasts[member]!.publish(this.#key, payload);
    assert(published === 'sent', 'the root knows of members');
  }

  async stop(): Promise<void> {
    for (const node of this.#multicasts) node.stop();
    await this.#ring.stop();
  }

  #isInTree(node: MulticastNode): boolean {
    const place = node.place(this.#key);
    return place !== undefined && (place.root || place.parent !== undefined);
  }
}

function multicastOf(ring: BenchRing, { overlay, vault, counters }: RingNode): MulticastNode {
  return createMulticast({
    overlay,
    vault,
    trust: ring.trust,
    clock: systemClock,
    random: systemRandom,
    counters,
    delaysMs: () =>
      new Map(
        overlay
          .view()
          .peers.flatMap(({ contact, rttMs }) =>
            rttMs === undefined ? [] : [[idText(contact.nodeId), rttMs]],
          ),
      ),
  });
}
