/** What the profile keeps between visits beside its keys: its membership, and a join that is under way. */
import * as v from 'valibot';
import { utf8, type Bytes } from '../../core/codec/bytes.ts';
import { codec, text, type Codec } from '../../core/codec/schema.ts';
import { membershipCodec, type Membership } from '../../core/identity/join.ts';
import type { Vault } from '../../core/identity/vault.ts';
import type { KeyValueStore } from '../../core/storage/key-value-store.ts';

const MEMBERSHIP = utf8('membership');
const JOINING = utf8('joining');

const joining = v.strictObject({
  v: v.literal(1),
  token: text(128),
  address: text(320),
  displayName: text(100),
});
/** A join whose answer may have been lost: with the same keys it may be asked again. */
export type Joining = v.InferOutput<typeof joining>;
const joiningCodec = codec('join under way', joining, 2 * 1024);

export class MembershipStore {
  readonly #store: KeyValueStore;
  readonly #vault: Vault;

  constructor(store: KeyValueStore, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
  }

  /** Sealed: it carries the secret that only members know. Undefined when there is none, or none that opens. */
  async membership(): Promise<Membership | undefined> {
    const sealed = await this.#store.get(MEMBERSHIP);
    const opened = sealed && (await this.#vault.openAtRest(sealed));
    return opened?.ok ? decoded(membershipCodec, opened.value) : undefined;
  }

  /** Keeps it, and with it ends the join that was under way. */
  async keep(membership: Membership): Promise<void> {
    const sealed = await this.#vault.sealAtRest(membershipCodec.encode(membership));
    await this.#store.write([
      { type: 'put', key: MEMBERSHIP, value: sealed },
      { type: 'delete', key: JOINING },
    ]);
  }

  async joining(): Promise<Joining | undefined> {
    const bytes = await this.#store.get(JOINING);
    return bytes && decoded(joiningCodec, bytes);
  }

  async setJoining(join: Joining | undefined): Promise<void> {
    await this.#store.write([
      join
        ? { type: 'put', key: JOINING, value: joiningCodec.encode(join) }
        : { type: 'delete', key: JOINING },
    ]);
  }
}

function decoded<T>(valueCodec: Codec<T>, bytes: Bytes): T | undefined {
  const value = valueCodec.decode(bytes);
  return value.ok ? value.value : undefined;
}
