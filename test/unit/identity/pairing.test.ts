/** Pairing over real vaults: who gives and who takes, what each refusal says, and what is never sent (RFC 9180, 5.1.2). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { MemoryRendezvous } from '../../../src/adapters/memory/rendezvous.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { toHex, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import type { Result } from '../../../src/core/codec/result.ts';
import {
  codeText,
  CODE_BYTES,
  keysOfCode,
  makeCode,
  parseCode,
} from '../../../src/core/identity/pairing-code.ts';
import { openMessage, sealMessage, takenCodec } from '../../../src/core/identity/pairing-messages.ts';
import {
  answerOffer,
  declineMeeting,
  endTaking,
  giveAccount,
  offerMeeting,
  takeAccount,
  type Meeting,
  type Offer,
  type PairingPorts,
  type PairingSelf,
} from '../../../src/core/identity/pairing.ts';
import { entropyFromWords } from '../../../src/core/identity/recovery-words.ts';
import { PLACE_MS, SLOT_BYTES_MAX, type Rendezvous } from '../../../src/core/identity/rendezvous.ts';
import {
  PLACES_MAX,
  PLACES_PER_ADDRESS_MAX,
  RendezvousTable,
  WAITERS_MAX,
} from '../../../src/core/identity/rendezvous-table.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';

interface Device {
  readonly ports: PairingPorts & { readonly vault: Vault };
  readonly self: PairingSelf;
  readonly words: readonly string[];
}

interface World {
  readonly clock: VirtualClock;
  readonly rendezvous: MemoryRendezvous;
  /** Everything that the relay was given. */
  readonly seen: Bytes[];
  readonly owner: (name?: string) => Promise<Device>;
  readonly newcomer: (name?: string) => Device;
}

function world(): World {
  const clock = new VirtualClock();
  const rendezvous = new MemoryRendezvous(clock);
  const seen: Bytes[] = [];
  const watched: Rendezvous = {
    wait: (place, slot) => rendezvous.wait(place, slot),
    post: (place, slot, bytes) => {
      seen.push(bytes);
      return rendezvous.post(place, slot, bytes);
    },
  };
  const device = (name: string): PairingPorts & { vault: Vault } => {
    const random = new SeededRandom(name);
    return { vault: memoryVault(random), rendezvous: watched, random };
  };
  return {
    clock,
    rendezvous,
    seen,
    newcomer: (name = 'new') => ({
      ports: device(name),
      self: { label: name, account: undefined },
      words: [],
    }),
    async owner(name = 'old') {
      const ports = device(name);
      const { keys, words } = await ports.vault.begin();
      await ports.vault.commit();
      const account = { address: 'ada@example.org', identityKey: keys.identityKey };
      return { ports, self: { label: name, account }, words };
    },
  };
}

async function met(shows: Device, types: Device): Promise<readonly [Meeting, Meeting]> {
  const offer = granted(await offerMeeting(shows.ports, shows.self));
  const answered = granted(await answerOffer(types.ports, types.self, offer.code.toLowerCase()));
  return [granted(await offer.met), answered];
}

async function passOn(giver: Device, taker: Device, given: Meeting, taken: Meeting): Promise<void> {
  if (given.role !== 'gives' || taken.role !== 'takes') throw new Error('roles are mixed up');
  const giving = giveAccount(giver.ports, given);
  granted(await takeAccount(taker.ports, taken));
  await taker.ports.vault.commit();
  granted(await endTaking(taker.ports, taken, true));
  expect(await giving).toEqual({ ok: true, value: true });
}

describe('the code', () => {
  it('reads back whatever it was made of', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES }), (secret) => {
        expect(parseCode(codeText(secret))).toEqual({ ok: true, value: secret });
      }),
    );
  });

  it('forgives case, blanks, dashes, O for 0, I and L for 1, and takes a whole link', () => {
    const secret = parseCode('0110-ABCD-EFGH-JKMN');
    expect(secret.ok).toBe(true);
    for (const typed of [
      ' oilO abcd efgh jkmn',
      '0110abcdefghjkmn',
      'https://x.org/#/pair/0110-ABCD-EFGH-JKMN',
    ])
      expect(parseCode(typed)).toEqual(secret);
  });

  it.each([
    ['', 'code-length'],
    ['0110-ABCD-EFGH-JKM', 'code-length'],
    ['0110-ABCD-EFGH-JKMNP', 'code-length'],
    ['0110-ABCD-EFGH-JKMU', 'code-character'],
  ])('“%s” is refused as %s', (typed, code) => {
    expect(parseCode(typed)).toMatchObject({ ok: false, code });
  });

  it('has the keys that every device derives from it', () => {
    const code = codeText(new Uint8Array(CODE_BYTES).fill(0x42));
    expect(code).toBe('8914-4GJ2-8914-4GJ2');
    const { place, channelKey, accountKey } = keysOfCode(new Uint8Array(CODE_BYTES).fill(0x42));
    expect([place, toHex(channelKey), toHex(accountKey)]).toMatchInlineSnapshot(`
      [
        "d86fefbab19c8b99a377d32c7556b3a6",
        "f4d26b729d9857c753265d990af051a4feb50ee4fe4572759e95b5557964d06e",
        "00761178dab7d344e0ae2548fae80a39ddea5257ac214cd67c2132cbace0e5f7",
      ]
    `);
  });
});

describe('two devices', () => {
  it.each([true, false])('pass the account on; the owner shows the code: %s', async (ownerShows) => {
    const { owner, newcomer, seen } = world();
    const [giver, taker] = [await owner('Chromium on Linux'), newcomer('Firefox on Android')];
    const [first, second] = await met(ownerShows ? giver : taker, ownerShows ? taker : giver);
    const [given, taken] = ownerShows ? [first, second] : [second, first];
    expect(given).toMatchObject({ role: 'gives', label: 'Firefox on Android' });
    expect(taken).toMatchObject({ role: 'takes', label: 'Chromium on Linux', account: giver.self.account });
    await passOn(giver, taker, given, taken);

    const state = await taker.ports.vault.state();
    expect(state).toMatchObject({ state: 'ready', identityKey: giver.self.account!.identityKey });
    const [sealed] = await giver.ports.vault.sealMailbox([utf8('a log entry')]);
    expect(await taker.ports.vault.openMailbox([sealed!])).toEqual([
      { ok: true, value: utf8('a log entry') },
    ]);
    const entropy = granted(entropyFromWords(giver.words));
    for (const bytes of seen) {
      expect(bytes.length).toBeLessThan(SLOT_BYTES_MAX);
      for (const secret of [toHex(entropy), toHex(utf8('ada@')), toHex(utf8('Firefox'))])
        expect(toHex(bytes)).not.toContain(secret);
    }
  });

  it('that both have an account are told so, both of them', async () => {
    const { owner } = world();
    expect(await bothSides(await owner('one'), await owner('two'))).toEqual([
      'both-have-accounts',
      'both-have-accounts',
    ]);
  });

  it('neither of which has one are told so', async () => {
    const { newcomer } = world();
    expect(await bothSides(newcomer('one'), newcomer('two'))).toEqual(['no-account', 'no-account']);
  });

  it('do not wait for a person who said no', async () => {
    const { owner, newcomer } = world();
    const [giver, taker] = [await owner(), newcomer()];
    const [given, taken] = await met(giver, taker);
    await declineMeeting(giver.ports, given);
    expect(await takeAccount(taker.ports, taken as Extract<Meeting, { role: 'takes' }>)).toMatchObject({
      code: 'declined',
    });
    expect(await taker.ports.vault.state()).toEqual({ state: 'empty' });

    const [giverAgain, takerAgain] = await met(giver, taker);
    const giving = giveAccount(giver.ports, giverAgain as Extract<Meeting, { role: 'gives' }>);
    await declineMeeting(taker.ports, takerAgain);
    expect(await giving).toMatchObject({ code: 'declined' });
  });
});

describe('a code', () => {
  it('serves once', async () => {
    const { owner, newcomer } = world();
    const giver = await owner();
    const offer = granted(await offerMeeting(giver.ports, giver.self));
    const [first, second] = [newcomer('first'), newcomer('second')];
    granted(await answerOffer(first.ports, first.self, offer.code));
    expect(await answerOffer(second.ports, second.self, offer.code)).toMatchObject({ code: 'code-used' });
    expect(await offer.met).toMatchObject({ ok: true, value: { label: 'first' } });
  });

  it('that nobody made, or typed wrongly, is unknown', async () => {
    const { newcomer } = world();
    const { ports, self } = newcomer();
    expect(await answerOffer(ports, self, makeCode(new SeededRandom('x')))).toMatchObject({
      code: 'code-unknown',
    });
    expect(await answerOffer(ports, self, 'abc')).toMatchObject({ code: 'code-length' });
  });

  it('ends after ten minutes, on both sides', async () => {
    const { owner, newcomer, clock } = world();
    const giver = await owner();
    const { ports, self } = newcomer();
    const offer = granted(await offerMeeting(giver.ports, giver.self));
    clock.advance(PLACE_MS);
    expect(await answerOffer(ports, self, offer.code)).toMatchObject({ code: 'code-unknown' });
    expect(await offer.met).toMatchObject({ code: 'expired' });
  });
});

describe('a lying relay', () => {
  it('puts nothing of its own in a slot, and no message into another one', async () => {
    const channelKey = new Uint8Array(32).fill(3);
    const random = new SeededRandom('relay');
    const done = await sealMessage(takenCodec, { v: 1, done: true }, 'taken', channelKey, random);
    expect(await openMessage(takenCodec, done, 'taken', channelKey)).toMatchObject({ ok: true });
    for (const refused of [
      await openMessage(takenCodec, done, 'given', channelKey),
      await openMessage(takenCodec, random.bytes(60), 'taken', channelKey),
      await openMessage(takenCodec, done, 'taken', new Uint8Array(32)),
    ])
      expect(refused).toMatchObject({ ok: false, code: 'wrong-code' });
  });

  it('cannot have another account taken than the one that was named', async () => {
    const { owner, newcomer } = world();
    const [giver, other, taker] = [await owner('one'), await owner('two'), newcomer()];
    const [given, taken] = await met({ ...giver, ports: other.ports }, taker);
    void giveAccount(other.ports, given as Extract<Meeting, { role: 'gives' }>);
    expect(await takeAccount(taker.ports, taken as Extract<Meeting, { role: 'takes' }>)).toMatchObject({
      code: 'wrong-account',
    });
  });
});

describe('the table of places', () => {
  const place = (i: number): string => i.toString(16).padStart(32, '0');
  const bytes = utf8('sealed');

  it('fills a slot once; the same again is welcome', () => {
    const table = new RendezvousTable();
    expect(table.post(place(1), 'answered', bytes, 'a', 0)).toMatchObject({ code: 'place-unknown' });
    expect(table.post(place(1), 'opened', bytes, 'a', 0)).toMatchObject({ ok: true });
    expect(table.post(place(1), 'opened', bytes, 'a', 0)).toMatchObject({ ok: true });
    expect(table.post(place(1), 'opened', utf8('other'), 'b', 0)).toMatchObject({ code: 'slot-taken' });
    expect(table.read(place(1), 'opened', 0)).toEqual({ ok: true, value: bytes });
    expect(table.read(place(1), 'given', 0)).toEqual({ ok: true, value: undefined });
  });

  it('refuses what is no place and what is too large', () => {
    const table = new RendezvousTable();
    expect(table.post('../etc', 'opened', bytes, 'a', 0)).toMatchObject({ code: 'bad-place' });
    const large = new Uint8Array(SLOT_BYTES_MAX + 1);
    expect(table.post(place(1), 'opened', large, 'a', 0)).toMatchObject({ code: 'too-large' });
    expect(table.size).toBe(0);
  });

  it('bounds places by address and in all, and forgets them after ten minutes', () => {
    const table = new RendezvousTable();
    const open = (i: number, from: string, now: number) =>
      table.post(place(i), 'opened', bytes, from, now).ok;
    for (let i = 0; i < PLACES_MAX; i++)
      expect(open(i, `address ${Math.floor(i / PLACES_PER_ADDRESS_MAX)}`, 0)).toBe(true);
    expect(open(PLACES_MAX, 'another', 0)).toBe(false);
    expect(open(PLACES_MAX, 'another', PLACE_MS)).toBe(true);
    expect(table.size).toBe(1);
    for (let i = 0; i < PLACES_PER_ADDRESS_MAX; i++) expect(open(i, 'one', PLACE_MS)).toBe(true);
    expect(open(PLACES_PER_ADDRESS_MAX, 'one', PLACE_MS)).toBe(false);
  });

  it('wakes who waits when the slot is filled or the place ends, and bounds them', () => {
    const table = new RendezvousTable();
    table.post(place(1), 'opened', bytes, 'a', 0);
    const woken: string[] = [];
    const cancel = table.watch(place(1), 'answered', () => woken.push('cancelled'));
    if (cancel.ok) cancel.value();
    for (let i = 0; i < WAITERS_MAX; i++) table.watch(place(1), 'answered', () => woken.push('answered'));
    expect(table.watch(place(1), 'answered', () => undefined)).toMatchObject({ code: 'too-many-waiting' });
    table.post(place(1), 'answered', bytes, 'b', 1);
    table.watch(place(1), 'given', () => woken.push('ended'));
    table.read(place(2), 'opened', PLACE_MS);
    expect(woken).toEqual([...Array<string>(WAITERS_MAX).fill('answered'), 'ended']);
  });
});

async function bothSides(shows: Device, types: Device): Promise<readonly (string | undefined)[]> {
  const offer: Offer = granted(await offerMeeting(shows.ports, shows.self));
  const answered = await answerOffer(types.ports, types.self, offer.code);
  return [await offer.met, answered].map((result) => (result.ok ? undefined : result.code));
}

function granted<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.code}: ${result.reason}`);
  return result.value;
}
