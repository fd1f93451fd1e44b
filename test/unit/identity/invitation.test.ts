/** Invitation tokens: a mistyped one is recognised before anybody is asked. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import {
  checkInvitation,
  makeToken,
  parseToken,
  TOKEN_CHARACTERS,
  useInvitation,
  type Invitation,
} from '../../../src/core/identity/invitation.ts';

const token = makeToken(new SeededRandom('token'));

describe('a token', () => {
  it('is read as it was made, in upper case, with blanks and dashes', () => {
    expect(token).toMatch(/^[a-z2-7]{32}$/);
    const hash = parseToken(token);
    expect(hash.ok).toBe(true);
    expect(parseToken(` ${token.toUpperCase().replace(/(.{4})/g, '$1-')} `)).toEqual(hash);
  });

  it('with any one character changed is malformed', () => {
    for (let i = 0; i < TOKEN_CHARACTERS; i++) {
      const wrong = token[i] === 'a' ? 'b' : 'a';
      const mistyped = token.slice(0, i) + wrong + token.slice(i + 1);
      expect(parseToken(mistyped)).toMatchObject({ ok: false, code: 'invitation-malformed' });
    }
  });

  it('that is anything else is malformed and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(parseToken(text)).toMatchObject({ ok: false, code: 'invitation-malformed' });
      }),
    );
  });
});

describe('an invitation', () => {
  const tokenHash = parseToken(token);
  if (!tokenHash.ok) throw new Error(tokenHash.reason);
  const invitation: Invitation = { v: 1, tokenHash: tokenHash.value, usesMax: 2, uses: 0, notAfter: 1000 };

  it('is good until it is used up or expires', () => {
    expect(checkInvitation(invitation, 1000)).toEqual({ ok: true, value: invitation });
    const once = useInvitation(invitation);
    expect(checkInvitation(once, 1000).ok).toBe(true);
    expect(checkInvitation(useInvitation(once), 1000)).toMatchObject({ code: 'invitation-used-up' });
    expect(checkInvitation(invitation, 1001)).toMatchObject({ code: 'invitation-expired' });
    expect(checkInvitation(undefined, 0)).toMatchObject({ code: 'invitation-unknown' });
  });
});
