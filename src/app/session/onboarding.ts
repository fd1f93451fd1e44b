/** What a person without account can do: join by an invitation, or come back with the words. */
import { toHex } from '../../core/codec/bytes.ts';
import { ok, refuse, type Result } from '../../core/codec/result.ts';
import { parseToken } from '../../core/identity/invitation.ts';
import type { Membership } from '../../core/identity/join.ts';
import { VaultError } from '../../core/identity/vault.ts';
import { t } from '../i18n/translate.svelte.ts';
import { enrolDevice, joinRing, type AccountPorts } from './account.ts';
import type { NewKeys, Onboarding, RingFacts } from './session.ts';

/** `joined` is called once, when there is a membership; it resolves when the mailbox can be shown. */
export function createOnboarding(
  ports: AccountPorts,
  joined: (membership: Membership) => Promise<void>,
): Onboarding {
  const { vault, authority, store } = ports;

  const arrive = async (membership: Result<Membership>): Promise<Result<true>> => {
    if (!membership.ok) return membership;
    await joined(membership.value);
    return ok(true);
  };

  return {
    pairing: async () => (await import('./pairing.ts')).takerPairing(ports, joined),
    async ring(): Promise<Result<RingFacts>> {
      const ring = await authority.ring();
      return ring.ok ? ok({ domain: ring.value.domain }) : ring;
    },
    async check(token, address) {
      const parsed = parseToken(token);
      return parsed.ok ? authority.check(canonicalToken(token), address) : parsed;
    },
    begin: () =>
      guarded(async (): Promise<Result<NewKeys>> => {
        await store.setJoining(undefined);
        const { words, keys } = await vault.begin();
        return ok({ words, identityKey: toHex(keys.identityKey) });
      }),
    join: (token, address, displayName) =>
      guarded(async () =>
        arrive(await joinRing(ports, { v: 1, token: canonicalToken(token), address, displayName })),
      ),
    recover: (typed) =>
      guarded(async () => {
        const restored = await vault.restore(splitWords(typed));
        if (!restored.ok) return restored;
        const enrolled = await enrolDevice(ports);
        if (!enrolled.ok && enrolled.code === 'unknown-identity')
          return refuse('unknown-identity', t.join.foreignWords);
        return arrive(enrolled);
      }),
  };
}

/** Upper case, blanks and dashes are forgiven, as when the token is checked. */
function canonicalToken(token: string): string {
  return token.replace(/[\s-]/g, '').toLowerCase();
}

/** Spaces, line ends, commas and numbering part words. */
function splitWords(typed: string): readonly string[] {
  return typed.split(/[\s,;.\d)]+/).filter((word) => word !== '');
}

/** A vault or a disk that does not answer is said like every other refusal. */
async function guarded<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    return refuse('vault', brokenReason(error));
  }
}

/** Why this browser cannot keep an account, and what to do. */
export function brokenReason(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof VaultError && error.code === 'unavailable') return t.join.noVault({ why });
  return t.join.cannotKeep({ why });
}
