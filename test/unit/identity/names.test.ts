/** Canonical addresses: RFC 5321, 6531 and IDNA, as far as members of a ring may have them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, canonicalDomain } from '../../../src/core/identity/names.ts';

describe('canonicalAddress', () => {
  it.each([
    ['bob', 'bob@example.org'],
    ['  Bob ', 'bob@example.org'],
    ['Bob@EXAMPLE.org', 'bob@example.org'],
    ['first.last+tag@example.org', 'first.last+tag@example.org'],
    ['_under-score@sub.example.org', '_under-score@sub.example.org'],
    ['ÅSA@example.org', 'åsa@example.org'],
    ['A\u030asa@example.org', 'åsa@example.org'],
    ['用户@例え.jp', '用户@xn--r8jz45g.jp'],
    ['bob@BÜCHER.example', 'bob@xn--bcher-kva.example'],
    ['bob@localhost', 'bob@localhost'],
    [`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
  ])('of %j is %s', (typed, canonical) => {
    expect(canonicalAddress(typed, 'example.org')).toEqual({ ok: true, value: canonical });
  });

  it.each([
    ['', 'An address is missing.'],
    ['@example.org', 'The part before the @ is missing.'],
    ['bob@', 'The part after the @ is missing.'],
    ['bob smith', 'An address may not contain a space'],
    ['bob@home@example.org', 'An address may not contain “@”'],
    ['bob"@example.org', 'An address may not contain “"”'],
    ['bo\u200bb', 'An address may not contain an invisible character'],
    ['.bob', 'An address begins with a letter or a digit.'],
    ['-bob', 'An address begins with a letter or a digit.'],
    ['bob.', 'The part before the @ may not end with a dot.'],
    ['b..ob', 'An address may not contain two dots in a row.'],
    ['a'.repeat(65), 'The part before the @ is longer than 64 bytes.'],
    ['å'.repeat(33), 'The part before the @ is longer than 64 bytes.'],
    ['bob@exa mple.org', '“exa mple.org” is not a domain'],
    ['bob@-example.org', '“-example.org” is not a domain'],
    ['bob@example..org', '“example..org” is not a domain'],
    ['bob@127.0.0.1', '“127.0.0.1” is not a domain'],
    ['bob@example.org/path', '“example.org/path” is not a domain'],
    ['bob@%65xample.org', '“%65xample.org” is not a domain'],
    [`bob@${'a'.repeat(64)}.org`, 'is not a domain'],
  ])('refuses %j with a sentence', (typed, reason) => {
    const refusal = canonicalAddress(typed, 'example.org');
    expect(refusal).toMatchObject({ ok: false, code: 'bad-address' });
    expect(refusal.ok ? '' : refusal.reason).toContain(reason);
  });

  it('needs a domain when there is no default', () => {
    expect(canonicalAddress('bob')).toMatchObject({ ok: false, code: 'bad-address' });
  });

  it('is its own canonical form', () => {
    const typed = fc.oneof(fc.string({ unit: 'grapheme' }), fc.emailAddress());
    fc.assert(
      fc.property(typed, (text) => {
        const once = canonicalAddress(text, 'example.org');
        if (once.ok) expect(canonicalAddress(once.value)).toEqual(once);
      }),
    );
  });

  it('never throws on what a person or a peer may send', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(typeof canonicalAddress(text, 'example.org').ok).toBe('boolean');
        expect(typeof canonicalDomain(text).ok).toBe('boolean');
      }),
    );
  });
});
