/** The contract of the Vault port, as cases that run under vitest and inside a browser page alike. */
import { memoryVault } from '../../src/adapters/memory/vault.ts';
import { assert } from '../../src/core/codec/assert.ts';
import { concat, equalBytes, utf8 } from '../../src/core/codec/bytes.ts';
import type { Id } from '../../src/core/codec/id.ts';
import { hpkeSeal } from '../../src/core/crypto/hpke.ts';
import { verifyEd25519 } from '../../src/core/crypto/sign.ts';
import { verifyPrekey } from '../../src/core/identity/certificates.ts';
import type { SigningPurposes } from '../../src/core/identity/signing-purposes.ts';
import type { PublicKeys, Vault } from '../../src/core/identity/vault.ts';
import { matches, rejects, same } from './expectations.ts';

/** A place where vaults keep keys; `open` again is another vault over the same keys (a restart). */
export interface VaultPlace {
  open(): Promise<Vault>;
}

export interface VaultCase {
  readonly name: string;
  /** `place` makes a new, empty place. Throws when the contract does not hold. */
  readonly run: (place: () => Promise<VaultPlace>) => Promise<void>;
}

const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
const NOISE_PREFIX = 'noise-libp2p-static-key:';
const INFO = 'epost/notification';
const refused = { name: 'VaultError', code: 'refused' };

export const vaultCases: readonly VaultCase[] = [
  { name: 'is empty, then pending, then ready, and stays so after a restart', run: lifeOfKeys },
  { name: 'replaces pending keys but never its own', run: replacing },
  { name: 'gets the person back from the words, on new device keys', run: recovery },
  { name: 'refuses wrong words and keeps what it has', run: wrongWords },
  { name: 'signs typed bodies with the key of the purpose, pending or ready', run: signing },
  { name: 'signs nothing untyped, malformed, or in the name of another key', run: refusing },
  { name: 'signs for the transport only what the transport signs', run: transport },
  { name: 'opens what was sealed to its prekeys, until they are dropped', run: prekeys },
  { name: 'loses no prekey when many are made at once', run: manyPrekeys },
  { name: 'seals for the mailbox and for the disk, and tells the two apart', run: sealing },
  { name: 'gives a paired device the entropy, and nobody else', run: pairing },
  { name: 'forgets everything when erased', run: erasing },
];

async function lifeOfKeys(place: () => Promise<VaultPlace>): Promise<void> {
  const at = await place();
  const vault = await at.open();
  same(await vault.state(), { state: 'empty' });
  const { words, keys } = await vault.begin();
  same(words.length, 24);
  same(await vault.state(), { state: 'pending', ...keys });
  await vault.commit();
  await vault.commit();
  same(await (await at.open()).state(), { state: 'ready', ...keys });
}

async function replacing(place: () => Promise<VaultPlace>): Promise<void> {
  const vault = await (await place()).open();
  const first = await vault.begin();
  const second = await vault.begin();
  assert(!equalBytes(second.keys.identityKey, first.keys.identityKey), 'new keys are new');
  await vault.commit();
  await rejects(vault.begin(), refused);
  await rejects(vault.restore(first.words), refused);
  same(await vault.state(), { state: 'ready', ...second.keys });
}

async function recovery(place: () => Promise<VaultPlace>): Promise<void> {
  const { vault, keys, words } = await fresh(place);
  const sealed = await vault.sealMailbox([utf8('a log entry')]);
  await vault.erase();
  const other = await (await place()).open();
  const restored = await other.restore(words);
  assert(restored.ok, 'the words are right');
  same(restored.value.identityKey, keys.identityKey);
  assert(!equalBytes(restored.value.deviceKey, keys.deviceKey), 'the device is new');
  assert(!equalBytes(restored.value.peerKey, keys.peerKey), 'the node is new');
  await other.commit();
  same(await other.openMailbox(sealed), [{ ok: true, value: utf8('a log entry') }]);
}

async function wrongWords(place: () => Promise<VaultPlace>): Promise<void> {
  const vault = await (await place()).open();
  const { keys } = await vault.begin();
  matches(await vault.restore(['zebra']), { ok: false, code: 'wrong-count' });
  same(await vault.state(), { state: 'pending', ...keys });
}

async function signing(place: () => Promise<VaultPlace>): Promise<void> {
  const vault = await (await place()).open();
  const { keys } = await vault.begin();
  const body = receipt(keys);
  same(await verifyEd25519(keys.peerKey, 'receipt', body, await vault.sign('receipt', body)), true);
  await vault.commit();
  const signature = await vault.sign('receipt', body);
  same(await verifyEd25519(keys.peerKey, 'receipt', body, signature), true);
  same(await verifyEd25519(keys.peerKey, 'lease', body, signature), false);
  const record: SigningPurposes['device-record'] = {
    v: 1,
    writer: keys.deviceKey,
    label: 'mailbox',
    version: 3,
    value: utf8('x'),
    at: NOW,
  };
  const recordSignature = await vault.sign('device-record', record);
  same(await verifyEd25519(keys.deviceKey, 'device-record', record, recordSignature), true);
}

async function refusing(place: () => Promise<VaultPlace>): Promise<void> {
  const { vault, keys } = await fresh(place);
  await rejects(vault.sign('receipt', { ...receipt(keys), at: -1 }), refused);
  await rejects(vault.sign('receipt', { ...receipt(keys), holder: keys.deviceKey }), refused);
  await rejects(vault.sign('constructor' as keyof SigningPurposes, receipt(keys) as never), refused);
  const stray: SigningPurposes['prekey'] = {
    v: 1,
    deviceKey: keys.deviceKey,
    publicKey: keys.peerKey,
    fallback: false,
    notBefore: NOW,
    notAfter: NOW + DAY_MS,
  };
  await rejects(vault.sign('prekey', stray), refused);
}

async function transport(place: () => Promise<VaultPlace>): Promise<void> {
  const { vault, keys } = await fresh(place);
  const bytes = concat(utf8(NOISE_PREFIX), keys.peerKey);
  const signature = await vault.signTransport(bytes);
  const key = await crypto.subtle.importKey('raw', keys.peerKey, 'Ed25519', true, ['verify']);
  same(await crypto.subtle.verify('Ed25519', key, signature, bytes), true);
  for (const other of [utf8(''), utf8('epost/receipt/v1'), utf8(NOISE_PREFIX), concat(bytes, utf8('x'))])
    await rejects(vault.signTransport(other), refused);
}

async function prekeys(place: () => Promise<VaultPlace>): Promise<void> {
  const { vault, keys, at } = await fresh(place);
  const prekey = await vault.createPrekey(NOW, false);
  const fallback = await vault.createPrekey(NOW, true);
  same(await verifyPrekey(prekey, NOW), { ok: true, value: prekey.body });
  same(prekey.body.deviceKey, keys.deviceKey);
  same([prekey.body.fallback, fallback.body.fallback], [false, true]);
  const sealed = await hpkeSeal(prekey.body.publicKey, INFO, utf8('hello'));
  const toFallback = await hpkeSeal(fallback.body.publicKey, INFO, utf8('hello'));

  const again = await at.open();
  const open = (info: string) => again.openSealed(prekey.body.publicKey, info, sealed);
  same(await open(INFO), { ok: true, value: utf8('hello') });
  matches(await open('other'), { ok: false, code: 'unsealable' });
  matches(await again.openSealed(keys.peerKey, INFO, sealed), { ok: false, code: 'unknown-prekey' });
  await again.dropPrekeys(prekey.body.notAfter);
  matches(await open(INFO), { ok: true });
  await again.dropPrekeys(fallback.body.notAfter + 1);
  matches(await open(INFO), { ok: false, code: 'unknown-prekey' });
  matches(await again.openSealed(fallback.body.publicKey, INFO, toFallback), { ok: true });
}

async function manyPrekeys(place: () => Promise<VaultPlace>): Promise<void> {
  const { vault } = await fresh(place);
  const made = await Promise.all(Array.from({ length: 5 }, () => vault.createPrekey(NOW, false)));
  for (const { body } of made) {
    const sealed = await hpkeSeal(body.publicKey, INFO, utf8('x'));
    matches(await vault.openSealed(body.publicKey, INFO, sealed), { ok: true });
  }
}

async function sealing(place: () => Promise<VaultPlace>): Promise<void> {
  const { vault, at } = await fresh(place);
  const [one, two] = await vault.sealMailbox([utf8('one'), utf8('two')]);
  const disk = await vault.sealAtRest(utf8('draft'));
  const again = await at.open();
  matches(await again.openMailbox([one!, disk, two!]), [
    { ok: true, value: utf8('one') },
    { ok: false, code: 'unsealable' },
    { ok: true, value: utf8('two') },
  ]);
  same(await again.openAtRest(disk), { ok: true, value: utf8('draft') });
  matches(await again.openAtRest(one!), { ok: false, code: 'unsealable' });
}

async function pairing(place: () => Promise<VaultPlace>): Promise<void> {
  // A browser profile is one place: the other devices are elsewhere.
  const vault = memoryVault();
  const { keys } = await vault.begin();
  await vault.commit();
  const at = await place();
  const other = await at.open();
  const channelKey = new Uint8Array(32).fill(7);
  matches(await other.acceptPairing({ encapsulated: channelKey, ciphertext: channelKey }, channelKey), {
    ok: false,
    code: 'no-pairing',
  });
  const taker = await other.beginPairing();
  same(taker.length, 32);
  same(await other.state(), { state: 'empty' });
  const sealed = await vault.sealForPairing(taker, channelKey);
  assert(sealed.ok, 'the entropy is kept');
  const again = await at.open();
  matches(await again.acceptPairing(sealed.value, new Uint8Array(32)), { ok: false, code: 'unsealable' });
  const first = await again.acceptPairing(sealed.value, channelKey);
  assert(first.ok, 'it opens with the key and the channel key');
  same(first.value.identityKey, keys.identityKey);
  assert(!equalBytes(first.value.deviceKey, keys.deviceKey), 'the device is new');
  const second = await again.acceptPairing(sealed.value, channelKey);
  assert(second.ok, 'an answer that was lost is asked for again');
  await again.commit();
  same(await again.state(), { state: 'ready', ...second.value });
  const entry = await vault.sealMailbox([utf8('a log entry')]);
  same(await again.openMailbox(entry), [{ ok: true, value: utf8('a log entry') }]);
  // The new device gives it on in its turn; what is ready takes no other account.
  const third = memoryVault();
  const onward = await again.sealForPairing(await third.beginPairing(), channelKey);
  assert(onward.ok, 'it is kept there too');
  matches(await third.acceptPairing(onward.value, channelKey), { ok: true });
  await rejects(third.sealForPairing(taker, channelKey), { name: 'VaultError', code: 'empty' });
  await rejects(again.beginPairing(), refused);
  matches(await again.acceptPairing(sealed.value, channelKey), { ok: false, code: 'no-pairing' });
  matches(await vault.sealForPairing(new Uint8Array(32), channelKey), { ok: false });
}

async function erasing(place: () => Promise<VaultPlace>): Promise<void> {
  const { vault, keys, at } = await fresh(place);
  await vault.erase();
  for (const one of [vault, await at.open()]) {
    same(await one.state(), { state: 'empty' });
    await rejects(one.sign('receipt', receipt(keys)), { name: 'VaultError', code: 'empty' });
  }
  await vault.begin();
  matches(await vault.state(), { state: 'pending' });
}

interface Fresh {
  readonly vault: Vault;
  readonly keys: PublicKeys;
  readonly words: readonly string[];
  readonly at: VaultPlace;
}

/** A vault that is ready. */
async function fresh(place: () => Promise<VaultPlace>): Promise<Fresh> {
  const at = await place();
  const vault = await at.open();
  const { keys, words } = await vault.begin();
  await vault.commit();
  return { vault, keys, words, at };
}

function receipt(keys: PublicKeys): SigningPurposes['receipt'] {
  const id = new Uint8Array(32) as Id;
  return { v: 1, kind: 'block', key: id, held: id, holder: keys.peerKey, at: NOW };
}
