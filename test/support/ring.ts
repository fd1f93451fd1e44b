/** A ring for tests: an authority (RSA-2048, made once per process), and members with certificates it signed. */
import { concat, fromHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import type { NodeId } from '../../src/core/codec/id.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { signedBytes } from '../../src/core/crypto/sign.ts';
import {
  ringIdOf,
  type IdentityCertificate,
  type IdentityCertificateBody,
  type NodeCertificate,
  type NodeCertificateBody,
  type RingDescriptor,
  type RingTrust,
  type Role,
} from '../../src/core/identity/certificates.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';

/** An Ed25519 pair and its raw public key, 32 bytes. */
export interface TestKey {
  readonly publicKey: Bytes;
  readonly pair: CryptoKeyPair;
}

/** The keys of one member: person, device, node. */
export interface TestKeys {
  readonly identity: TestKey;
  readonly device: TestKey;
  readonly peer: TestKey;
}

export interface TestMember {
  readonly contact: Contact;
  readonly keys: TestKeys;
}

/** What a certificate of a test may say differently: dates, node id, a peer key out of a vault. */
export type NodeCertificateChanges = Partial<NodeCertificateBody>;

export interface TestRing {
  readonly trust: RingTrust;
  readonly descriptor: RingDescriptor;
  /** `name` is the local part; keys and node id follow from seed and name. The same name gives the same member. */
  contact(name: string, role?: Role, changes?: NodeCertificateChanges): Promise<TestMember>;
  /** A node certificate for a key made elsewhere (a vault). */
  nodeCertificate(name: string, peerKey: Bytes, changes?: NodeCertificateChanges): Promise<NodeCertificate>;
  /** Certificate of a person's signing key under `name@example.org`. */
  identityCertificate(
    name: string,
    signKey: Bytes,
    changes?: Partial<IdentityCertificateBody>,
  ): Promise<IdentityCertificate>;
  /** The descriptor again, naming these relays. */
  describe(
    relays: readonly Contact[],
    policy?: { readonly k?: number; readonly a?: number },
  ): Promise<RingDescriptor>;
  /** The authority's signature over a body. */
  sign(purpose: string, body: unknown): Promise<Bytes>;
}

/** Dates that hold for every clock a test may use: 1970 to 2100. */
const NOT_BEFORE = 0;
const NOT_AFTER = Date.UTC(2100, 0, 1);
const QUOTA_BYTES = 1024 * 1024 * 1024;
const DOMAIN = 'example.org';

/** A ring whose members follow from `seed`. All rings of a process share the authority's key, hence the ring id. */
export async function createTestRing(seed: string | number): Promise<TestRing> {
  const { privateKey, spki } = await authority();
  const trust: RingTrust = { ring: ringIdOf(spki), authorityKey: spki };

  async function sign(purpose: string, body: unknown): Promise<Bytes> {
    const bytes = signedBytes(purpose, body);
    return new Uint8Array(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, bytes));
  }

  async function nodeCertificate(
    name: string,
    peerKey: Bytes,
    changes: NodeCertificateChanges = {},
  ): Promise<NodeCertificate> {
    const body: NodeCertificateBody = {
      v: 1,
      ring: trust.ring,
      nodeId: testNodeId(seed, name),
      peerKey,
      name: `${name}@${DOMAIN}`,
      role: 'tab',
      quotaBytes: QUOTA_BYTES,
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      ...changes,
    };
    return { body, signature: await sign('node-certificate', body) };
  }

  async function describe(
    relays: readonly Contact[],
    policy: { readonly k?: number; readonly a?: number } = {},
  ): Promise<RingDescriptor> {
    const body = {
      v: 1 as const,
      ring: trust.ring,
      domain: DOMAIN,
      authorityKey: spki,
      k: policy.k ?? 3,
      a: policy.a ?? 1,
      relays: relays.map(({ nodeId, peerKey, addresses }) => ({
        nodeId,
        peerKey,
        addresses: [...addresses],
      })),
      serial: 1,
      issuedAt: NOT_BEFORE,
    };
    return { body, signature: await sign('ring-descriptor', body) };
  }

  return {
    trust,
    descriptor: await describe([]),
    nodeCertificate,
    describe,
    sign,
    async contact(name, role = 'tab', changes = {}) {
      const keys = await testKeys(seed, name);
      const certificate = await nodeCertificate(name, keys.peer.publicKey, { role, ...changes });
      const { nodeId, peerKey } = certificate.body;
      const addresses = role === 'relay' ? [`/dns4/${name}.${DOMAIN}/tcp/443/wss`] : [];
      return { contact: { nodeId, peerKey, role, certificate, addresses }, keys };
    },
    async identityCertificate(name, signKey, changes = {}) {
      const body: IdentityCertificateBody = {
        v: 1,
        ring: trust.ring,
        name: `${name}@${DOMAIN}`,
        signKey,
        serial: 1,
        notBefore: NOT_BEFORE,
        notAfter: NOT_AFTER,
        ...changes,
      };
      return { body, signature: await sign('identity-certificate', body) };
    },
  };
}

/** The keys of the member `name` of the ring `seed`. */
export async function testKeys(seed: string | number, name: string): Promise<TestKeys> {
  const [identity, device, peer] = await Promise.all(
    ['identity', 'device', 'peer'].map((use) => testKey(`${seed}/${name}/${use}`)),
  );
  return { identity: identity!, device: device!, peer: peer! };
}

/** PKCS#8 of an Ed25519 private key, up to its 32 bytes (RFC 8410, 7). */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');

/** An Ed25519 pair that follows from `seed`. */
export async function testKey(seed: string): Promise<TestKey> {
  const pkcs8 = concat(PKCS8_PREFIX, sha256(utf8(`test key ${seed}`)));
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x } = await crypto.subtle.exportKey('jwk', privateKey);
  const raw = new Uint8Array(Buffer.from(x!, 'base64url'));
  const publicKey = await crypto.subtle.importKey('raw', raw, 'Ed25519', true, ['verify']);
  return { publicKey: raw, pair: { privateKey, publicKey } };
}

/** Where the member `name` of the ring `seed` is. */
export function testNodeId(seed: string | number, name: string): NodeId {
  return sha256(utf8(`test node ${seed}/${name}`));
}

let made: Promise<{ readonly privateKey: CryptoKey; readonly spki: Bytes }> | undefined;

function authority(): Promise<{ readonly privateKey: CryptoKey; readonly spki: Bytes }> {
  made ??= makeAuthority();
  return made;
}

async function makeAuthority(): Promise<{ readonly privateKey: CryptoKey; readonly spki: Bytes }> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
  return { privateKey, spki: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)) };
}
