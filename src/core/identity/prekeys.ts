/** Prekeys: when a device makes a new one, which of a recipient's a sender takes (design: identity). */
import { CLOCK_SKEW_MS } from '../codec/clock.ts';
import { PREKEY_LIFE_MS, RETENTION_MS } from '../codec/limits.ts';
import type { Prekey, PrekeyBody } from './certificates.ts';
import type { Vault } from './vault.ts';

/** Prekeys that a device publishes: the newest ordinary ones, then the fallback. */
export const PREKEYS_PUBLISHED_MAX = 4;
/** Life of a fallback prekey: as long as the device, ten years. */
export const FALLBACK_LIFE_MS = 10 * 365 * 24 * 60 * 60 * 1000;
/** A new prekey is made when the newest has less than this left: half of its life. */
export const PREKEY_RENEW_BEFORE_MS = PREKEY_LIFE_MS / 2;

export function prekeyLifeMs(fallback: boolean): number {
  return fallback ? FALLBACK_LIFE_MS : PREKEY_LIFE_MS;
}

export interface ChosenPrekey {
  readonly prekey: Prekey;
  /** No ordinary prekey is valid: what is sealed to this one has no forward secrecy. Shown to the sender. */
  readonly fallback: boolean;
}

/**
 * The prekey of a device to seal to: of those whose time it is, the one that lasts longest; the fallback only when there is
 * no other. Undefined when there is neither. Signatures are checked before (verifyIdentityBlock).
 */
export function choosePrekey(prekeys: readonly Prekey[], now: number): ChosenPrekey | undefined {
  const valid = prekeys.filter(({ body }) => isValid(body, now)).sort(longestLast);
  const ordinary = valid.filter(({ body }) => !body.fallback).at(-1);
  const prekey = ordinary ?? valid.at(-1);
  return prekey && { prekey, fallback: prekey.body.fallback };
}

export interface PrekeyRotation {
  /** To be published in the identity block. */
  readonly prekeys: readonly Prekey[];
  /** Whether they differ from those that were published. */
  readonly changed: boolean;
}

/**
 * Makes what is due in the device's own prekeys: a fallback when there is none, a fresh one when the newest is past half of
 * its life; unpublishes expired ones and lets the vault delete private halves that nothing under way can need.
 */
export async function rotatePrekeys(
  vault: Vault,
  published: readonly Prekey[],
  now: number,
): Promise<PrekeyRotation> {
  const current = published.filter(({ body }) => now <= body.notAfter);
  const fallback = current.find(({ body }) => body.fallback) ?? (await vault.createPrekey(now, true));
  const ordinary = current.filter(({ body }) => !body.fallback && body.notBefore <= now + CLOCK_SKEW_MS);
  if (!ordinary.some(({ body }) => body.notAfter - now >= PREKEY_RENEW_BEFORE_MS))
    ordinary.push(await vault.createPrekey(now, false));
  await vault.dropPrekeys(now - RETENTION_MS);
  const newest = ordinary
    .sort(longestLast)
    .slice(-(PREKEYS_PUBLISHED_MAX - 1))
    .reverse();
  const prekeys = [...newest, fallback];
  const changed =
    prekeys.length !== published.length || prekeys.some((prekey) => !published.includes(prekey));
  return { prekeys, changed };
}

/** Another machine made it: its clock may be ahead. Its end is read without patience, there is the fallback. */
function isValid(body: PrekeyBody, now: number): boolean {
  return body.notBefore - CLOCK_SKEW_MS <= now && now <= body.notAfter;
}

function longestLast(a: Prekey, b: Prekey): number {
  return a.body.notAfter - b.body.notAfter;
}
