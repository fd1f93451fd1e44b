/** The formats that are stored, signed or sent, computed from fixed keys: what formats.json pins. */
import { MemoryKeyStore } from '../../src/adapters/memory/key-store.ts';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { fromHex, toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { handleText } from '../../src/core/codec/handle.ts';
import { asId } from '../../src/core/codec/id.ts';
import { encodeCbor } from '../../src/core/codec/cbor.ts';
import { encryptChunk } from '../../src/core/crypto/convergent.ts';
import { certificateKey, inboxKey, recordKey, sha256 } from '../../src/core/crypto/hash.ts';
import { seal, sealKey } from '../../src/core/crypto/seal.ts';
import { publicKeyOf } from '../../src/core/crypto/private-keys.ts';
import { signedBytes } from '../../src/core/crypto/sign.ts';
import { ringIdOf } from '../../src/core/identity/certificates.ts';
import { tokenText } from '../../src/core/identity/invitation.ts';
import { KeyVault } from '../../src/core/identity/key-vault.ts';
import {
  entropyFromWords,
  secretsFromEntropy,
  wordsFromEntropy,
} from '../../src/core/identity/recovery-words.ts';
import type { SigningPurposes } from '../../src/core/identity/signing-purposes.ts';
import { testAuthorityKey, TEST_RING_SECRET } from '../support/authority.ts';

/** A name and its bytes in hexadecimal, or its text. */
export type Formats = Readonly<Record<string, string>>;

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const UNTIL = AT + 10 * 24 * 60 * 60 * 1000;
const fill = (byte: number, length = 32): Bytes => new Uint8Array(length).fill(byte);
const id = (byte: number) => asId(fill(byte));

export async function computeFormats(): Promise<Formats> {
  return { ...keysAndNames(), ...(await encryption()), ...(await statements()) };
}

function keysAndNames(): Formats {
  const entropy = fill(0x42);
  const words = wordsFromEntropy(entropy);
  const back = entropyFromWords(words);
  const { identitySeed, mailboxKey } = secretsFromEntropy(entropy);
  return {
    'key of a record': toHex(recordKey(fill(1), 'mailbox')),
    'key of a certificate': toHex(certificateKey('ann@example.org')),
    'key of an inbox': toHex(inboxKey(fill(1))),
    'key of a content block': toHex(sha256(utf8('content'))),
    handle: handleText({ ring: id(1), key: id(2) }),
    'signed bytes': toHex(signedBytes('receipt', { b: 1, a: [utf8('x'), 'text', null, true, -1] })),
    'recovery words': words.join(' '),
    'entropy of the words': back.ok ? toHex(back.value) : back.reason,
    'identity seed of the words': toHex(identitySeed),
    'identity key of the words': toHex(publicKeyOf('ed25519', identitySeed)),
    'mailbox key of the words': toHex(mailboxKey),
    'invitation token': tokenText(fill(0x17, 16)),
  };
}

async function encryption(): Promise<Formats> {
  const plaintext = utf8('The quick brown fox jumps over the lazy dog.');
  const random = new SeededRandom('vectors');
  const all = await Promise.all(
    (['convergent-global', 'convergent-ring'] as const).map(async (mode) => {
      const chunk = await encryptChunk(plaintext, mode, TEST_RING_SECRET, random);
      return [
        [`${mode} key`, toHex(chunk.key)],
        [`${mode} ciphertext`, toHex(chunk.ciphertext)],
      ];
    }),
  );
  const sealed = await seal(await sealKey(fill(9)), plaintext, utf8('context'), new SeededRandom('nonce'));
  return { ...Object.fromEntries(all.flat()), 'sealed under a key': toHex(sealed) };
}

/** Everything that is signed, by the authority and by a vault whose keys follow from a seed. */
async function statements(): Promise<Formats> {
  const vault = new KeyVault(new MemoryKeyStore(), new SeededRandom('vector keys'));
  const { keys } = await vault.begin();
  const prekey = await vault.createPrekey(AT, false);
  const { identityKey, deviceKey, peerKey } = keys;
  const authority = await testAuthorityKey();
  const ring = ringIdOf(authority.spki);

  const byAuthority = async (purpose: string, body: object): Promise<[string, string]> => {
    const bytes = signedBytes(purpose, body);
    const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', authority.privateKey, bytes);
    return [purpose, toHex(encodeCbor({ body, signature: new Uint8Array(signature) }))];
  };
  const byVault = async <P extends keyof SigningPurposes>(
    purpose: P,
    body: SigningPurposes[P],
  ): Promise<[string, string]> => [
    purpose,
    toHex(encodeCbor({ body, signature: await vault.sign(purpose, body) })),
  ];

  const dates = { notBefore: AT, notAfter: UNTIL };
  const name = 'ann@example.org';
  const who = { identityKey, deviceKey, peerKey, at: AT };
  const record = { v: 1, label: 'identity', version: 7, value: utf8('value'), at: AT } as const;
  return Object.fromEntries(
    await Promise.all([
      byAuthority('identity-certificate', { v: 1, ring, name, signKey: identityKey, serial: 5, ...dates }),
      byAuthority('node-certificate', {
        v: 1,
        ring,
        nodeId: id(3),
        peerKey,
        name,
        role: 'tab',
        quotaBytes: 1_000_000,
        ...dates,
      }),
      byAuthority('ring-descriptor', {
        v: 1,
        ring,
        domain: 'example.org',
        authorityKey: authority.spki,
        k: 3,
        a: 1,
        relays: [{ nodeId: id(4), peerKey: fill(5), addresses: ['/dns4/example.org/tcp/443/wss'] }],
        serial: 6,
        issuedAt: AT,
      }),
      byVault('join', { v: 1, token: tokenText(fill(0x17, 16)), name, displayName: 'Ann', ...who }),
      byVault('enrol', { v: 1, ring, ...who }),
      byVault('device-certificate', {
        v: 1,
        identityKey,
        deviceKey,
        nodeId: id(3),
        label: 'Chromium on Linux',
        createdAt: AT,
      }),
      byVault('identity-record', { ...record, writer: identityKey }),
      byVault('device-record', { ...record, writer: deviceKey, label: 'mailbox' }),
      byVault('inbox-clear', { v: 1, owner: identityKey, entries: [id(6), id(7)], at: AT }),
      byVault('prekey', prekey.body),
      byVault('notification', {
        v: 1,
        id: fill(8, 16),
        from: identityKey,
        to: fill(9),
        kind: 'mail',
        content: utf8('content'),
        at: AT,
      }),
      byVault('receipt', { v: 1, kind: 'block', key: id(10), held: id(10), holder: peerKey, at: AT }),
      byVault('lease', { v: 1, key: id(10), holder: peerKey, sizeBytes: 1234, at: AT, until: UNTIL }),
      byVault('inbox-entry', { v: 1, owner: fill(9), from: peerKey, sealed: fromHex('00ff'), at: AT }),
      byVault('multicast', {
        v: 1,
        group: id(11),
        from: peerKey,
        epoch: AT,
        seq: 12,
        payload: utf8('to all'),
      }),
      byVault('anycast', { v: 1, group: id(11), from: peerKey, payload: utf8('to one'), at: AT }),
      byVault('nearest', {
        v: 1,
        key: id(12),
        nonce: fill(13, 16),
        by: peerKey,
        nearest: [id(14), id(15)],
      }),
      byVault('backup', { v: 1, device: deviceKey, contents: id(16), at: AT }),
      byVault('expel', { v: 1, ring, identityKey, nodeId: id(17), at: AT }),
    ]),
  ) as Formats;
}
