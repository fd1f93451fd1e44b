/** A person who asks a relay's authority over HTTP, with real keys. */
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import {
  authorityRefusalCodec,
  checkRequestCodec,
  enrolRequestCodec,
  joinRequestCodec,
  membershipCodec,
  type JoinRequestBody,
  type Membership,
} from '../../../src/core/identity/join.ts';
import type { PublicKeys, Vault } from '../../../src/core/identity/vault.ts';

export const DAG_CBOR = 'application/vnd.ipld.dag-cbor';

export interface Candidate {
  readonly vault: Vault;
  readonly keys: PublicKeys;
}

/** Somebody with fresh keys. */
export async function candidate(): Promise<Candidate> {
  const vault = memoryVault();
  const { keys } = await vault.begin();
  return { vault, keys };
}

export function tokenOf(invitation: string): string {
  return invitation.split('/#/join/')[1]!;
}

export function post(url: string, path: string, body: Bytes, type = DAG_CBOR): Promise<Response> {
  return fetch(`${url}/authority/${path}`, { method: 'POST', headers: { 'content-type': type }, body });
}

/** A signed join request; `changes` are signed too. */
export async function joinRequest(
  { vault, keys }: Candidate,
  token: string,
  name: string,
  changes: Partial<JoinRequestBody> = {},
): Promise<Bytes> {
  const body: JoinRequestBody = {
    v: 1,
    token,
    name,
    displayName: name,
    ...keys,
    at: Date.now(),
    ...changes,
  };
  return joinRequestCodec.encode({ body, signature: await vault.sign('join', body) });
}

export async function enrolRequest({ vault, keys }: Candidate, ring: Bytes): Promise<Bytes> {
  const body = { v: 1 as const, ring, ...keys, at: Date.now() };
  return enrolRequestCodec.encode({ body, signature: await vault.sign('enrol', body) });
}

export function checkRequest(token: string, name?: string): Bytes {
  return checkRequestCodec.encode({ v: 1, token, ...(name === undefined ? {} : { name }) });
}

/** The answer to a request that was granted. */
export async function membershipIn(response: Response): Promise<Membership> {
  const decoded = membershipCodec.decode(await bytesOf(response));
  if (!decoded.ok) throw new Error(`${response.status}: ${decoded.reason}`);
  return decoded.value;
}

/** `<status> <code>` of a refusal, whose reason is checked to be a sentence. */
export async function refusalIn(response: Response): Promise<string> {
  const decoded = authorityRefusalCodec.decode(await bytesOf(response));
  if (!decoded.ok) throw new Error(`${response.status}: ${decoded.reason}`);
  if (!/^\p{Lu}|^“|@/u.test(decoded.value.reason) || !decoded.value.reason.endsWith('.'))
    throw new Error(`no sentence: ${decoded.value.reason}`);
  return `${response.status} ${decoded.value.code}`;
}

export async function bytesOf(response: Response): Promise<Bytes> {
  return new Uint8Array(await response.arrayBuffer());
}
