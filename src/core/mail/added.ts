/**
 * What the mailbox keeps in memory of a message that was added: small, since there are tens of thousands. What many messages share
 * (people, keys, the ring) is there once, and a reference is 96 bytes beside it.
 */
import { concat, toHex, type Bytes } from '../codec/bytes.ts';
import type { Reference } from '../post/reference.ts';
import type { ChangeOf } from './entries.ts';
import type { Folder } from './folders.ts';
import type { Correspondent, MailHeaders } from './headers.ts';
import type { Stamp } from './mailbox.ts';

const PART_BYTES = 32;

export interface Added {
  readonly from: Bytes;
  readonly headers: MailHeaders;
  /** Made anew at each reading. */
  readonly reference: Reference;
  readonly folder: Folder;
  readonly unread: boolean;
  readonly stamp: Stamp;
}

/** Values that are the same are one object. */
export class Shared {
  readonly #bytes = new Map<string, Bytes>();
  readonly #people = new Map<string, Correspondent>();

  bytes(value: Bytes): Bytes {
    return shared(this.#bytes, toHex(value), value);
  }

  person(value: Correspondent): Correspondent {
    return shared(this.#people, `${value.address}\n${value.name}`, value);
  }
}

export class KeptAdded implements Added {
  readonly from: Bytes;
  readonly headers: MailHeaders;
  readonly folder: Folder;
  readonly unread: boolean;
  readonly stamp: Stamp;
  readonly ring: Bytes;
  /** Key, secret and hash of the plaintext. */
  readonly parts: Bytes;
  /** Of the reference: of the whole message. */
  readonly sizeBytes: number;
  readonly manifest: boolean;

  constructor(change: ChangeOf<'add'>, stamp: Stamp, shared: Shared) {
    const { headers, reference } = change;
    this.from = shared.bytes(change.from);
    this.headers = {
      ...headers,
      from: shared.person(headers.from),
      to: headers.to.map((person) => shared.person(person)),
      cc: headers.cc.map((person) => shared.person(person)),
    };
    this.folder = change.folder;
    this.unread = change.unread;
    this.stamp = stamp;
    this.ring = shared.bytes(reference.ring);
    this.parts = concat(reference.key, reference.secret, reference.plaintextHash);
    this.sizeBytes = reference.sizeBytes;
    this.manifest = reference.manifest;
  }

  get reference(): Reference {
    const part = (place: number): Bytes => this.parts.slice(place * PART_BYTES, (place + 1) * PART_BYTES);
    const { ring, sizeBytes, manifest } = this;
    return { v: 1, ring, key: part(0), manifest, secret: part(1), plaintextHash: part(2), sizeBytes };
  }
}

function shared<T>(known: Map<string, T>, name: string, value: T): T {
  const first = known.get(name);
  if (first === undefined) known.set(name, value);
  return first ?? value;
}
