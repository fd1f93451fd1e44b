/** Drafts on disk, sealed with the vault's key for this device, so that a closed tab loses nothing. */
import * as v from 'valibot';
import { concat, fromUtf8, utf8, type Bytes } from '../../core/codec/bytes.ts';
import { codec, listOf, text, timeSchema, whole } from '../../core/codec/schema.ts';
import type { Vault } from '../../core/identity/vault.ts';
import type { KeyValueStore } from '../../core/storage/key-value-store.ts';

/** Drafts kept at once, and the size of one; more text than that is not typed. */
const DRAFTS_MAX = 50;
const DRAFT_BYTES_MAX = 10 * 1024 * 1024;
const PREFIX = 'draft/';

const keptDraft = v.strictObject({
  v: v.literal(1),
  to: text(100_000),
  cc: text(100_000),
  subject: text(10_000),
  text: text(4_000_000),
  /** With its formatting; not there when it is written as plain text. */
  html: v.optional(text(4_000_000)),
  inReplyTo: v.optional(text(128)),
  forwarded: listOf(
    v.strictObject({
      messageId: text(128),
      attachment: v.strictObject({ index: whole(), name: text(1000), type: text(255), sizeBytes: whole() }),
    }),
    100,
  ),
  /** Handed over for sending: it goes out at this time, milliseconds since 1970, under this key. */
  waiting: v.optional(v.strictObject({ sendAt: timeSchema, sendKey: text(32) })),
  /** Names of attached files; their content is not kept. */
  files: listOf(text(1000), 1000),
});
export type KeptDraft = v.InferOutput<typeof keptDraft>;
const draftCodec = codec('draft', keptDraft, DRAFT_BYTES_MAX);

export interface DraftStore {
  newId(): string;
  /** The kept drafts that no other tab has open; they are this tab's from now on. */
  claim(): Promise<readonly { readonly id: string; readonly draft: KeptDraft }[]>;
  save(id: string, draft: KeptDraft): Promise<void>;
  remove(id: string): Promise<void>;
}

/** `hold` claims a name for this tab's life, or answers false when another tab has it. */
export function sealedDraftStore(
  store: KeyValueStore,
  vault: Vault,
  hold: (name: string) => Promise<boolean>,
): DraftStore {
  const claimed = new Set<string>();
  const claimOne = async (id: string): Promise<boolean> => {
    if (claimed.has(id)) return true;
    if (!(await hold(PREFIX + id))) return false;
    claimed.add(id);
    return true;
  };
  return {
    newId: () => crypto.randomUUID(),
    async claim() {
      const found: { id: string; draft: KeptDraft }[] = [];
      for (const key of await store.keys({ ...draftRange(), limit: DRAFTS_MAX })) {
        const id = fromUtf8(key).slice(PREFIX.length);
        if (!(await claimOne(id))) continue;
        // Read only now: the tab that had it may have changed or sent it until its end.
        const sealed = await store.get(key);
        if (sealed === undefined) continue;
        const opened = await vault.openAtRest(sealed);
        const draft = opened.ok ? draftCodec.decode(opened.value) : opened;
        if (draft.ok) found.push({ id, draft: draft.value });
      }
      return found;
    },
    async save(id, draft) {
      await claimOne(id);
      const sealed = await vault.sealAtRest(draftCodec.encode(withoutUndefined(draft)));
      await store.write([{ type: 'put', key: keyOf(id), value: sealed }]);
    },
    async remove(id) {
      await store.write([{ type: 'delete', key: keyOf(id) }]);
    },
  };
}

function keyOf(id: string): Bytes {
  return utf8(PREFIX + id);
}

function draftRange(): { readonly gte: Bytes; readonly lt: Bytes } {
  return { gte: utf8(PREFIX), lt: concat(utf8(PREFIX), new Uint8Array([0xff])) };
}

/** DAG-CBOR has no undefined. */
function withoutUndefined(draft: KeptDraft): KeptDraft {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined)) as KeptDraft;
}
