/**
 * The Scribe group of a person: the live devices are its members, and so are the replicas of the inbox while they hold something.
 * It has the inbox's key, so that its root is the first of the replicas: presence and what waits meet at one place. POST §3.3.
 */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import type { Key } from '../codec/id.ts';
import { DEVICES_MAX, INBOX_ENTRY_BYTES_MAX, MULTICAST_BYTES_MAX } from '../codec/limits.ts';
import { bytesMax, codec, listOf } from '../codec/schema.ts';
import { inboxKey } from '../crypto/hash.ts';
import { MulticastError, type Multicasts } from '../multicast/multicast.ts';
import { openPolicy } from '../multicast/policies.ts';

/** How long a sender waits for a device to take a notification through the group. */
const ANYCAST_MS = 3_000;

/**
 * What is said in the group: `here` by a device that has come, `grew` by a replica of the inbox. Neither is believed: what they
 * make others do, anybody may ask for. So every node of the ring may say it (`openPolicy`), as fast as a root lets it.
 */
export const presenceCodec = codec(
  'presence',
  v.strictObject({ v: v.literal(1), kind: v.picklist(['here', 'grew']) }),
  64,
);
export type PresenceKind = v.InferOutput<typeof presenceCodec.schema>['kind'];

/** An anycast to the group: one copy of a notification for each device; a device takes its own. */
export const copiesCodec = codec(
  'copies of a notification',
  v.strictObject({ v: v.literal(1), sealed: listOf(bytesMax(INBOX_ENTRY_BYTES_MAX), DEVICES_MAX) }),
  MULTICAST_BYTES_MAX,
);

/** The group of a person: SHA-256 of the identity key, as the inbox has it. */
export function presenceGroup(identityKey: Bytes): Key {
  return inboxKey(identityKey);
}

/** Says something in a person's group; nobody may be there to hear it. */
export async function sayPresence(
  multicast: Multicasts,
  group: Key,
  kind: PresenceKind,
  counters: Counters,
): Promise<void> {
  try {
    await multicast.publish(group, presenceCodec.encode({ v: 1, kind }));
  } catch (error) {
    if (!(error instanceof MulticastError)) throw error;
    counters.add(`post.presence-${error.code}`);
  }
}

/** The first device that takes one of the copies: what it answers, unchecked. */
export async function tellThroughGroup(
  multicast: Multicasts,
  group: Key,
  copies: readonly Bytes[],
  counters: Counters,
): Promise<Bytes | undefined> {
  const sizeBytes = copies.reduce((sum, { length }) => sum + length + 8, 64);
  if (sizeBytes > MULTICAST_BYTES_MAX) {
    counters.add('post.too-large-for-group');
    return undefined;
  }
  try {
    const payload = copiesCodec.encode({ v: 1, sealed: [...copies] });
    return (await multicast.anycast(group, payload, { timeoutMs: ANYCAST_MS }))?.answer;
  } catch (error) {
    if (!(error instanceof MulticastError)) throw error;
    counters.add(`post.group-${error.code}`);
    return undefined;
  }
}

export interface PresencePorts {
  readonly multicast: Multicasts;
  readonly counters: Counters;
  readonly identityKey: Bytes;
  /** The inbox is said to have grown. */
  readonly grew: () => void;
  /** Takes a sealed notification; undefined: it is not for this device, or it is refused. */
  readonly take: (sealed: Bytes) => Promise<Bytes | undefined>;
}

/** This device in its person's group, from when the network is there. */
export class Presence {
  readonly #ports: PresencePorts;
  readonly #group: Key;
  #leave: (() => void) | undefined;

  constructor(ports: PresencePorts) {
    this.#ports = ports;
    this.#group = presenceGroup(ports.identityKey);
  }

  /** The network is there (again): says so. */
  arrive(): void {
    const { multicast, counters } = this.#ports;
    this.#leave ??= multicast.join(this.#group, openPolicy, {
      multicast: ({ payload }) => {
        const said = presenceCodec.decode(payload);
        if (!said.ok) counters.refused('presence', said);
        else if (said.value.kind === 'grew') this.#ports.grew();
      },
      anycast: ({ payload }) => this.#take(payload),
    });
    sayPresence(multicast, this.#group, 'here', counters).catch((error: unknown) =>
      counters.refused('presence', { code: 'failed', reason: String(error) }),
    );
  }

  depart(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  async #take(payload: Bytes): Promise<Bytes | undefined> {
    const copies = copiesCodec.decode(payload);
    if (!copies.ok) {
      this.#ports.counters.refused('presence', copies);
      return undefined;
    }
    for (const sealed of copies.value.sealed) {
      const answer = await this.#ports.take(sealed);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }
}
