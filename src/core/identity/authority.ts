/** The authority of a ring: decides who may join under which name, and signs names, node ids and the ring's descriptor. */
import { assert } from '../codec/assert.ts';
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS, type Clock } from '../codec/clock.ts';
import { ID_BYTES, type Id, type RingId } from '../codec/id.ts';
import { NODE_CERTIFICATE_LIFE_MS } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { sentence } from './sentences.ts';
import type { Random } from '../crypto/random.ts';
import { signedBytes, verifyEd25519, type Signed } from '../crypto/sign.ts';
import {
  NODES_PER_MEMBER_MAX,
  type AuthorityLedger,
  type MemberEntry,
  type NodeEntry,
} from './authority-ledger.ts';
import {
  ringIdOf,
  type IdentityCertificate,
  type NodeCertificate,
  type RingDescriptor,
  type RingDescriptorBody,
  type RingTrust,
} from './certificates.ts';
import { checkInvitation, makeToken, parseToken, useInvitation, type Invitation } from './invitation.ts';
import type { EnrolRequestBody, ExpelRequestBody, JoinRequestBody, Membership } from './join.ts';
import { addressText, parseAddress, RESERVED_LOCAL_PARTS } from './names.ts';
import type { AuthorityKey } from './rsa-key.ts';

/** Life of an identity certificate: ten years. */
export const IDENTITY_CERTIFICATE_LIFE_MS = 10 * 365 * 24 * 60 * 60 * 1000;

/** What the operator decides. */
export interface RingPolicy {
  /** Canonical domain of the organization. */
  readonly domain: string;
  /** Replicas on the nearest live nodes. */
  readonly k: number;
  /** Replicas on the nearest always-on nodes. */
  readonly a: number;
  /** Bytes that a tab may place in the ring. */
  readonly quotaBytes: number;
  /** Bytes that a relay keeps for others; default: quotaBytes. */
  readonly relayQuotaBytes?: number;
}

export interface AuthorityPorts {
  readonly key: AuthorityKey;
  readonly ledger: AuthorityLedger;
  readonly clock: Clock;
  readonly random: Random;
}

/** A relay as the descriptor names it. */
export type RelayPlace = RingDescriptorBody['relays'][number];

export interface CheckRequest {
  readonly token: string;
  /** A local part or a full address. */
  readonly name?: string | undefined;
}

export class Authority {
  readonly trust: RingTrust;
  readonly #policy: RingPolicy;
  readonly #ports: AuthorityPorts;
  /** 32 bytes that members get. */
  readonly #ringSecret: Bytes;
  #descriptor: RingDescriptor | undefined;
  /** Decisions follow one another: what was looked up is still so when it is committed. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: AuthorityPorts, policy: RingPolicy, ringSecret: Bytes) {
    assert(ringSecret.length === 32, 'the ring secret has 32 bytes');
    this.#ports = ports;
    this.#policy = policy;
    this.#ringSecret = ringSecret;
    this.trust = { ring: ringIdOf(ports.key.spki), authorityKey: ports.key.spki };
  }

  get ring(): RingId {
    return this.trust.ring;
  }

  /**
   * Signs a descriptor that names these relays; it is what memberships carry from now on. When `before` (an earlier one of
   * this authority) says the same, it stays in force.
   */
  describe(relays: readonly RelayPlace[], before?: RingDescriptor): Promise<RingDescriptor> {
    return this.#inTurn(async () => {
      if (before && this.#stillHolds(before.body, relays)) return (this.#descriptor = before);
      const serial = (await this.#ports.ledger.serial()) + 1;
      await this.#ports.ledger.commit({ serial });
      const { domain, k, a } = this.#policy;
      const body: RingDescriptorBody = {
        v: 1,
        ring: this.ring,
        domain,
        authorityKey: this.trust.authorityKey,
        k,
        a,
        relays: [...relays],
        serial,
        issuedAt: this.#ports.clock.now(),
      };
      this.#descriptor = await this.#sign('ring-descriptor', body);
      return this.#descriptor;
    });
  }

  #stillHolds(body: RingDescriptorBody, relays: readonly RelayPlace[]): boolean {
    const { domain, k, a } = this.#policy;
    const wanted = { ...body, ring: this.ring, authorityKey: this.trust.authorityKey, domain, k, a };
    return equalBytes(encodeCbor(body), encodeCbor({ ...wanted, relays: [...relays] }));
  }

  /** The descriptor in force; `describe` comes first. */
  descriptor(): RingDescriptor {
    assert(this.#descriptor, 'the ring has been described');
    return this.#descriptor;
  }

  /** Makes an invitation, or takes note of one whose token is known; the same token again changes nothing. Returns the token. */
  invite(
    terms: Pick<Invitation, 'usesMax' | 'notAfter'>,
    token = makeToken(this.#ports.random),
  ): Promise<string> {
    return this.#inTurn(async () => {
      const tokenHash = parseToken(token);
      assert(tokenHash.ok, 'an invitation of our own is well-formed');
      if (!(await this.#ports.ledger.invitation(tokenHash.value)))
        await this.#ports.ledger.commit({
          invitations: [{ v: 1, tokenHash: tokenHash.value, uses: 0, ...terms }],
        });
      return token;
    });
  }

  /** Certificate of one of the organization's own relays, under `relay@domain`. A known peer key keeps its node id. */
  certifyRelay(peerKey: Bytes): Promise<Result<NodeCertificate>> {
    return this.#inTurn(async () => {
      const known = await this.#ports.ledger.node(peerKey);
      if (known && known.role !== 'relay') return refuse('bad-request', 'this key belongs to a member');
      const node = this.#nodeFor(known, peerKey, `relay@${this.#policy.domain}`, 'relay');
      await this.#ports.ledger.commit({ nodes: [node] });
      return ok(await this.#nodeCertificate(node));
    });
  }

  /** Whether somebody may join with this token (under this name). Refusals: codes of `invitation-*`, `bad-address`, `address-taken`. */
  async check(request: CheckRequest): Promise<Result<true>> {
    const invitation = await this.#usableInvitation(request.token);
    if (!invitation.ok) return invitation;
    if (request.name === undefined) return ok(true);
    const name = this.#memberName(request.name);
    if (!name.ok) return name;
    return (await this.#ports.ledger.memberByName(name.value)) ? addressTaken(name.value) : ok(true);
  }

  /**
   * Admits a person. The same person asking again (the answer was lost) gets the same membership and uses nothing up.
   * Refusals: those of `check`, `bad-signature`, `clock`, `bad-request`, `too-many-devices`.
   */
  join(request: Signed<JoinRequestBody>): Promise<Result<Membership>> {
    return this.#inTurn(async () => {
      const signed = await this.#checkSigned('join', request);
      if (!signed.ok) return signed;
      const { body } = request;
      const name = this.#memberName(body.name);
      if (!name.ok) return name;
      const known = await this.#ports.ledger.memberByKey(body.identityKey);
      if (known?.name === name.value) return this.#admit(known, body.peerKey);
      const invitation = await this.#usableInvitation(body.token);
      if (!invitation.ok) return invitation;
      if (known) return refuse('bad-request', sentence('authority/keys-of', { name: known.name }));
      if (await this.#ports.ledger.memberByName(name.value)) return addressTaken(name.value);
      return this.#admitNew(body, name.value, useInvitation(invitation.value));
    });
  }

  /**
   * A node certificate for a device of somebody who has joined: a renewal when the peer key is known, else a new place.
   * Refusals: `bad-signature`, `clock`, `bad-request`, `unknown-identity`, `too-many-devices`.
   */
  enrol(request: Signed<EnrolRequestBody>): Promise<Result<Membership>> {
    return this.#inTurn(async () => {
      const signed = await this.#checkSigned('enrol', request);
      if (!signed.ok) return signed;
      const { body } = request;
      if (!equalBytes(body.ring, this.ring)) return refuse('bad-request', sentence('authority/other-ring'));
      const member = await this.#ports.ledger.memberByKey(body.identityKey);
      if (!member)
        return refuse('unknown-identity', sentence('authority/unknown', { domain: this.#policy.domain }));
      return this.#admit(member, body.peerKey);
    });
  }

  /**
   * Ends the renewals of a removed device's node; the certificate it has runs out by itself. A node that is unknown, or another
   * member's, is none of this member's: then there is nothing to end. Refusals: `bad-signature`, `clock`, `bad-request`, `unknown-identity`.
   */
  expel(request: Signed<ExpelRequestBody>): Promise<Result<true>> {
    return this.#inTurn(async () => {
      const signed = await this.#checkSigned('expel', request);
      if (!signed.ok) return signed;
      const { body } = request;
      const { ledger, clock } = this.#ports;
      if (!equalBytes(body.ring, this.ring)) return refuse('bad-request', sentence('authority/other-ring'));
      const member = await ledger.memberByKey(body.identityKey);
      if (!member)
        return refuse('unknown-identity', sentence('authority/unknown', { domain: this.#policy.domain }));
      const nodes = await Promise.all(member.peerKeys.map((key) => ledger.node(key)));
      const node = nodes.find((one) => one !== undefined && equalBytes(one.nodeId, body.nodeId));
      if (!node) return ok(true);
      // It stays among the member's nodes while its certificate lasts, or removals would make room for ever more places.
      await ledger.commit({ nodes: [{ ...node, removedAt: node.removedAt ?? clock.now() }] });
      return ok(true);
    });
  }

  async #admitNew(body: JoinRequestBody, name: string, used: Invitation): Promise<Result<Membership>> {
    const serial = (await this.#ports.ledger.serial()) + 1;
    const now = this.#ports.clock.now();
    const identityCertificate: IdentityCertificate = await this.#sign('identity-certificate', {
      v: 1,
      ring: this.ring,
      name,
      signKey: body.identityKey,
      serial,
      notBefore: now,
      notAfter: now + IDENTITY_CERTIFICATE_LIFE_MS,
    });
    const { identityKey, displayName } = body;
    const member: MemberEntry = { v: 1, name, identityKey, displayName, identityCertificate, peerKeys: [] };
    return this.#admit(member, body.peerKey, { serial, invitations: [used] });
  }

  /** Gives the member's node its place, its own again when it has one, and answers with all that a member needs. */
  async #admit(
    member: MemberEntry,
    peerKey: Bytes,
    change: { readonly serial?: number; readonly invitations?: readonly Invitation[] } = {},
  ): Promise<Result<Membership>> {
    const { ledger } = this.#ports;
    const known = await ledger.node(peerKey);
    if (known && known.name !== member.name)
      return refuse('bad-request', sentence('authority/foreign-device'));
    if (known?.removedAt !== undefined)
      return refuse('device-removed', sentence('authority/removed', { name: member.name }));
    const { kept, expired } = await this.#nodesOf(member, peerKey);
    if (kept.length >= NODES_PER_MEMBER_MAX)
      return refuse(
        'too-many-devices',
        sentence('authority/too-many', { name: member.name, count: kept.length }),
      );
    const node = this.#nodeFor(known, peerKey, member.name, 'tab');
    const members = [{ ...member, peerKeys: [...kept, peerKey] }];
    await ledger.commit({ ...change, members, nodes: [node], removeNodes: expired });
    return ok({
      v: 1,
      identityCertificate: member.identityCertificate,
      nodeCertificate: await this.#nodeCertificate(node),
      descriptor: this.descriptor(),
      ringSecret: this.#ringSecret,
      displayName: member.displayName,
    });
  }

  /** The member's other nodes: those whose certificate may still be in use, and those to forget. */
  async #nodesOf(
    member: MemberEntry,
    except: Bytes,
  ): Promise<{ readonly kept: readonly Bytes[]; readonly expired: readonly Bytes[] }> {
    const others = member.peerKeys.filter((key) => !equalBytes(key, except));
    const nodes = await Promise.all(others.map((key) => this.#ports.ledger.node(key)));
    const over = this.#ports.clock.now() - CLOCK_SKEW_MS;
    const isLive = (_: Bytes, i: number): boolean => (nodes[i]?.notAfter ?? 0) >= over;
    // A removed node is remembered: at most NODES_PER_MEMBER_MAX in the life of a certificate.
    const isForgotten = (key: Bytes, i: number): boolean =>
      !isLive(key, i) && nodes[i]?.removedAt === undefined;
    return { kept: others.filter(isLive), expired: others.filter(isForgotten) };
  }

  #nodeFor(known: NodeEntry | undefined, peerKey: Bytes, name: string, role: 'tab' | 'relay'): NodeEntry {
    const nodeId = known?.nodeId ?? (this.#ports.random.bytes(ID_BYTES) as Id);
    return {
      v: 1,
      peerKey,
      nodeId,
      name,
      role,
      notAfter: this.#ports.clock.now() + NODE_CERTIFICATE_LIFE_MS,
    };
  }

  #nodeCertificate({ nodeId, peerKey, name, role, notAfter }: NodeEntry): Promise<NodeCertificate> {
    const notBefore = notAfter - NODE_CERTIFICATE_LIFE_MS;
    const { quotaBytes, relayQuotaBytes = quotaBytes } = this.#policy;
    return this.#sign('node-certificate', {
      v: 1 as const,
      ring: this.ring,
      nodeId,
      peerKey,
      name,
      role,
      quotaBytes: role === 'relay' ? relayQuotaBytes : quotaBytes,
      notBefore,
      notAfter,
    });
  }

  async #usableInvitation(token: string): Promise<Result<Invitation>> {
    const tokenHash = parseToken(token);
    if (!tokenHash.ok) return tokenHash;
    return checkInvitation(await this.#ports.ledger.invitation(tokenHash.value), this.#ports.clock.now());
  }

  /** Canonical name of a member-to-be: of this domain and not reserved. Refusal: `bad-address`. */
  #memberName(typed: string): Result<string> {
    const { domain } = this.#policy;
    const address = parseAddress(typed, domain);
    if (!address.ok) return address;
    if (address.value.domain !== domain)
      return refuse('bad-address', sentence('address/other-domain', { domain }));
    if (RESERVED_LOCAL_PARTS.includes(address.value.local))
      return refuse('bad-address', sentence('address/reserved', { address: addressText(address.value) }));
    return ok(addressText(address.value));
  }

  async #checkSigned(
    purpose: string,
    { body, signature }: Signed<{ readonly identityKey: Bytes; readonly at: number }>,
  ): Promise<Result<true>> {
    if (!(await verifyEd25519(body.identityKey, purpose, body, signature)))
      return refuse('bad-signature', sentence('authority/unsigned'));
    const offMs = Math.abs(body.at - this.#ports.clock.now());
    if (offMs > CLOCK_SKEW_MS)
      return refuse('clock', sentence('authority/clock', { hours: Math.round(offMs / 3_600_000) }));
    return ok(true);
  }

  async #sign<T>(purpose: string, body: T): Promise<Signed<T>> {
    const bytes = signedBytes(purpose, body);
    const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', this.#ports.key.privateKey, bytes);
    return { body, signature: new Uint8Array(signature) };
  }

  #inTurn<T>(decide: () => Promise<T>): Promise<T> {
    const result = this.#last.then(decide);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function addressTaken(name: string): Result<never> {
  return refuse('address-taken', sentence('address/taken', { address: name }));
}
