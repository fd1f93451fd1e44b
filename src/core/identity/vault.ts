/**
 * The Vault port: keys are born in it and never leave it. It offers typed operations ("sign this receipt"), never
 * "sign these bytes". In a tab it is the service worker, in Node a sealed file, in tests memory.
 */
import type { Bytes } from '../codec/bytes.ts';
import type { Result } from '../codec/result.ts';
import type { HpkeSealed } from '../crypto/hpke.ts';
import type { Prekey } from './certificates.ts';
import type { SigningPurposes } from './signing-purposes.ts';

/** Raw public keys, 32 bytes each. */
export interface PublicKeys {
  /** The person: from the 24 words. */
  readonly identityKey: Bytes;
  /** This device: signs its log, its prekeys, its notifications. */
  readonly deviceKey: Bytes;
  /** This device's node: authenticates links, signs receipts and leases. */
  readonly peerKey: Bytes;
}

/** `pending`: keys exist, but the words were not confirmed and nobody has joined with them. */
export type VaultState = { readonly state: 'empty' } | ({ readonly state: 'pending' | 'ready' } & PublicKeys);

export interface Vault {
  state(): Promise<VaultState>;
  /** Makes the keys of a new person and returns the 24 words, once: they are not kept. Replaces pending keys only. */
  begin(): Promise<{ readonly words: readonly string[]; readonly keys: PublicKeys }>;
  /** Keys of a returning person on this device: identity and mailbox keys from the words, new device and peer keys. */
  restore(words: readonly string[]): Promise<Result<PublicKeys>>;
  /**
   * Makes the key to which a paired device shall seal what this profile needs, in place of an earlier one; returns its public half.
   * For profiles without keys of their own: others are refused.
   */
  beginPairing(): Promise<Bytes>;
  /**
   * The entropy behind the 24 words, and nothing else, sealed to the key of another device's `beginPairing`; only who knows
   * `channelKey` opens it. Refusal: `no-entropy`, when this profile was made before vaults kept it.
   */
  sealForPairing(recipientKey: Bytes, channelKey: Bytes): Promise<Result<HpkeSealed>>;
  /** Keys of a returning person, as by `restore`, from what `sealForPairing` sealed. Refusals: `no-pairing`, `unsealable`. */
  acceptPairing(sealed: HpkeSealed, channelKey: Bytes): Promise<Result<PublicKeys>>;
  /** Pending keys become the profile's own. */
  commit(): Promise<void>;
  /** Forgets every key. */
  erase(): Promise<void>;

  /** 64 bytes over the body, which is checked against the purpose's schema; the purpose picks the key. */
  sign<P extends keyof SigningPurposes>(purpose: P, body: SigningPurposes[P]): Promise<Bytes>;
  /** Signs what libp2p signs with the peer key: a Noise static key or a signed peer record, and nothing else. */
  signTransport(bytes: Bytes): Promise<Bytes>;

  /** Makes a new X25519 pair valid from `now`, returns it signed; `fallback` keys live as long as the device. */
  createPrekey(now: number, fallback: boolean): Promise<Prekey>;
  /** Deletes the private halves of prekeys that expired before `time`; fallback keys stay. */
  dropPrekeys(time: number): Promise<void>;
  /** Opens what was sealed to one of this device's prekeys (raw public key). Refusals: `unknown-prekey`, `unsealable`. */
  openSealed(prekey: Bytes, info: string, sealed: HpkeSealed): Promise<Result<Bytes>>;

  /** Encrypts for the person's own devices (mailbox log entries): the key comes from the words. One result per item. */
  sealMailbox(plaintexts: readonly Bytes[]): Promise<readonly Bytes[]>;
  openMailbox(sealed: readonly Bytes[]): Promise<readonly Result<Bytes>[]>;
  /** Encrypts for this device's disk only. */
  sealAtRest(plaintext: Bytes): Promise<Bytes>;
  openAtRest(sealed: Bytes): Promise<Result<Bytes>>;
}

/** The vault cannot answer. Codes: `unavailable` (no answer in time), `empty` (no keys), `refused` (not a typed operation). */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: 'unavailable' | 'empty' | 'refused';
  constructor(code: VaultError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
