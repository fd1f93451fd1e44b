/** Asks the demonstration's own relay for a place in its ring: by the invitation once, as a known person later. */
import type { Clock } from '../src/core/codec/clock.ts';
import type { Bytes } from '../src/core/codec/bytes.ts';
import type { Codec } from '../src/core/codec/schema.ts';
import { ringDescriptorCodec } from '../src/core/identity/certificates.ts';
import {
  authorityRefusalCodec,
  enrolRequestCodec,
  joinRequestCodec,
  membershipCodec,
  type Membership,
} from '../src/core/identity/join.ts';
import type { PublicKeys, Vault } from '../src/core/identity/vault.ts';
import { DemoError } from './options.ts';

export interface Newcomer {
  /** Link of the relay's invitation. */
  readonly invitation: string;
  readonly address: string;
  readonly displayName: string;
}

/** May be repeated: the same keys get the same answer. Rejects with DemoError when the authority refuses. */
export async function joinRing(
  url: string,
  vault: Vault,
  keys: PublicKeys,
  clock: Clock,
  { invitation, address, displayName }: Newcomer,
): Promise<Membership> {
  const token = invitation.slice(invitation.lastIndexOf('/') + 1);
  const body = { v: 1 as const, token, name: address, displayName, ...publicKeys(keys), at: clock.now() };
  const signature = await vault.sign('join', body);
  return ask(`${url}/authority/join`, membershipCodec, joinRequestCodec.encode({ body, signature }));
}

/** A node certificate for a device of somebody who has joined before. Rejects with DemoError. */
export async function enrolDevice(
  url: string,
  vault: Vault,
  keys: PublicKeys,
  clock: Clock,
): Promise<Membership> {
  const { ring } = (await ask(`${url}/authority/ring`, ringDescriptorCodec)).body;
  const body = { v: 1 as const, ring, ...publicKeys(keys), at: clock.now() };
  const signature = await vault.sign('enrol', body);
  return ask(`${url}/authority/enrol`, membershipCodec, enrolRequestCodec.encode({ body, signature }));
}

function publicKeys({ identityKey, deviceKey, peerKey }: PublicKeys): PublicKeys {
  return { identityKey, deviceKey, peerKey };
}

async function ask<T>(url: string, codec: Codec<T>, body?: Bytes): Promise<T> {
  const headers = { 'content-type': 'application/vnd.ipld.dag-cbor' };
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body, headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const answer = codec.decode(bytes);
  if (response.ok && answer.ok) return answer.value;
  const refusal = authorityRefusalCodec.decode(bytes);
  throw new DemoError(refusal.ok ? refusal.value.reason : `${url} answers ${response.status}`);
}
