/** The relay's invitations: the standing one, which every start prints again, and those the operator asks for. */
import { fromUtf8, utf8 } from '../../src/core/codec/bytes.ts';
import type { Clock } from '../../src/core/codec/clock.ts';
import type { Random } from '../../src/core/crypto/random.ts';
import type { Authority } from '../../src/core/identity/authority.ts';
import { makeToken } from '../../src/core/identity/invitation.ts';
import type { KeyValueStore } from '../../src/core/storage/key-value-store.ts';
import type { InviteTerms } from './operator-routes.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The standing invitation: 100 people, one year. */
export const STANDING_TERMS: InviteTerms = { uses: 100, days: 365 };
const STANDING_TOKEN = utf8('standing-invitation');

export interface InvitationPorts {
  readonly authority: Authority;
  /** A namespace of its own. */
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Origin of the web app. */
  readonly url: string;
}

/** Makes an invitation and returns its link. */
export async function invite(
  { authority, clock, url }: InvitationPorts,
  { uses, days }: InviteTerms,
  token?: string,
): Promise<string> {
  const terms = { usesMax: uses, notAfter: clock.now() + days * DAY_MS };
  return invitationLink(url, await authority.invite(terms, token));
}

/** The link of the standing invitation: the same at each start, a new one when it is used up or has expired. */
export async function standingInvitation(ports: InvitationPorts): Promise<string> {
  const stored = await ports.store.get(STANDING_TOKEN);
  if (stored) {
    const token = fromUtf8(stored);
    if ((await ports.authority.check({ token })).ok) return invitationLink(ports.url, token);
  }
  // Written before the authority knows it: a token printed once is known at the next start, whatever happens between.
  const token = makeToken(ports.random);
  await ports.store.write([{ type: 'put', key: STANDING_TOKEN, value: utf8(token) }]);
  return invite(ports, STANDING_TERMS, token);
}

function invitationLink(url: string, token: string): string {
  return `${url}/#/join/${token}`;
}
