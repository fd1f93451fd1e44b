/** When prekeys are made, published, dropped, and which one a sender takes. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { CLOCK_SKEW_MS } from '../../../src/core/codec/clock.ts';
import { PREKEY_LIFE_MS, RETENTION_MS } from '../../../src/core/codec/limits.ts';
import { hpkeSeal } from '../../../src/core/crypto/hpke.ts';
import type { Prekey } from '../../../src/core/identity/certificates.ts';
import {
  choosePrekey,
  PREKEY_RENEW_BEFORE_MS,
  PREKEYS_PUBLISHED_MAX,
  rotatePrekeys,
} from '../../../src/core/identity/prekeys.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 24 * 60 * 60 * 1000;

async function readyVault(): Promise<Vault> {
  const vault = memoryVault(new SeededRandom('prekeys'));
  await vault.begin();
  await vault.commit();
  return vault;
}

function ordinary(prekeys: readonly Prekey[]): readonly Prekey[] {
  return prekeys.filter(({ body }) => !body.fallback);
}

describe('choosePrekey', () => {
  it('takes the one that lasts longest, and the fallback only when no other is valid', async () => {
    const vault = await readyVault();
    const old = await vault.createPrekey(NOW, false);
    const young = await vault.createPrekey(NOW + 5 * DAY_MS, false);
    const fallback = await vault.createPrekey(NOW, true);
    const all = [old, young, fallback];
    const now = NOW + 6 * DAY_MS;
    expect(choosePrekey(all, now)).toEqual({ prekey: young, fallback: false });
    expect(choosePrekey(all, old.body.notAfter)).toEqual({ prekey: young, fallback: false });
    expect(choosePrekey(all, young.body.notAfter + 1)).toEqual({ prekey: fallback, fallback: true });
    expect(choosePrekey([old, young], young.body.notAfter + 1)).toBeUndefined();
    expect(choosePrekey([], now)).toBeUndefined();
  });

  it('is patient with a device whose clock is ahead, for a day', async () => {
    const vault = await readyVault();
    const prekey = await vault.createPrekey(NOW, false);
    expect(choosePrekey([prekey], NOW - CLOCK_SKEW_MS)?.prekey).toEqual(prekey);
    expect(choosePrekey([prekey], NOW - CLOCK_SKEW_MS - 1)).toBeUndefined();
  });
});

describe('rotatePrekeys', () => {
  it('begins with one prekey and a fallback, and changes nothing until half of the life is over', async () => {
    const vault = await readyVault();
    const first = await rotatePrekeys(vault, [], NOW);
    expect(first.changed).toBe(true);
    expect(first.prekeys.map(({ body }) => body.fallback)).toEqual([false, true]);
    const same = await rotatePrekeys(vault, first.prekeys, NOW + PREKEY_LIFE_MS - PREKEY_RENEW_BEFORE_MS);
    expect(same).toEqual({ prekeys: first.prekeys, changed: false });
    const next = await rotatePrekeys(vault, first.prekeys, NOW + PREKEY_RENEW_BEFORE_MS + 1);
    expect(next.changed).toBe(true);
    expect(ordinary(next.prekeys)).toHaveLength(2);
    expect(next.prekeys.at(-1)).toBe(first.prekeys.at(-1));
  });

  it('over a year always has a valid one, publishes few, and opens what was sealed within the retention', async () => {
    const vault = await readyVault();
    let published: readonly Prekey[] = [];
    const sealed: { at: number; prekey: Prekey; message: Awaited<ReturnType<typeof hpkeSeal>> }[] = [];
    for (let at = NOW; at < NOW + 365 * DAY_MS; at += 3 * DAY_MS) {
      published = (await rotatePrekeys(vault, published, at)).prekeys;
      expect(published.length).toBeLessThanOrEqual(PREKEYS_PUBLISHED_MAX);
      const chosen = choosePrekey(published, at)!;
      expect(chosen.fallback).toBe(false);
      const message = await hpkeSeal(chosen.prekey.body.publicKey, 'info', utf8('hello'));
      sealed.push({ at, prekey: chosen.prekey, message });
      for (const earlier of sealed.filter((_, i) => i % 12 === 0)) {
        const opened = await vault.openSealed(earlier.prekey.body.publicKey, 'info', earlier.message);
        if (at - earlier.at <= RETENTION_MS) expect(opened.ok).toBe(true);
        if (at - earlier.prekey.body.notAfter > RETENTION_MS) expect(opened.ok).toBe(false);
      }
    }
  });
});
