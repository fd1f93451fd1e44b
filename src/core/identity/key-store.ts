/** The KeyStore port: where a vault keeps its keys. Adapters: memory, IndexedDB (service worker), sealed file (Node). */
import type { Bytes } from '../codec/bytes.ts';
import type { KeyKind } from '../crypto/private-keys.ts';

/** A key that was just made or recovered: the last time its raw bytes are seen, unless the store itself must keep them. */
export interface NewKey {
  readonly name: string;
  readonly kind: KeyKind;
  /** 32 secret bytes. */
  readonly raw: Bytes;
  /** Prekeys: after this their private half may go. Others: Number.MAX_SAFE_INTEGER. */
  readonly notAfter: number;
  /** What this key has sealed and is kept beside it: at most SEALED_BYTES_MAX. */
  readonly sealed?: Bytes;
}

/** Of what a key keeps sealed beside itself. */
export const SEALED_BYTES_MAX = 256;

export interface StoredKey {
  readonly name: string;
  readonly kind: KeyKind;
  /** The private or secret key, not extractable. */
  readonly key: CryptoKey;
  /** Raw public half: 32 bytes, or none. */
  readonly publicKey: Bytes;
  readonly notAfter: number;
  readonly sealed?: Bytes;
}

/** Applied in this order: removals, renamings (from, to), additions (which replace keys of the same name). */
export interface KeyChange {
  readonly remove?: readonly string[];
  readonly rename?: readonly (readonly [string, string])[];
  readonly add?: readonly NewKey[];
}

export interface KeyStore {
  load(): Promise<readonly StoredKey[]>;
  /** All of the change or nothing; durable when resolved. Rejects when the medium fails. */
  write(change: KeyChange): Promise<void>;
}
