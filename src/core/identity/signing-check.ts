/** What a vault looks at before it signs: the body has the purpose's form and speaks for this vault's own keys. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { validate } from '../codec/schema.ts';
import { purposes, type SigningPurposes } from './signing-purposes.ts';
import type { PublicKeys } from './vault.ts';

export interface OwnKeys extends PublicKeys {
  hasPrekey(publicKey: Bytes): boolean;
}

/** Fields of each purpose's body that must name the vault's own keys: nobody signs in another's name by mistake. */
const ownFields: {
  readonly [P in keyof SigningPurposes]: Partial<Record<keyof SigningPurposes[P], keyof PublicKeys>>;
} = {
  join: { identityKey: 'identityKey', deviceKey: 'deviceKey', peerKey: 'peerKey' },
  enrol: { identityKey: 'identityKey', deviceKey: 'deviceKey', peerKey: 'peerKey' },
  expel: { identityKey: 'identityKey' },
  'device-certificate': { identityKey: 'identityKey' },
  'identity-record': { writer: 'identityKey' },
  'inbox-clear': { owner: 'identityKey' },
  'device-record': { writer: 'deviceKey' },
  prekey: { deviceKey: 'deviceKey' },
  notification: { from: 'identityKey' },
  backup: { device: 'deviceKey' },
  receipt: { holder: 'peerKey' },
  lease: { holder: 'peerKey' },
  'inbox-entry': { from: 'peerKey' },
  multicast: { from: 'peerKey' },
  anycast: { from: 'peerKey' },
  nearest: { by: 'peerKey' },
};

/** The body as it may be signed. Refusals: `unknown-purpose`, `bad-schema`, `foreign-key`. */
export function checkTyped<P extends keyof SigningPurposes>(
  purpose: P,
  body: unknown,
  own: OwnKeys,
): Result<SigningPurposes[P]> {
  if (!Object.hasOwn(purposes, purpose))
    return refuse('unknown-purpose', `nothing is signed for ${String(purpose).slice(0, 40)}`);
  const checked = validate(`${purpose} to be signed`, purposes[purpose].body, body);
  if (!checked.ok) return checked;
  const fields = checked.value as Readonly<Record<string, unknown>>;
  for (const [field, key] of Object.entries(ownFields[purpose]) as [string, keyof PublicKeys][])
    if (!equalBytes(fields[field] as Bytes, own[key]))
      return refuse('foreign-key', `a ${purpose} whose ${field} is not this vault's`);
  if (purpose === 'prekey' && !own.hasPrekey(fields['publicKey'] as Bytes))
    return refuse('foreign-key', 'a prekey that this vault does not have');
  return ok(checked.value as SigningPurposes[P]);
}
