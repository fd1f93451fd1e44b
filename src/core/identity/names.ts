/** Names: canonical addresses `local@domain`, under which people are found. RFC 5321, 6531; UTS 46 for domains. */
import { utf8 } from '../codec/bytes.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import { sentence } from './sentences.ts';

/** Octets of a local part (RFC 5321, 4.5.3.1.1). */
export const LOCAL_PART_BYTES_MAX = 64;
/** Octets of a domain in its ASCII form, and of one of its labels (RFC 1035, 2.3.4). */
export const DOMAIN_BYTES_MAX = 253;
export const LABEL_BYTES_MAX = 63;

/** Local parts that nobody can take: the relay's own node, and what RFC 2142 and 5321 expect to reach the operator. */
export const RESERVED_LOCAL_PARTS: readonly string[] = ['relay', 'postmaster', 'abuse', 'mailer-daemon'];

/** The two parts of an address, both canonical. */
export interface Address {
  readonly local: string;
  /** ASCII form of IDNA. */
  readonly domain: string;
}

/**
 * Canonical form of what a person typed: `Bob` (with `defaultDomain`) or `Bob@Example.org` become `bob@example.org`.
 * NFC, lower case, domain in its ASCII form. Refusal: `bad-address`, with a sentence that names what is wrong.
 */
export function canonicalAddress(typed: string, defaultDomain?: string): Result<string> {
  const address = parseAddress(typed, defaultDomain);
  return address.ok ? ok(addressText(address.value)) : address;
}

/** Like `canonicalAddress`, in its two parts. Refusal: `bad-address`. */
export function parseAddress(typed: string, defaultDomain?: string): Result<Address> {
  const trimmed = typed.trim();
  if (trimmed === '') return badAddress(sentence('address/missing'));
  const at = trimmed.lastIndexOf('@');
  if (at < 0 && defaultDomain === undefined)
    return badAddress(sentence('address/no-at', { typed: cut(trimmed) }));
  const local = canonicalLocalPart(at < 0 ? trimmed : trimmed.slice(0, at));
  if (!local.ok) return local;
  const domain = canonicalDomain(at < 0 ? defaultDomain! : trimmed.slice(at + 1));
  if (!domain.ok) return domain;
  return ok({ local: local.value, domain: domain.value });
}

export function addressText(address: Address): string {
  return `${address.local}@${address.domain}`;
}

/** Letters, digits and single `.`, `_`, `+`, `-` inside. Refusal: `bad-address`. */
export function canonicalLocalPart(typed: string): Result<string> {
  const local = foldCase(typed);
  if (local === '') return badAddress(sentence('address/no-local'));
  if (utf8(local).length > LOCAL_PART_BYTES_MAX)
    return badAddress(sentence('address/long-local', { max: LOCAL_PART_BYTES_MAX }));
  const strange = /[^\p{L}\p{N}\p{M}._+-]/u.exec(local)?.[0];
  if (strange !== undefined) return badAddress(strangeCharacter(strange, cut(local)));
  if (!/^[\p{L}\p{N}_]/u.test(local)) return badAddress(sentence('address/begins'));
  if (local.endsWith('.')) return badAddress(sentence('address/ends'));
  if (local.includes('..')) return badAddress(sentence('address/dots'));
  return ok(local);
}

/** ASCII form of a domain name. Refusal: `bad-address`. */
export function canonicalDomain(typed: string): Result<string> {
  const domain = foldCase(typed);
  if (domain === '') return badAddress(sentence('address/no-domain'));
  if (domain.length > DOMAIN_BYTES_MAX || !/^[\p{L}\p{N}\p{M}-]+(\.[\p{L}\p{N}\p{M}-]+)*$/u.test(domain))
    return badAddress(sentence('address/domain', { typed: cut(domain) }));
  const ascii = asciiDomain(domain);
  if (ascii === undefined || !isHostName(ascii))
    return badAddress(sentence('address/domain', { typed: cut(domain) }));
  return ok(ascii);
}

function foldCase(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}

/** UTS 46 processing is what every URL parser does to a host. */
function asciiDomain(domain: string): string | undefined {
  return URL.canParse(`https://${domain}/`) ? new URL(`https://${domain}/`).hostname : undefined;
}

function isHostName(ascii: string): boolean {
  const labels = ascii.split('.');
  const shaped = labels.every(
    (label) => label.length <= LABEL_BYTES_MAX && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label),
  );
  return ascii.length <= DOMAIN_BYTES_MAX && shaped && !/^\d+$/.test(labels.at(-1)!);
}

function badAddress(reason: string): Refusal {
  return refuse('bad-address', reason);
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function strangeCharacter(character: string, typed: string): string {
  if (character === ' ') return sentence('address/space', { typed });
  return /\p{C}|\p{Z}/u.test(character)
    ? sentence('address/invisible', { typed })
    : sentence('address/character', { character, typed });
}
