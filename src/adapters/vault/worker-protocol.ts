/** What page and service worker say to each other about the vault: messages, their schemas and limits. */
import * as v from 'valibot';
import { bytesMax, bytesOf, listOf, text } from '../../core/codec/schema.ts';
import { X25519_KEY_BYTES } from '../../core/crypto/hpke.ts';
import { SEAL_KEY_BYTES } from '../../core/crypto/seal.ts';
import { TRANSPORT_BYTES_MAX } from '../../core/identity/transport-signing.ts';
import type { Vault, VaultError } from '../../core/identity/vault.ts';

/** One sealed or opened item; drafts with attachments are sealed at rest too. */
const ITEM_BYTES_MAX = 64 * 1024 * 1024;
/** The sealed entropy and its tag. */
const PAIRING_BYTES_MAX = 256;
/** Items of one batch. */
export const BATCH_MAX = 10_000;

const items = listOf(bytesMax(ITEM_BYTES_MAX), BATCH_MAX);
const time = v.pipe(v.number(), v.finite());

/** Arguments by operation; bodies to be signed are checked by the vault against their purpose. */
const operations = {
  state: v.tuple([]),
  begin: v.tuple([]),
  restore: v.tuple([listOf(text(64), 100)]),
  beginPairing: v.tuple([]),
  sealForPairing: v.tuple([bytesOf(X25519_KEY_BYTES), bytesOf(SEAL_KEY_BYTES)]),
  acceptPairing: v.tuple([
    v.strictObject({ encapsulated: bytesOf(X25519_KEY_BYTES), ciphertext: bytesMax(PAIRING_BYTES_MAX) }),
    bytesOf(SEAL_KEY_BYTES),
  ]),
  commit: v.tuple([]),
  erase: v.tuple([]),
  sign: v.tuple([text(64), v.record(v.string(), v.unknown())]),
  signTransport: v.tuple([bytesMax(TRANSPORT_BYTES_MAX)]),
  createPrekey: v.tuple([time, v.boolean()]),
  dropPrekeys: v.tuple([time]),
  openSealed: v.tuple([
    bytesOf(X25519_KEY_BYTES),
    text(128),
    v.strictObject({ encapsulated: bytesOf(X25519_KEY_BYTES), ciphertext: bytesMax(ITEM_BYTES_MAX) }),
  ]),
  sealMailbox: v.tuple([items]),
  openMailbox: v.tuple([items]),
  sealAtRest: v.tuple([bytesMax(ITEM_BYTES_MAX)]),
  openAtRest: v.tuple([bytesMax(ITEM_BYTES_MAX)]),
} as const satisfies Record<keyof Vault, v.GenericSchema>;

export type Operation = keyof Vault;

/** Sent to the worker itself with one end of a MessageChannel: what follows goes over the port. */
export const openMessage = { type: 'epost/vault/open', v: 1 } as const;
const openSchema = v.strictObject({ type: v.literal(openMessage.type), v: v.literal(1) });

export function isOpenMessage(message: unknown): boolean {
  return v.is(openSchema, message);
}

/** Page to worker. The same id again means the same request: it is not carried out twice at the same time. */
export interface VaultRequest {
  readonly id: string;
  readonly operation: Operation;
  readonly args: readonly unknown[];
}

const requestSchema = v.strictObject({
  id: text(64),
  operation: v.picklist(Object.keys(operations) as [Operation, ...Operation[]]),
  args: v.array(v.unknown()),
});

/** Worker to page. `bye`: the worker is about to rest; whoever needs it opens a new port. */
export type VaultAnswer =
  | { readonly type: 'value'; readonly id: string; readonly value: unknown }
  | {
      readonly type: 'error';
      readonly id: string;
      readonly code: VaultError['code'];
      readonly message: string;
    }
  | { readonly type: 'bye' };

export type ParsedRequest =
  | { readonly ok: true; readonly request: VaultRequest }
  /** `id` is undefined when not even that can be read: there is nobody to answer. */
  | { readonly ok: false; readonly id: string | undefined; readonly reason: string };

/** Checks a message at the worker's edge. Never throws. */
export function parseRequest(message: unknown): ParsedRequest {
  const outer = v.safeParse(requestSchema, message, { abortEarly: true });
  if (!outer.success) {
    const id = v.safeParse(v.object({ id: text(64) }), message);
    return { ok: false, id: id.success ? id.output.id : undefined, reason: outer.issues[0].message };
  }
  const { id, operation } = outer.output;
  const args = v.safeParse(operations[operation], outer.output.args, { abortEarly: true });
  if (!args.success) return { ok: false, id, reason: `${operation}: ${args.issues[0].message}` };
  return { ok: true, request: { id, operation, args: args.output } };
}

/** A copy whose byte strings carry no more than themselves: cloning a view would send its whole buffer along. */
export function compact(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return value.byteLength === value.buffer.byteLength ? value : value.slice();
  if (Array.isArray(value)) return value.map(compact);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, compact(inner)]));
  return value;
}
