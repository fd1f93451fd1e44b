/** The contract of the Vault port: every adapter's test runs this suite. */
import { describe, expect, it } from 'vitest';
import { concat, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { hpkeSeal } from '../../src/core/crypto/hpke.ts';
import { verifyEd25519 } from '../../src/core/crypto/sign.ts';
import { verifyPrekey } from '../../src/core/identity/certificates.ts';
import type { SigningPurposes } from '../../src/core/identity/signing-purposes.ts';
import type { PublicKeys, Vault } from '../../src/core/identity/vault.ts';

/** A place where vaults keep keys; `open` again is another vault over the same keys (a restart). */
export interface VaultPlace {
  open(): Promise<Vault>;
}

const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
const NOISE_PREFIX = 'noise-libp2p-static-key:';

export function vaultContract(name: string, place: () => Promise<VaultPlace>): void {
  const fresh = async (): Promise<{
    vault: Vault;
    keys: PublicKeys;
    words: readonly string[];
    at: VaultPlace;
  }> => {
    const at = await place();
    const vault = await at.open();
    const { keys, words } = await vault.begin();
    await vault.commit();
    return { vault, keys, words, at };
  };

  describe(`Vault: ${name}`, () => {
    it('is empty, then pending, then ready, and stays so after a restart', async () => {
      const at = await place();
      const vault = await at.open();
      expect(await vault.state()).toEqual({ state: 'empty' });
      const { words, keys } = await vault.begin();
      expect(words).toHaveLength(24);
      expect(await vault.state()).toEqual({ state: 'pending', ...keys });
      await vault.commit();
      await vault.commit();
      expect(await (await at.open()).state()).toEqual({ state: 'ready', ...keys });
    });

    it('replaces pending keys but never its own', async () => {
      const at = await place();
      const vault = await at.open();
      const first = await vault.begin();
      const second = await vault.begin();
      expect(second.keys.identityKey).not.toEqual(first.keys.identityKey);
      await vault.commit();
      await expect(vault.begin()).rejects.toMatchObject({ name: 'VaultError', code: 'refused' });
      await expect(vault.restore(first.words)).rejects.toMatchObject({ code: 'refused' });
      expect(await vault.state()).toEqual({ state: 'ready', ...second.keys });
    });

    it('gets the person back from the words, on new device keys', async () => {
      const { vault, keys, words } = await fresh();
      const [sealed] = await vault.sealMailbox([utf8('a log entry')]);
      const other = await (await place()).open();
      const restored = await other.restore(words);
      if (!restored.ok) throw new Error(restored.reason);
      expect(restored.value.identityKey).toEqual(keys.identityKey);
      expect(restored.value.deviceKey).not.toEqual(keys.deviceKey);
      expect(restored.value.peerKey).not.toEqual(keys.peerKey);
      await other.commit();
      expect(await other.openMailbox([sealed!])).toEqual([{ ok: true, value: utf8('a log entry') }]);
    });

    it('refuses wrong words and keeps what it has', async () => {
      const vault = await (await place()).open();
      const { keys } = await vault.begin();
      expect(await vault.restore(['zebra'])).toMatchObject({ ok: false, code: 'wrong-count' });
      expect(await vault.state()).toEqual({ state: 'pending', ...keys });
    });

    it('signs typed bodies with the key of the purpose, pending or ready', async () => {
      const vault = await (await place()).open();
      const { keys } = await vault.begin();
      const body = receipt(keys);
      expect(await verifyEd25519(keys.peerKey, 'receipt', body, await vault.sign('receipt', body))).toBe(
        true,
      );
      await vault.commit();
      const signature = await vault.sign('receipt', body);
      expect(await verifyEd25519(keys.peerKey, 'receipt', body, signature)).toBe(true);
      expect(await verifyEd25519(keys.peerKey, 'lease', body, signature)).toBe(false);
      const record = {
        v: 1,
        writer: keys.deviceKey,
        label: 'mailbox',
        version: 3,
        value: utf8('x'),
        at: NOW,
      } as const;
      const recordSignature = await vault.sign('device-record', record);
      expect(await verifyEd25519(keys.deviceKey, 'device-record', record, recordSignature)).toBe(true);
    });

    it('signs nothing untyped, malformed, or in the name of another key', async () => {
      const { vault, keys } = await fresh();
      const refused = { name: 'VaultError', code: 'refused' };
      const malformed = { ...receipt(keys), at: -1 };
      await expect(vault.sign('receipt', malformed)).rejects.toMatchObject(refused);
      const foreign = { ...receipt(keys), holder: keys.deviceKey };
      await expect(vault.sign('receipt', foreign)).rejects.toMatchObject(refused);
      const unknown = 'constructor' as keyof SigningPurposes;
      await expect(vault.sign(unknown, receipt(keys) as never)).rejects.toMatchObject(refused);
      const stray = {
        v: 1 as const,
        deviceKey: keys.deviceKey,
        publicKey: keys.peerKey,
        fallback: false,
        notBefore: NOW,
        notAfter: NOW + DAY_MS,
      };
      await expect(vault.sign('prekey', stray)).rejects.toMatchObject(refused);
    });

    it('signs for the transport only what the transport signs', async () => {
      const { vault, keys } = await fresh();
      const bytes = concat(utf8(NOISE_PREFIX), keys.peerKey);
      const signature = await vault.signTransport(bytes);
      const key = await crypto.subtle.importKey('raw', keys.peerKey, 'Ed25519', true, ['verify']);
      expect(await crypto.subtle.verify('Ed25519', key, signature, bytes)).toBe(true);
      for (const other of [utf8(''), utf8('epost/receipt/v1'), utf8(NOISE_PREFIX), concat(bytes, utf8('x'))])
        await expect(vault.signTransport(other)).rejects.toMatchObject({ code: 'refused' });
    });

    it('opens what was sealed to its prekeys, until they are dropped', async () => {
      const { vault, keys, at } = await fresh();
      const prekey = await vault.createPrekey(NOW, false);
      const fallback = await vault.createPrekey(NOW, true);
      expect(await verifyPrekey(prekey, NOW)).toEqual({ ok: true, value: prekey.body });
      expect(prekey.body.deviceKey).toEqual(keys.deviceKey);
      expect([prekey.body.fallback, fallback.body.fallback]).toEqual([false, true]);
      const sealed = await hpkeSeal(prekey.body.publicKey, 'epost/notification', utf8('hello'));
      const toFallback = await hpkeSeal(fallback.body.publicKey, 'epost/notification', utf8('hello'));

      const again = await at.open();
      const open = (info: string) => again.openSealed(prekey.body.publicKey, info, sealed);
      expect(await open('epost/notification')).toEqual({ ok: true, value: utf8('hello') });
      expect(await open('other')).toMatchObject({ ok: false, code: 'unsealable' });
      expect(await again.openSealed(keys.peerKey, 'epost/notification', sealed)).toMatchObject({
        code: 'unknown-prekey',
      });
      await again.dropPrekeys(prekey.body.notAfter);
      expect(await open('epost/notification')).toMatchObject({ ok: true });
      await again.dropPrekeys(fallback.body.notAfter + 1);
      expect(await open('epost/notification')).toMatchObject({ ok: false, code: 'unknown-prekey' });
      expect(await again.openSealed(fallback.body.publicKey, 'epost/notification', toFallback)).toMatchObject(
        { ok: true },
      );
    });

    it('loses no prekey when many are made at once', async () => {
      const { vault } = await fresh();
      const prekeys = await Promise.all(Array.from({ length: 5 }, () => vault.createPrekey(NOW, false)));
      for (const { body } of prekeys) {
        const sealed = await hpkeSeal(body.publicKey, 'info', utf8('x'));
        expect(await vault.openSealed(body.publicKey, 'info', sealed)).toMatchObject({ ok: true });
      }
    });

    it('seals for the mailbox and for the disk, and tells the two apart', async () => {
      const { vault, at } = await fresh();
      const [one, two] = await vault.sealMailbox([utf8('one'), utf8('two')]);
      const disk = await vault.sealAtRest(utf8('draft'));
      const again = await at.open();
      expect(await again.openMailbox([one!, disk, two!])).toMatchObject([
        { ok: true, value: utf8('one') },
        { ok: false, code: 'unsealable' },
        { ok: true, value: utf8('two') },
      ]);
      expect(await again.openAtRest(disk)).toEqual({ ok: true, value: utf8('draft') });
      expect(await again.openAtRest(one!)).toMatchObject({ ok: false, code: 'unsealable' });
    });

    it('forgets everything when erased', async () => {
      const { vault, keys, at } = await fresh();
      await vault.erase();
      for (const one of [vault, await at.open()]) {
        expect(await one.state()).toEqual({ state: 'empty' });
        await expect(one.sign('receipt', receipt(keys))).rejects.toMatchObject({ code: 'empty' });
      }
      await vault.begin();
      expect(await vault.state()).toMatchObject({ state: 'pending' });
    });
  });
}

function receipt(keys: PublicKeys): SigningPurposes['receipt'] {
  const id = new Uint8Array(32) as Bytes;
  return { v: 1, kind: 'block', key: id, held: id, holder: keys.peerKey, at: NOW };
}
