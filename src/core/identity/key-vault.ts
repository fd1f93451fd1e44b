/** The one implementation of the Vault port, over a KeyStore: what may be signed, opened and sealed, and with which key. */
import { toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { sentence } from './sentences.ts';
import { deriveKey } from '../crypto/hash.ts';
import { hpkeOpen, hpkeSeal, type HpkeSealed, type PreSharedKey } from '../crypto/hpke.ts';
import { publicKeyOf, RAW_KEY_BYTES, x25519Pair, type KeyKind } from '../crypto/private-keys.ts';
import type { Random } from '../crypto/random.ts';
import { NONCE_BYTES, seal, sealKey, unseal } from '../crypto/seal.ts';
import { signEd25519 } from '../crypto/sign.ts';
import type { Prekey, PrekeyBody } from './certificates.ts';
import type { KeyStore, NewKey, StoredKey } from './key-store.ts';
import { prekeyLifeMs } from './prekeys.ts';
import { ENTROPY_BYTES, entropyFromWords, secretsFromEntropy, wordsFromEntropy } from './recovery-words.ts';
import { checkTyped, type OwnKeys } from './signing-check.ts';
import { purposes, type SigningPurposes } from './signing-purposes.ts';
import { isTransportPayload } from './transport-signing.ts';
import { VaultError, type PublicKeys, type Vault, type VaultState } from './vault.ts';

/** Private prekey halves kept at most; rotation and retention keep about 15. */
export const PREKEYS_KEPT_MAX = 256;

const MAILBOX_CONTEXT = utf8('epost/mailbox/v1');
const AT_REST_CONTEXT = utf8('epost/at-rest/v1');
const ENTROPY_CONTEXT = utf8('epost/entropy/v1');
const PAIRING_INFO = 'epost/pairing/v1';
const PAIRING_PSK_ID = utf8('epost/pairing-channel/v1');
/** Belongs to no slot: it is there before there are keys, and goes when they are confirmed. */
const PAIRING_KEY = 'pairing/key';
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** Pending keys and the profile's own are kept apart by the first part of their names. */
type Slot = 'pending' | 'ready';
type KeyName = 'identity' | 'device' | 'peer' | 'mailbox' | 'at-rest' | 'entropy';

/** The keys in use: those of a ready profile, else pending ones. */
interface KeyRing {
  readonly slot: Slot | undefined;
  readonly keys: ReadonlyMap<string, StoredKey>;
}

export class KeyVault implements Vault {
  readonly #store: KeyStore;
  readonly #random: Random;
  /** What was last loaded; another worker's writes are seen when a key is missing and by `state`. */
  #ring: Promise<KeyRing> | undefined;
  /** Changes follow one another. */
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(store: KeyStore, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  async state(): Promise<VaultState> {
    await this.#lastChange;
    const ring = await this.#load();
    return ring.slot === undefined ? { state: 'empty' } : { state: ring.slot, ...publicKeys(ring) };
  }

  begin(): Promise<{ readonly words: readonly string[]; readonly keys: PublicKeys }> {
    return this.#change(async () => {
      const entropy = this.#random.bytes(ENTROPY_BYTES);
      const keys = await this.#replacePending(entropy);
      return { words: wordsFromEntropy(entropy), keys };
    });
  }

  restore(words: readonly string[]): Promise<Result<PublicKeys>> {
    return this.#change(async () => {
      const entropy = entropyFromWords(words);
      return entropy.ok ? ok(await this.#replacePending(entropy.value)) : entropy;
    });
  }

  beginPairing(): Promise<Bytes> {
    return this.#change(async () => {
      if ((await this.#load()).slot === 'ready') throw ownKeysAlready();
      const raw = this.#random.bytes(RAW_KEY_BYTES);
      const publicKey = publicKeyOf('x25519', raw);
      await this.#add([{ name: PAIRING_KEY, kind: 'x25519', raw, notAfter: FOR_EVER }]);
      return publicKey;
    });
  }

  async sealForPairing(recipientKey: Bytes, channelKey: Bytes): Promise<Result<HpkeSealed>> {
    const ring = await this.#ready();
    if (ring.slot !== 'ready') throw new VaultError('empty', 'this profile has no keys of its own yet');
    const kept = ring.keys.get('entropy');
    if (kept?.sealed === undefined) return refuse('no-entropy', sentence('pairing/early-own'));
    const entropy = await unseal(kept.key, kept.sealed, ENTROPY_CONTEXT);
    if (!entropy.ok) return entropy;
    try {
      return ok(await hpkeSeal(recipientKey, PAIRING_INFO, entropy.value, channelPsk(channelKey)));
    } catch {
      return refuse('bad-key', sentence('pairing/bad-key'));
    } finally {
      entropy.value.fill(0);
    }
  }

  acceptPairing(sealed: HpkeSealed, channelKey: Bytes): Promise<Result<PublicKeys>> {
    return this.#change(async () => {
      const found = (await this.#store.load()).find(({ name }) => name === PAIRING_KEY);
      if (!found) return refuse('no-pairing', sentence('pairing/not-asked'));
      const pair = await x25519Pair(found.key, found.publicKey);
      const entropy = await hpkeOpen(pair, PAIRING_INFO, sealed, channelPsk(channelKey));
      if (!entropy.ok) return entropy;
      if (entropy.value.length !== ENTROPY_BYTES) return refuse('unsealable', sentence('pairing/unsealable'));
      return ok(await this.#replacePending(entropy.value));
    });
  }

  commit(): Promise<void> {
    return this.#change(async () => {
      const { slot, keys } = await this.#load();
      if (slot === undefined) throw new VaultError('empty', 'there are no keys to commit');
      if (slot === 'ready') return;
      await this.#store.write({
        remove: [PAIRING_KEY],
        rename: [...keys.keys()].map((name) => [`pending/${name}`, `ready/${name}`] as const),
      });
    });
  }

  erase(): Promise<void> {
    return this.#change(async () => {
      const all = await this.#store.load();
      await this.#store.write({ remove: all.map(({ name }) => name) });
    });
  }

  async sign<P extends keyof SigningPurposes>(purpose: P, body: SigningPurposes[P]): Promise<Bytes> {
    const ring = await this.#ready();
    const checked = checkTyped(purpose, body, ownKeys(ring));
    if (!checked.ok) throw new VaultError('refused', checked.reason);
    return signEd25519(keyNamed(ring, purposes[purpose].key).key, purpose, checked.value);
  }

  async signTransport(bytes: Bytes): Promise<Bytes> {
    if (!isTransportPayload(bytes))
      throw new VaultError('refused', 'these bytes are nothing that a link has to have signed');
    const { key } = keyNamed(await this.#ready(), 'peer');
    return new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes));
  }

  createPrekey(now: number, fallback: boolean): Promise<Prekey> {
    return this.#change(async () => {
      const ring = await this.#load();
      const device = keyNamed(ring, 'device');
      if (prekeysIn(ring).length >= PREKEYS_KEPT_MAX)
        throw new VaultError('refused', `more than ${PREKEYS_KEPT_MAX} prekeys; drop expired ones first`);
      const raw = this.#random.bytes(RAW_KEY_BYTES);
      const body: PrekeyBody = {
        v: 1,
        deviceKey: device.publicKey,
        publicKey: publicKeyOf('x25519', raw),
        fallback,
        notBefore: now,
        notAfter: now + prekeyLifeMs(fallback),
      };
      const name = `${ring.slot!}/${prekeyName(body.publicKey, fallback)}`;
      await this.#add([{ name, kind: 'x25519', raw, notAfter: body.notAfter }]);
      return { body, signature: await signEd25519(device.key, 'prekey', body) };
    });
  }

  dropPrekeys(time: number): Promise<void> {
    return this.#change(async () => {
      const ring = await this.#load();
      const expired = [...ring.keys].filter(
        ([name, key]) => name.startsWith('prekey/') && key.notAfter < time,
      );
      if (expired.length > 0)
        await this.#store.write({ remove: expired.map(([name]) => `${ring.slot!}/${name}`) });
    });
  }

  async openSealed(prekey: Bytes, info: string, sealed: HpkeSealed): Promise<Result<Bytes>> {
    const found = findPrekey(await this.#ready(), prekey) ?? findPrekey(await this.#load(), prekey);
    if (!found)
      return refuse('unknown-prekey', 'sealed to a prekey that this device does not have (any more)');
    return hpkeOpen(await x25519Pair(found.key, found.publicKey), info, sealed);
  }

  async sealMailbox(plaintexts: readonly Bytes[]): Promise<readonly Bytes[]> {
    const { key } = keyNamed(await this.#ready(), 'mailbox');
    return Promise.all(plaintexts.map((plaintext) => seal(key, plaintext, MAILBOX_CONTEXT, this.#random)));
  }

  async openMailbox(sealed: readonly Bytes[]): Promise<readonly Result<Bytes>[]> {
    const { key } = keyNamed(await this.#ready(), 'mailbox');
    return Promise.all(sealed.map((bytes) => unseal(key, bytes, MAILBOX_CONTEXT)));
  }

  async sealAtRest(plaintext: Bytes): Promise<Bytes> {
    return seal(keyNamed(await this.#ready(), 'at-rest').key, plaintext, AT_REST_CONTEXT, this.#random);
  }

  async openAtRest(sealed: Bytes): Promise<Result<Bytes>> {
    return unseal(keyNamed(await this.#ready(), 'at-rest').key, sealed, AT_REST_CONTEXT);
  }

  /** Keys of the person by the words, of the device at random, in place of other pending ones. */
  async #replacePending(entropy: Bytes): Promise<PublicKeys> {
    const ring = await this.#load();
    if (ring.slot === 'ready') throw ownKeysAlready();
    const { identitySeed, mailboxKey } = secretsFromEntropy(entropy);
    const fresh = (): Bytes => this.#random.bytes(RAW_KEY_BYTES);
    const [device, peer, atRest] = [fresh(), fresh(), fresh()];
    await this.#add(
      [
        await entropyKey(entropy, atRest),
        pendingKey('identity', 'ed25519', identitySeed),
        pendingKey('mailbox', 'seal', mailboxKey),
        pendingKey('device', 'ed25519', device),
        pendingKey('peer', 'ed25519', peer),
        pendingKey('at-rest', 'seal', atRest),
      ],
      [...ring.keys.keys()].map((name) => `pending/${name}`),
    );
    return publicKeys(await this.#load());
  }

  async #add(add: readonly NewKey[], remove: readonly string[] = []): Promise<void> {
    try {
      await this.#store.write({ remove, add });
    } finally {
      for (const { raw } of add) raw.fill(0);
    }
  }

  /** The keys in use, loaded again when there were none. */
  async #ready(): Promise<KeyRing> {
    await this.#lastChange;
    const ring = await (this.#ring ?? this.#load());
    return ring.slot === undefined ? this.#load() : ring;
  }

  #load(): Promise<KeyRing> {
    const loading = this.#store.load().then(ringOf);
    loading.catch(() => {
      if (this.#ring === loading) this.#ring = undefined;
    });
    this.#ring = loading;
    return loading;
  }

  /** Runs `action` after all earlier changes; what was loaded before is not trusted afterwards. */
  #change<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(action).finally(() => {
      this.#ring = undefined;
    });
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}

function ringOf(all: readonly StoredKey[]): KeyRing {
  const slot = (['ready', 'pending'] as const).find((one) =>
    all.some(({ name }) => name.startsWith(`${one}/`)),
  );
  const keys = new Map<string, StoredKey>();
  for (const key of all)
    if (slot && key.name.startsWith(`${slot}/`)) keys.set(key.name.slice(slot.length + 1), key);
  return { slot, keys };
}

function keyNamed(ring: KeyRing, name: KeyName): StoredKey {
  const key = ring.keys.get(name);
  if (!key) throw new VaultError('empty', 'this profile has no keys');
  return key;
}

function publicKeys(ring: KeyRing): PublicKeys {
  return {
    identityKey: keyNamed(ring, 'identity').publicKey,
    deviceKey: keyNamed(ring, 'device').publicKey,
    peerKey: keyNamed(ring, 'peer').publicKey,
  };
}

function ownKeys(ring: KeyRing): OwnKeys {
  return { ...publicKeys(ring), hasPrekey: (publicKey) => findPrekey(ring, publicKey) !== undefined };
}

function pendingKey(name: KeyName, kind: KeyKind, raw: Bytes): NewKey {
  return { name: `pending/${name}`, kind, raw, notAfter: FOR_EVER };
}

/** The key under which the entropy lies. It seals this one text in its life, so key and nonce may follow from the secret beside. */
async function entropyKey(entropy: Bytes, atRest: Bytes): Promise<NewKey> {
  const raw = deriveKey(atRest, 'epost/entropy-key/v1');
  const nonce = { bytes: () => deriveKey(atRest, 'epost/entropy-nonce/v1', NONCE_BYTES) };
  const sealed = await seal(await sealKey(raw), entropy, ENTROPY_CONTEXT, nonce);
  return { ...pendingKey('entropy', 'seal', raw), sealed };
}

function channelPsk(key: Bytes): PreSharedKey {
  return { id: PAIRING_PSK_ID, key };
}

function ownKeysAlready(): VaultError {
  return new VaultError('refused', 'this profile has keys already');
}

function prekeyName(publicKey: Bytes, fallback: boolean): string {
  return `${fallback ? 'fallback' : 'prekey'}/${toHex(publicKey)}`;
}

function findPrekey(ring: KeyRing, publicKey: Bytes): StoredKey | undefined {
  return ring.keys.get(prekeyName(publicKey, false)) ?? ring.keys.get(prekeyName(publicKey, true));
}

function prekeysIn(ring: KeyRing): readonly StoredKey[] {
  return [...ring.keys.values()].filter(({ kind }) => kind === 'x25519');
}
