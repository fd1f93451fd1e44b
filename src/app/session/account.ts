/** Getting a membership: by invitation, by words, and again when its node certificate comes to an end. */
import type { Clock } from '../../core/codec/clock.ts';
import { equalBytes } from '../../core/codec/bytes.ts';
import type { Id } from '../../core/codec/id.ts';
import { ok, refuse, type Result } from '../../core/codec/result.ts';
import { verifyIdentityCertificate, verifyNodeCertificate } from '../../core/identity/certificates.ts';
import type { Membership } from '../../core/identity/join.ts';
import { renewalDueAt } from '../../core/node/certificate-renewal.ts';
import type { PublicKeys, Vault } from '../../core/identity/vault.ts';
import { t } from '../i18n/translate.svelte.ts';
import type { AuthorityClient } from './authority-client.ts';
import type { Joining, MembershipStore } from './membership-store.ts';

export interface AccountPorts {
  readonly vault: Vault;
  readonly authority: AuthorityClient;
  readonly store: MembershipStore;
  readonly clock: Clock;
}

/**
 * Asks the authority for a place under this address, with the vault's keys. Everything may be repeated: the same keys
 * get the same answer. What is asked is kept before it is asked, so that a lost answer is asked for again.
 */
export async function joinRing(ports: AccountPorts, joining: Joining): Promise<Result<Membership>> {
  const { vault, authority, store, clock } = ports;
  const state = await vault.state();
  if (state.state === 'empty') return refuse('vault', t.join.keysGoneInvite);
  await store.setJoining(joining);
  const body = {
    v: 1 as const,
    token: joining.token,
    name: joining.address,
    displayName: joining.displayName,
    identityKey: state.identityKey,
    deviceKey: state.deviceKey,
    peerKey: state.peerKey,
    at: clock.now(),
  };
  const answer = await authority.join(body, await vault.sign('join', body));
  if (answer.ok) return admitted(ports, state, answer.value);
  if (answer.code !== 'unreachable') await store.setJoining(undefined);
  return answer;
}

/** Asks for a node certificate for this device of somebody who has joined before. Refusal `unknown-identity` among others. */
export async function enrolDevice(ports: AccountPorts): Promise<Result<Membership>> {
  const { vault, authority, clock } = ports;
  const [state, ring] = await Promise.all([vault.state(), authority.ring()]);
  if (state.state === 'empty') return refuse('vault', t.join.keysGone);
  if (!ring.ok) return ring;
  const body = {
    v: 1 as const,
    ring: ring.value.ring,
    identityKey: state.identityKey,
    deviceKey: state.deviceKey,
    peerKey: state.peerKey,
    at: clock.now(),
  };
  const answer = await authority.enrol(body, await vault.sign('enrol', body));
  return answer.ok ? admitted(ports, state, answer.value) : answer;
}

/** Asks that the node of a removed device gets no further certificate. Refusals: the authority's, `unreachable`. */
export async function expelNode(
  { vault, authority, clock }: AccountPorts,
  nodeId: Id,
): Promise<Result<true>> {
  const [state, ring] = await Promise.all([vault.state(), authority.ring()]);
  if (state.state === 'empty') return refuse('vault', t.join.keysGone);
  if (!ring.ok) return ring;
  const body = {
    v: 1 as const,
    ring: ring.value.ring,
    identityKey: state.identityKey,
    nodeId,
    at: clock.now(),
  };
  return authority.expel(body, await vault.sign('expel', body));
}

/**
 * Takes over what the operator has changed of the ring (relays, numbers of copies), for the next start: of the same ring, and
 * newer. Whether there was something; refusal `unreachable` among others.
 */
export async function refreshDescriptor({ authority, store }: AccountPorts): Promise<Result<boolean>> {
  const descriptor = await authority.descriptor();
  if (!descriptor.ok) return descriptor;
  const kept = await store.membership();
  const { body } = descriptor.value;
  if (kept === undefined || !equalBytes(body.ring, kept.descriptor.body.ring)) return ok(false);
  if (body.serial <= kept.descriptor.body.serial) return ok(false);
  await store.keep({ ...kept, descriptor: descriptor.value });
  return ok(true);
}

/** Whether the node certificate should be renewed by now; a node that runs sees to it by itself. */
export function shouldRenew({ nodeCertificate }: Membership, now: number): boolean {
  return now >= renewalDueAt(nodeCertificate);
}

/** A membership is taken only if the authority signed it, for these keys; then the keys become the profile's own. */
async function admitted(
  { vault, store, clock }: AccountPorts,
  keys: PublicKeys,
  membership: Membership,
): Promise<Result<Membership>> {
  const { identityCertificate, nodeCertificate, descriptor } = membership;
  const now = clock.now();
  const checks = await Promise.all([
    verifyIdentityCertificate(identityCertificate, descriptor.body, now),
    verifyNodeCertificate(nodeCertificate, descriptor.body, now),
  ]);
  const wrong = checks.find((check) => !check.ok);
  const ours =
    equalBytes(identityCertificate.body.signKey, keys.identityKey) &&
    equalBytes(nodeCertificate.body.peerKey, keys.peerKey);
  if (wrong && !wrong.ok) return refuse('bad-answer', t.join.authorityGave({ what: wrong.reason }));
  if (!ours) return refuse('bad-answer', t.join.otherKeys);
  await vault.commit();
  await store.keep(membership);
  return ok(membership);
}
