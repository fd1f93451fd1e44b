/** Hashes, signatures, sealing and convergent encryption: standards' vectors and the promises built on them. */
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { fromHex, toHex, utf8 } from '../../../src/core/codec/bytes.ts';
import { decryptChunk, encryptChunk, type StoreMode } from '../../../src/core/crypto/convergent.ts';
import { deriveKey, hmacSha256, sha256, sha256Of } from '../../../src/core/crypto/hash.ts';
import { hpkeOpen, hpkeSeal } from '../../../src/core/crypto/hpke.ts';
import { importPrivateKey, publicKeyOf, x25519Pair } from '../../../src/core/crypto/private-keys.ts';
import { randomBelow } from '../../../src/core/crypto/random.ts';
import { seal, SEAL_OVERHEAD_BYTES, sealKey, unseal } from '../../../src/core/crypto/seal.ts';
import { signEd25519, signedBytes, verifyEd25519 } from '../../../src/core/crypto/sign.ts';

const random = new SeededRandom('crypto');
const secret = random.bytes(32);
const plaintext = utf8('a chunk of a message');

describe('hashes', () => {
  it.each([0, 1, 8191, 8192, 8193, 300_000])('of %i bytes are those of Node', async (length) => {
    const bytes = random.bytes(length);
    const wanted = createHash('sha256').update(bytes).digest('hex');
    expect(toHex(await sha256Of(bytes))).toBe(wanted);
    expect(toHex(sha256(bytes))).toBe(wanted);
    expect(toHex(hmacSha256(secret, bytes))).toBe(createHmac('sha256', secret).update(bytes).digest('hex'));
  });

  it('derive keys as RFC 5869, A.3 does (empty salt and info)', () => {
    expect(toHex(deriveKey(fromHex('0b'.repeat(22)), '', 42))).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });
});

describe('keys', () => {
  it('of Ed25519 are those of RFC 8032, 7.1, test 1, and sign its message', async () => {
    const raw = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
    expect(toHex(publicKeyOf('ed25519', raw))).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
    const key = await importPrivateKey('ed25519', raw);
    expect(toHex(new Uint8Array(await crypto.subtle.sign('Ed25519', key, utf8(''))))).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  });

  it('of X25519 are those of RFC 7748, 6.1', () => {
    const alice = fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    expect(toHex(publicKeyOf('x25519', alice))).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    );
  });

  it.each(['ed25519', 'x25519', 'seal'] as const)('of kind %s cannot be exported', async (kind) => {
    expect((await importPrivateKey(kind, secret)).extractable).toBe(false);
  });
});

describe('signatures', () => {
  it('hold for their purpose, body and key alone', async () => {
    const key = await importPrivateKey('ed25519', secret);
    const publicKey = publicKeyOf('ed25519', secret);
    const body = { a: 1, b: utf8('x') };
    const signature = await signEd25519(key, 'receipt', body);
    expect(await verifyEd25519(publicKey, 'receipt', { b: utf8('x'), a: 1 }, signature)).toBe(true);
    expect(await verifyEd25519(publicKey, 'lease', body, signature)).toBe(false);
    expect(await verifyEd25519(publicKey, 'receipt', { ...body, a: 2 }, signature)).toBe(false);
    expect(await verifyEd25519(publicKeyOf('ed25519', random.bytes(32)), 'receipt', body, signature)).toBe(
      false,
    );
  });

  it('cover bytes that no other purpose and body have', () => {
    const texts = new Set(
      ['a', 'ab', 'a/v1'].flatMap((purpose) =>
        ['', 'b', '\0'].map((body) => toHex(signedBytes(purpose, body))),
      ),
    );
    expect(texts.size).toBe(9);
  });
});

describe('sealing', () => {
  it('opens with its key and context alone, and never gives the same bytes twice', async () => {
    const key = await sealKey(secret);
    const sealed = await seal(key, plaintext, utf8('context'), random);
    expect(sealed).toHaveLength(plaintext.length + SEAL_OVERHEAD_BYTES);
    expect(await seal(key, plaintext, utf8('context'), random)).not.toEqual(sealed);
    expect(await unseal(key, sealed, utf8('context'))).toEqual({ ok: true, value: plaintext });
    const refused = { ok: false, code: 'unsealable' };
    expect(await unseal(key, sealed, utf8('other'))).toMatchObject(refused);
    expect(await unseal(await sealKey(random.bytes(32)), sealed, utf8('context'))).toMatchObject(refused);
    for (let i = 0; i < sealed.length; i++)
      expect(await unseal(key, sealed.with(i, sealed[i]! ^ 1), utf8('context'))).toMatchObject(refused);
  });

  it('to a public key opens with its pair and info alone', async () => {
    const open = async (raw: typeof secret, info: string) => {
      const pair = await x25519Pair(await importPrivateKey('x25519', raw), publicKeyOf('x25519', raw));
      return hpkeOpen(pair, info, sealed);
    };
    const sealed = await hpkeSeal(publicKeyOf('x25519', secret), 'info', plaintext);
    expect(await open(secret, 'info')).toEqual({ ok: true, value: plaintext });
    expect(await open(secret, 'other')).toMatchObject({ code: 'unsealable' });
    expect(await open(random.bytes(32), 'info')).toMatchObject({ code: 'unsealable' });
  });
});

describe('chunks (POST paper, 3.2)', () => {
  const encrypt = (mode: StoreMode, ringSecret = secret) => encryptChunk(plaintext, mode, ringSecret, random);

  it.each(['convergent-global', 'convergent-ring', 'random'] as const)(
    'of mode %s open again',
    async (mode) => {
      const { key, plaintextHash, ciphertext } = await encrypt(mode);
      expect(await decryptChunk(ciphertext, key, plaintextHash)).toEqual({ ok: true, value: plaintext });
      expect(await decryptChunk(ciphertext, key, random.bytes(32))).toMatchObject({
        code: 'bad-plaintext-hash',
      });
      expect(await decryptChunk(ciphertext, random.bytes(32), plaintextHash)).toMatchObject({
        code: 'unsealable',
      });
      expect(await decryptChunk(ciphertext.slice(1), key, plaintextHash)).toMatchObject({
        code: 'unsealable',
      });
    },
  );

  it('are one copy in the world, in the ring, or nowhere', async () => {
    const otherRing = random.bytes(32);
    const same = async (mode: StoreMode, ring = secret) =>
      toHex((await encrypt(mode)).ciphertext) === toHex((await encrypt(mode, ring)).ciphertext);
    expect(await same('convergent-global', otherRing)).toBe(true);
    expect(await same('convergent-ring')).toBe(true);
    expect(await same('convergent-ring', otherRing)).toBe(false);
    expect(await same('random')).toBe(false);
  });
});

describe('randomBelow', () => {
  it('reaches every number below its limit and no other', () => {
    const seen = new Set(Array.from({ length: 500 }, () => randomBelow(random, 7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
