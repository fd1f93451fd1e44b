/**
 * What a node keeps of its ring from session to session: peers, relays, usual sizes. Plain on its own disk: certificates are
 * public, and what is read back is checked like anything else.
 */
import * as v from 'valibot';
import { utf8 } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText } from '../codec/id.ts';
import { codec, listOf, timeSchema, whole } from '../codec/schema.ts';
import { signedNodeCertificate, type RingDescriptorBody, type RingTrust } from '../identity/certificates.ts';
import { checkContact, type Contact } from '../overlay/contact.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { namespace } from '../storage/namespace.ts';
import { RememberedPeers, REMEMBERED_PEERS_MAX, type RememberedPeer } from './remembered-peers.ts';
import { SLOTS_MAX, UsualSizes } from './usual-sizes.ts';

/** As many as a ring descriptor names. */
const RELAYS_MAX = 16;
/** Changes are written together, this long after the first one. */
const SAVE_MS = 10_000;
const KEY = utf8('world');

/** The world as kept on disk. */
export const worldCodec = codec(
  'world memory',
  v.strictObject({
    v: v.literal(1),
    peers: listOf(
      v.strictObject({
        certificate: signedNodeCertificate,
        firstSeenAt: timeSchema,
        lastSeenAt: timeSchema,
        sessions: v.pipe(whole(), v.minValue(1)),
      }),
      REMEMBERED_PEERS_MAX,
    ),
    /** Certificates of relays; their addresses are the ring descriptor's. */
    relays: listOf(signedNodeCertificate, RELAYS_MAX),
    sizes: listOf(
      v.strictObject({
        slot: whole(SLOTS_MAX - 1),
        size: v.pipe(whole(), v.minValue(1)),
        at: timeSchema,
      }),
      SLOTS_MAX,
    ),
  }),
  256 * 1024,
);
type StoredWorld = v.InferOutput<typeof worldCodec.schema>;

export interface WorldMemoryPorts {
  readonly store: KeyValueStore;
  readonly trust: RingTrust;
  readonly descriptor: RingDescriptorBody;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly failed: (error: unknown) => void;
}

export class WorldMemory {
  readonly peers: RememberedPeers;
  readonly sizes: UsualSizes;
  readonly #ports: WorldMemoryPorts;
  readonly #store: KeyValueStore;
  readonly #relays: Map<string, Contact>;
  #cancelSave: (() => void) | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(
    ports: WorldMemoryPorts,
    peers: RememberedPeer[],
    relays: Contact[],
    sizes: UsualSizes,
  ) {
    this.#ports = ports;
    this.#store = namespace(ports.store, 'node');
    this.peers = new RememberedPeers(peers, ports.clock.now());
    this.sizes = sizes;
    this.#relays = new Map(relays.map((relay) => [idText(relay.nodeId), relay]));
  }

  /** What does not check, and what has expired, is left out. Rejects with StoreError. */
  static async open(ports: WorldMemoryPorts): Promise<WorldMemory> {
    const stored = await namespace(ports.store, 'node').get(KEY);
    const decoded = stored && worldCodec.decode(stored);
    if (decoded?.ok === false) ports.counters.refused('world', decoded);
    const world: StoredWorld = decoded?.ok ? decoded.value : { v: 1, peers: [], relays: [], sizes: [] };
    const [peers, relays] = await Promise.all([
      Promise.all(
        world.peers.map(async ({ certificate, ...met }): Promise<RememberedPeer | undefined> => {
          const contact = await checked(ports, certificate, []);
          return contact && { contact, ...met };
        }),
      ),
      Promise.all(world.relays.map((certificate) => checkedRelay(ports, certificate))),
    ]);
    return new WorldMemory(ports, peers.filter(isThere), relays.filter(isThere), new UsualSizes(world.sizes));
  }

  /** Where to begin: relays of the ring descriptor that were met, and the best of the peers. */
  bootstrap(): readonly Contact[] {
    return [...this.#relays.values(), ...this.peers.bootstrap(this.#ports.clock.now())];
  }

  /** A relay of the ring descriptor is linked. */
  meetRelay(contact: Contact): void {
    const name = idText(contact.nodeId);
    if (relayIn(this.#ports.descriptor, contact) === undefined) return;
    if (this.#relays.get(name)?.certificate === contact.certificate) return;
    this.#relays.set(name, contact);
    this.changed();
  }

  /** Is written soon. */
  changed(): void {
    this.#cancelSave ??= this.#ports.clock.after(SAVE_MS, () => this.#save());
  }

  /** Writes what is not written yet; resolves when nothing is under way. */
  async flush(): Promise<void> {
    if (this.#cancelSave !== undefined) this.#save();
    await this.#saving;
  }

  /** A disk that takes nothing costs only memory of this session. */
  #save(): void {
    this.#cancelSave?.();
    this.#cancelSave = undefined;
    const value = worldCodec.encode({
      v: 1,
      peers: this.peers.all().map(({ contact, ...met }) => ({ certificate: contact.certificate, ...met })),
      relays: [...this.#relays.values()].map(({ certificate }) => certificate),
      sizes: [...this.sizes.all()],
    });
    this.#saving = this.#saving
      .then(() => this.#store.write([{ type: 'put', key: KEY, value }]))
      .catch(this.#ports.failed);
  }
}

async function checked(
  { trust, clock, counters }: WorldMemoryPorts,
  certificate: Contact['certificate'],
  addresses: readonly string[],
): Promise<Contact | undefined> {
  const contact = await checkContact({ certificate, addresses: [...addresses] }, trust, clock.now());
  if (contact.ok) return contact.value;
  // That certificates expire is no mistake of anybody's.
  if (contact.code !== 'expired') counters.refused('world', contact);
  return undefined;
}

/** Undefined also when the ring descriptor does not name it any more. */
async function checkedRelay(
  ports: WorldMemoryPorts,
  certificate: Contact['certificate'],
): Promise<Contact | undefined> {
  const described = relayIn(ports.descriptor, certificate.body);
  return described && checked(ports, certificate, described.addresses);
}

function relayIn(
  { relays }: RingDescriptorBody,
  { nodeId }: Pick<Contact, 'nodeId'>,
): RingDescriptorBody['relays'][number] | undefined {
  return relays.find((relay) => idText(relay.nodeId) === idText(nodeId));
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
