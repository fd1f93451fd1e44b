/** Identity blocks: every nested signature is checked, and all must belong to one person. */
import { beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { DEVICES_MAX, PREKEY_LIFE_MS, RECORD_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import {
  identityBlockCodec,
  sealingPrekeys,
  verifyIdentityBlock,
  type IdentityBlock,
  type IdentityDevice,
} from '../../../src/core/identity/identity-block.ts';
import { PREKEYS_PUBLISHED_MAX, rotatePrekeys } from '../../../src/core/identity/prekeys.ts';
import type { PublicKeys, Vault } from '../../../src/core/identity/vault.ts';
import { createTestRing, testNodeId, type TestRing } from '../../support/ring.ts';

const NOW = Date.UTC(2026, 5, 1);

interface Someone {
  readonly vault: Vault;
  readonly keys: PublicKeys;
  readonly block: IdentityBlock;
}

async function someone(ring: TestRing, name: string): Promise<Someone> {
  const vault = memoryVault(new SeededRandom(name));
  const { keys } = await vault.begin();
  const body = {
    v: 1 as const,
    identityKey: keys.identityKey,
    deviceKey: keys.deviceKey,
    nodeId: testNodeId('block', name),
    label: 'Chromium on Linux',
    createdAt: NOW,
  };
  const certificate = { body, signature: await vault.sign('device-certificate', body) };
  const { prekeys } = await rotatePrekeys(vault, [], NOW);
  const block: IdentityBlock = {
    v: 1,
    name: `${name}@example.org`,
    displayName: name,
    identityCertificate: await ring.identityCertificate(name, keys.identityKey),
    devices: [{ certificate, prekeys: [...prekeys] }],
  };
  return { vault, keys, block };
}

let ring: TestRing;
let ann: Someone;
let eve: Someone;
beforeAll(async () => {
  ring = await createTestRing('block');
  ann = await someone(ring, 'ann');
  eve = await someone(ring, 'eve');
});

/** Ann's block with something else in it. */
async function refusalOf(changes: Partial<IdentityBlock>, now = NOW): Promise<string | undefined> {
  const result = await verifyIdentityBlock(
    { ...ann.block, ...changes },
    ann.keys.identityKey,
    ring.trust,
    now,
  );
  return result.ok ? undefined : result.code;
}

const annsDevice = (): IdentityDevice => ann.block.devices[0]!;

describe('an identity block', () => {
  it('verifies, and comes out of its bytes as it went in', async () => {
    const { block, keys } = ann;
    expect(await verifyIdentityBlock(block, keys.identityKey, ring.trust, NOW)).toEqual({
      ok: true,
      value: block,
    });
    expect(identityBlockCodec.decode(identityBlockCodec.encode(block))).toEqual({ ok: true, value: block });
  });

  it('stays valid when its prekeys have expired: then the fallback is taken and flagged', async () => {
    const later = NOW + 2 * PREKEY_LIFE_MS;
    expect(await refusalOf({}, later)).toBeUndefined();
    expect(sealingPrekeys(ann.block, NOW)).toMatchObject([{ fallback: false }]);
    expect(sealingPrekeys(ann.block, later)).toMatchObject([
      { fallback: true, device: { body: { deviceKey: ann.keys.deviceKey } } },
    ]);
  });

  it('is refused when another key wrote it', async () => {
    const result = await verifyIdentityBlock(ann.block, eve.keys.identityKey, ring.trust, NOW);
    expect(result).toMatchObject({ ok: false, code: 'wrong-writer' });
  });

  it('is refused with a certificate of another name, person or ring', async () => {
    expect(await refusalOf({ name: 'eve@example.org' })).toBe('wrong-name');
    expect(await refusalOf({ identityCertificate: eve.block.identityCertificate })).toBe('wrong-writer');
    const foreign = { ...ann.block.identityCertificate.body, ring: testNodeId('block', 'no ring') };
    const signature = await ring.sign('identity-certificate', foreign);
    expect(await refusalOf({ identityCertificate: { body: foreign, signature } })).toBe('wrong-ring');
    const forged = { ...ann.block.identityCertificate, signature: new Uint8Array(256) };
    expect(await refusalOf({ identityCertificate: forged })).toBe('bad-signature');
  });

  it('is refused with a device of somebody else, a forged one, or one twice', async () => {
    expect(await refusalOf({ devices: [eve.block.devices[0]!] })).toBe('wrong-identity');
    const { certificate } = annsDevice();
    const forged = { ...certificate, body: { ...certificate.body, label: 'another' } };
    expect(await refusalOf({ devices: [{ ...annsDevice(), certificate: forged }] })).toBe('bad-signature');
    expect(await refusalOf({ devices: [annsDevice(), annsDevice()] })).toBe('duplicate-device');
  });

  it('is refused with a prekey of another device or a forged one', async () => {
    const stolen = { ...annsDevice(), prekeys: eve.block.devices[0]!.prekeys };
    expect(await refusalOf({ devices: [stolen] })).toBe('wrong-device');
    const [prekey] = annsDevice().prekeys;
    const forged = { ...prekey!, body: { ...prekey!.body, publicKey: eve.keys.peerKey } };
    expect(await refusalOf({ devices: [{ ...annsDevice(), prekeys: [forged] }] })).toBe('bad-signature');
  });

  it('fits into a record with as many devices and prekeys as there may be', () => {
    const prekeys = Array.from({ length: PREKEYS_PUBLISHED_MAX }, () => annsDevice().prekeys[0]!);
    const devices = Array.from({ length: DEVICES_MAX }, () => ({ ...annsDevice(), prekeys }));
    const bytes = identityBlockCodec.encode({ ...ann.block, devices });
    expect(bytes.length).toBeLessThan(RECORD_BYTES_MAX);
    const tooMany = identityBlockCodec.encode({ ...ann.block, devices: [...devices, annsDevice()] });
    expect(identityBlockCodec.decode(tooMany)).toMatchObject({ ok: false, code: 'bad-schema' });
  });
});
