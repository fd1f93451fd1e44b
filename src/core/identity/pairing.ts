/**
 * Pairing: a device that has an account passes it on to one that has none. One of the two shows a code, the other one scans or types
 * it; which of them gives follows from who has an account. Both persons' consent comes between meeting and giving.
 *
 * The entropy is sealed by HPKE (RFC 9180, PSK mode) to a key that the taker made for this pairing: the encapsulated key is the
 * giver's half of the exchange. A code that becomes known later opens nothing, and who knows it in time can only ask.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import { sentence } from './sentences.ts';
import type { Random } from '../crypto/random.ts';
import { keysOfCode, makeCode, parseCode, type CodeKeys } from './pairing-code.ts';
import {
  givenCodec,
  helloCodec,
  openMessage,
  sealMessage,
  takenCodec,
  type Hello,
} from './pairing-messages.ts';
import type { Rendezvous, Slot } from './rendezvous.ts';
import type { PublicKeys, Vault } from './vault.ts';
import type { Codec } from '../codec/schema.ts';

export interface PairingPorts {
  readonly vault: Pick<Vault, 'beginPairing' | 'sealForPairing' | 'acceptPairing'>;
  readonly rendezvous: Rendezvous;
  readonly random: Random;
}

export interface PairedAccount {
  /** Canonical `local@domain`. */
  readonly address: string;
  readonly identityKey: Bytes;
}

/** This device: with an account it gives, without one it takes. */
export interface PairingSelf {
  readonly label: string;
  readonly account: PairedAccount | undefined;
}

/** Two devices know of each other, and nothing has been given yet. */
export type Meeting = { readonly code: CodeKeys; readonly label: string } & (
  | { readonly role: 'gives'; readonly key: Bytes }
  | { readonly role: 'takes'; readonly account: PairedAccount }
);

/** A code that may be shown now: the other device finds this one by it. */
export interface Offer {
  /** 4 groups of 4 characters. */
  readonly code: string;
  /** Refusals: `expired`, `both-have-accounts`, `no-account`, `wrong-code`, `unreachable`, `cancelled`. */
  readonly met: Promise<Result<Meeting>>;
}

/** Makes a code and waits behind it. Refusals: `too-many-places`, `unreachable`. */
export async function offerMeeting(ports: PairingPorts, self: PairingSelf): Promise<Result<Offer>> {
  const code = makeCode(ports.random);
  const keys = codeKeys(code);
  if (!keys.ok) return keys;
  const hello = await helloOf(ports, self);
  const posted = await say(ports, keys.value, 'opened', helloCodec, hello);
  if (!posted.ok) return posted;
  const meet = async (): Promise<Result<Meeting>> => {
    const other = await hear(ports, keys.value, 'answered', helloCodec);
    return other.ok ? meeting(keys.value, hello, other.value) : expiredIfUnknown(other);
  };
  return ok({ code, met: meet() });
}

/**
 * Meets the device that shows this code. Refusals: `code-length`, `code-character`, `code-unknown`, `code-used`, and those of an offer.
 */
export async function answerOffer(
  ports: PairingPorts,
  self: PairingSelf,
  typed: string,
): Promise<Result<Meeting>> {
  const keys = codeKeys(typed);
  if (!keys.ok) return keys;
  const other = await hear(ports, keys.value, 'opened', helloCodec);
  if (!other.ok) return other.code === 'place-unknown' ? codeUnknown() : other;
  const hello = await helloOf(ports, self);
  const posted = await say(ports, keys.value, 'answered', helloCodec, hello);
  if (posted.ok) return meeting(keys.value, hello, other.value);
  if (posted.code === 'slot-taken') return refuse('code-used', sentence('pairing/used'));
  return posted.code === 'place-unknown' ? codeUnknown() : posted;
}

/**
 * The person of the giving device said yes: resolves when the other device uses the account. Refusals: `no-entropy`, `bad-key`,
 * `declined`, `expired`, `unreachable`, `cancelled`.
 */
export async function giveAccount(
  ports: PairingPorts,
  { code, key }: Extract<Meeting, { role: 'gives' }>,
): Promise<Result<true>> {
  const sealed = await ports.vault.sealForPairing(key, code.accountKey);
  const posted = await say(ports, code, 'given', givenCodec, {
    v: 1,
    ...(sealed.ok ? { sealed: sealed.value } : { not: 'no-entropy' as const }),
  });
  if (!sealed.ok) return sealed;
  if (!posted.ok) return expiredIfUnknown(posted);
  const taken = await hear(ports, code, 'taken', takenCodec);
  if (!taken.ok) return expiredIfUnknown(taken);
  return taken.value.done ? ok(true) : declined();
}

/**
 * The person of the taking device said yes to the account: resolves with pending keys when the other one gave it. Whoever calls says
 * `endTaking` when the keys are in use. Refusals: `declined`, `no-entropy`, `wrong-account`, `unsealable`, `expired` and so on.
 */
export async function takeAccount(
  ports: PairingPorts,
  { code, account }: Extract<Meeting, { role: 'takes' }>,
): Promise<Result<PublicKeys>> {
  const given = await hear(ports, code, 'given', givenCodec);
  if (!given.ok) return expiredIfUnknown(given);
  if (given.value.not === 'no-entropy') return refuse('no-entropy', sentence('pairing/early-other'));
  if (given.value.sealed === undefined) return declined();
  const keys = await ports.vault.acceptPairing(given.value.sealed, code.accountKey);
  if (keys.ok && !equalBytes(keys.value.identityKey, account.identityKey))
    return refuse('wrong-account', sentence('pairing/wrong-account'));
  return keys;
}

/** Tells the giving device how it ended. */
export function endTaking(ports: PairingPorts, { code }: Meeting, done: boolean): Promise<Result<true>> {
  return say(ports, code, 'taken', takenCodec, { v: 1, done });
}

/** The person said no: the other device need not wait. */
export function declineMeeting(ports: PairingPorts, met: Meeting): Promise<Result<true>> {
  if (met.role === 'takes') return endTaking(ports, met, false);
  return say(ports, met.code, 'given', givenCodec, { v: 1, not: 'declined' });
}

function codeKeys(typed: string): Result<CodeKeys> {
  const secret = parseCode(typed);
  return secret.ok ? ok(keysOfCode(secret.value)) : secret;
}

async function helloOf({ vault }: PairingPorts, { label, account }: PairingSelf): Promise<Hello> {
  const named = { v: 1 as const, label: label.slice(0, 64) };
  return account ? { ...named, account: { ...account } } : { ...named, key: await vault.beginPairing() };
}

function meeting(code: CodeKeys, own: Hello, other: Hello): Result<Meeting> {
  if (own.account && other.account) return refuse('both-have-accounts', sentence('pairing/both-have'));
  if (own.key && other.key) return refuse('no-account', sentence('pairing/none-has'));
  const { label } = other;
  if (own.account && other.key) return ok({ role: 'gives', code, label, key: other.key });
  if (own.key && other.account) return ok({ role: 'takes', code, label, account: other.account });
  return refuse('bad-hello', sentence('pairing/bad-hello'));
}

async function say<T>(
  { rendezvous, random }: PairingPorts,
  { place, channelKey }: CodeKeys,
  slot: Slot,
  format: Codec<T>,
  message: T,
): Promise<Result<true>> {
  return rendezvous.post(place, slot, await sealMessage(format, message, slot, channelKey, random));
}

async function hear<T>(
  { rendezvous }: PairingPorts,
  { place, channelKey }: CodeKeys,
  slot: Slot,
  format: Codec<T>,
): Promise<Result<T>> {
  const bytes = await rendezvous.wait(place, slot);
  return bytes.ok ? openMessage(format, bytes.value, slot, channelKey) : bytes;
}

/** Who was there before knows that the place existed. */
function expiredIfUnknown(refusal: Refusal): Refusal {
  return refusal.code === 'place-unknown' ? refuse('expired', sentence('pairing/expired')) : refusal;
}

function codeUnknown(): Refusal {
  return refuse('code-unknown', sentence('pairing/unknown'));
}

function declined(): Refusal {
  return refuse('declined', sentence('pairing/declined'));
}
