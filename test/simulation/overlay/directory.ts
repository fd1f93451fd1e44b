/** Everybody who ever was in the simulated world: ids in flat arrays, and the one contact object of each node. */
import { assert } from '../../../src/core/codec/assert.ts';
import { equalBytes, utf8 } from '../../../src/core/codec/bytes.ts';
import { compareDistance, ID_BYTES, type Id, type Key, type NodeId } from '../../../src/core/codec/id.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import type { Role } from '../../../src/core/identity/certificates.ts';
import type { Contact, Introduction, WireContact } from '../../../src/core/overlay/contact.ts';

/** Ids share buffers of this many. */
const CHUNK_IDS = 1_024;
const NOBODY = -1;
/** Bytes of an id that make up its place, a number that is exact: 2^48 places. */
const PLACE_BYTES = 6;
const PLACES = 2 ** (8 * PLACE_BYTES);

const RING = sha256(utf8('simulated ring')) as Id;
/** Of the size of a real signature. Whoever forges a certificate cannot know it. */
const SIGNATURE = new Uint8Array(384).fill(0x5e);
const NO_ADDRESSES: readonly string[] = [];
const RELAY_ADDRESSES: readonly string[] = ['/dns4/relay.example.org/tcp/443/wss'];
const NOT_AFTER = Date.UTC(2100, 0, 1);

/** Shares what it can: 100,000 of them are kept. The peer key is no key, since nobody signs here. */
function compactContact(nodeId: NodeId, role: Role): Contact {
  const peerKey = nodeId;
  const body = {
    v: 1 as const,
    ring: RING,
    nodeId,
    peerKey,
    name: role === 'relay' ? 'relay@example.org' : 'member@example.org',
    role,
    quotaBytes: 0,
    notBefore: 0,
    notAfter: NOT_AFTER,
  };
  const addresses = role === 'relay' ? RELAY_ADDRESSES : NO_ADDRESSES;
  return { nodeId, peerKey, role, certificate: { body, signature: SIGNATURE }, addresses };
}

/** What somebody makes up who is not the authority: the check of certificates refuses it. */
export function forgedContact(nodeId: NodeId): WireContact {
  const { certificate } = compactContact(nodeId, 'tab');
  return { certificate: { ...certificate, signature: new Uint8Array(384) }, addresses: [], via: [] };
}

export class Directory {
  readonly #contacts: Contact[] = [];
  /** Their ids, which are asked for far more often than the rest of a contact. */
  readonly #ids: NodeId[] = [];
  #chunk = new Uint8Array(0);
  #places = new Float64Array(CHUNK_IDS);
  /** Node numbers by the first 32 bits of their ids; open addressing, at most half full. */
  #table = new Int32Array(4 * CHUNK_IDS).fill(NOBODY);
  /** Contacts that the check of certificates refused. */
  forgeriesRefused = 0;

  get size(): number {
    return this.#contacts.length;
  }

  /** Bytes of the arrays, ids included, contact objects not. */
  get bytes(): number {
    return this.#places.length * 8 + this.#table.length * 4 + this.size * ID_BYTES;
  }

  /** The number of the new node: they are counted from 0. */
  add(id: Id, role: Role): number {
    const index = this.#contacts.length;
    const place = (index % CHUNK_IDS) * ID_BYTES;
    if (place === 0) this.#chunk = new Uint8Array(CHUNK_IDS * ID_BYTES);
    this.#chunk.set(id, place);
    this.#ids.push(this.#chunk.subarray(place, place + ID_BYTES) as NodeId);
    this.#contacts.push(compactContact(this.#ids[index]!, role));
    if (index === this.#places.length) this.#grow();
    this.#places[index] = placeOf(id);
    this.#enter(index);
    return index;
  }

  contact(index: number): Contact {
    return this.#contacts[index]!;
  }

  id(index: number): NodeId {
    return this.#ids[index]!;
  }

  /** The first 48 bits of its id, for a first look. */
  place(index: number): number {
    return this.#places[index]!;
  }

  /** −1: no such node. */
  indexOf(id: NodeId): number {
    const mask = this.#table.length - 1;
    for (let slot = hashOf(id) & mask; ; slot = (slot + 1) & mask) {
      const index = this.#table[slot]!;
      if (index === NOBODY) return NOBODY;
      const known = this.#ids[index]!;
      if (known === id || equalBytes(known, id)) return index;
    }
  }

  /** The number of a node that must be there. */
  find(id: NodeId): number {
    const index = this.indexOf(id);
    assert(index !== NOBODY, 'a node of this world');
    return index;
  }

  /** Negative when `a` is closer to the key than `b`. */
  compareCloseness(key: Key, a: number, b: number): number {
    if (a === b) return 0;
    const at = placeOf(key);
    const difference = distance(at, this.#places[a]!) - distance(at, this.#places[b]!);
    // What the 48 bits cannot tell apart the whole ids do.
    if (difference > 2 || difference < -2) return difference;
    return compareDistance(key, this.id(a), this.id(b));
  }

  /** As the check of certificates lets contacts pass: the one object of each good one; the others are counted. */
  checked(wires: readonly WireContact[]): readonly Introduction[] {
    const good: Introduction[] = [];
    for (const wire of wires) {
      const { body, signature } = wire.certificate;
      const index = this.indexOf(body.nodeId);
      const contact = index === NOBODY ? undefined : this.#contacts[index]!;
      const genuine =
        contact !== undefined &&
        (contact.certificate === wire.certificate ||
          (equalBytes(signature, SIGNATURE) && equalBytes(body.peerKey, contact.peerKey)));
      if (genuine) good.push({ contact, via: wire.via });
      else this.forgeriesRefused++;
    }
    return good;
  }

  #enter(index: number): void {
    const mask = this.#table.length - 1;
    let slot = hashOf(this.id(index)) & mask;
    while (this.#table[slot] !== NOBODY) slot = (slot + 1) & mask;
    this.#table[slot] = index;
  }

  #grow(): void {
    const places = new Float64Array(2 * this.#places.length);
    places.set(this.#places);
    this.#places = places;
    this.#table = new Int32Array(2 * this.#table.length).fill(NOBODY);
    for (let index = 0; index < this.#contacts.length - 1; index++) this.#enter(index);
  }
}

/** The first 48 bits of an id as a number. */
export function placeOf(id: Id): number {
  let place = 0;
  for (let i = 0; i < PLACE_BYTES; i++) place = place * 256 + id[i]!;
  return place;
}

/** On the ring of places, the shorter way round. */
function distance(a: number, b: number): number {
  const up = Math.abs(a - b);
  return up <= PLACES / 2 ? up : PLACES - up;
}

function hashOf(id: Id): number {
  return (id[0]! << 24) | (id[1]! << 16) | (id[2]! << 8) | id[3]!;
}
