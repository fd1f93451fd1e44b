/** Golden vectors: a format that changes by accident fails here, before it makes stored mail unreadable. */
import { beforeAll, describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '../../src/core/codec/bytes.ts';
import { parseHandle } from '../../src/core/codec/handle.ts';
import { codec, type Codec } from '../../src/core/codec/schema.ts';
import { hpkeOpen } from '../../src/core/crypto/hpke.ts';
import { importPrivateKey, publicKeyOf, x25519Pair } from '../../src/core/crypto/private-keys.ts';
import {
  identityCertificateCodec,
  nodeCertificateCodec,
  ringDescriptorCodec,
  verifyIdentityCertificate,
  verifyNodeCertificate,
  verifyRingDescriptor,
} from '../../src/core/identity/certificates.ts';
import { SIGNATURE_BYTES, verifyEd25519 } from '../../src/core/crypto/sign.ts';
import { purposes } from '../../src/core/identity/signing-purposes.ts';
import * as v from 'valibot';
import { bytesOf } from '../../src/core/codec/schema.ts';
import { computeFormats, type Formats } from './formats.ts';
import pinned from './formats.json' with { type: 'json' };
import sealed from './hpke.json' with { type: 'json' };

let formats: Formats;
beforeAll(async () => {
  formats = await computeFormats();
});

const bytes = (name: keyof typeof pinned) => fromHex(pinned[name]);

describe('golden vectors', () => {
  it('pin each format that there is', () => {
    expect(Object.keys(formats)).toEqual(Object.keys(pinned));
    for (const purpose of Object.keys(purposes)) expect(pinned).toHaveProperty(purpose);
  });

  it.each(Object.entries(pinned))('%s', (name, value) => {
    expect(formats[name]).toBe(value);
  });
});

describe('pinned bytes', () => {
  it('of the authority decode, verify, and encode to the same bytes', async () => {
    const descriptor = decode(ringDescriptorCodec, 'ring-descriptor');
    const trust = { ring: descriptor.body.ring, authorityKey: descriptor.body.authorityKey };
    const now = descriptor.body.issuedAt;
    const identity = decode(identityCertificateCodec, 'identity-certificate');
    const node = decode(nodeCertificateCodec, 'node-certificate');
    expect(await verifyRingDescriptor(descriptor)).toMatchObject({ ok: true });
    expect(await verifyIdentityCertificate(identity, trust, now)).toMatchObject({ ok: true });
    expect(await verifyNodeCertificate(node, trust, now)).toMatchObject({ ok: true });
  });

  it.each(Object.keys(purposes) as (keyof typeof purposes)[])(
    'for %s verify with the key of the purpose, and for no other purpose',
    async (purpose) => {
      const signed = decode(signedCodec(purpose), purpose);
      const join = decode(signedCodec('join'), 'join').body as unknown as Record<string, Uint8Array>;
      const key = join[`${purposes[purpose].key}Key`] as Uint8Array<ArrayBuffer>;
      expect(await verifyEd25519(key, purpose, signed.body, signed.signature)).toBe(true);
      expect(await verifyEd25519(key, `${purpose}-x`, signed.body, signed.signature)).toBe(false);
    },
  );

  it('of a handle parse to its ring and key', () => {
    const handle = parseHandle(pinned.handle);
    if (!handle.ok) throw new Error(handle.reason);
    expect([toHex(handle.value.ring), toHex(handle.value.key)]).toEqual(['01'.repeat(32), '02'.repeat(32)]);
  });

  it('sealed by HPKE open with their key', async () => {
    const raw = fromHex(sealed.privateKey);
    const pair = await x25519Pair(await importPrivateKey('x25519', raw), publicKeyOf('x25519', raw));
    const message = { encapsulated: fromHex(sealed.encapsulated), ciphertext: fromHex(sealed.ciphertext) };
    expect(await hpkeOpen(pair, sealed.info, message)).toEqual({ ok: true, value: utf8(sealed.plaintext) });
  });
});

function decode<T>(format: Codec<T>, name: keyof typeof pinned): T {
  const decoded = format.decode(bytes(name));
  if (!decoded.ok) throw new Error(`${decoded.code}: ${decoded.reason}`);
  expect(toHex(format.encode(decoded.value))).toBe(pinned[name]);
  return decoded.value;
}

function signedCodec(purpose: keyof typeof purposes) {
  const schema = v.strictObject({ body: purposes[purpose].body, signature: bytesOf(SIGNATURE_BYTES) });
  return codec(purpose, schema, 128 * 1024);
}
