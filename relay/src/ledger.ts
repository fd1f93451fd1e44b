/** What the authority must not forget, in the relay's database: each change is one synced batch. */
import { concat, toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import type { Id } from '../../src/core/codec/id.ts';
import { codec, whole, type Codec } from '../../src/core/codec/schema.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import {
  memberEntryCodec,
  nodeEntryCodec,
  type AuthorityLedger,
  type LedgerChange,
  type MemberEntry,
  type NodeEntry,
} from '../../src/core/identity/authority-ledger.ts';
import { invitationCodec, type Invitation } from '../../src/core/identity/invitation.ts';
import type { KeyValueStore, Write } from '../../src/core/storage/key-value-store.ts';
import { OperatorError } from './operator-error.ts';

const SERIAL = utf8('serial');
const serialCodec = codec('serial', whole(), 16);

/** Members are stored under the hash of their name; `k/<identity key>` leads to that hash. */
export class StoredAuthorityLedger implements AuthorityLedger {
  readonly #store: KeyValueStore;

  /** `store`: a namespace of its own. */
  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  async serial(): Promise<number> {
    return (await this.#read(SERIAL, serialCodec)) ?? 0;
  }

  invitation(tokenHash: Id): Promise<Invitation | undefined> {
    return this.#read(keyOf('i', tokenHash), invitationCodec);
  }

  memberByName(name: string): Promise<MemberEntry | undefined> {
    return this.#read(keyOf('m', nameHash(name)), memberEntryCodec);
  }

  async memberByKey(identityKey: Bytes): Promise<MemberEntry | undefined> {
    const hash = await this.#store.get(keyOf('k', identityKey));
    return hash && this.#read(keyOf('m', hash), memberEntryCodec);
  }

  node(peerKey: Bytes): Promise<NodeEntry | undefined> {
    return this.#read(keyOf('n', peerKey), nodeEntryCodec);
  }

  async commit(change: LedgerChange): Promise<void> {
    const { serial, invitations = [], members = [], nodes = [], removeNodes = [] } = change;
    const writes: Write[] = [];
    const put = (key: Bytes, value: Bytes): number => writes.push({ type: 'put', key, value });
    if (serial !== undefined) put(SERIAL, serialCodec.encode(serial));
    for (const invitation of invitations)
      put(keyOf('i', invitation.tokenHash), invitationCodec.encode(invitation));
    for (const member of members) {
      const hash = nameHash(member.name);
      put(keyOf('m', hash), memberEntryCodec.encode(member));
      put(keyOf('k', member.identityKey), hash);
    }
    for (const peerKey of removeNodes) writes.push({ type: 'delete', key: keyOf('n', peerKey) });
    for (const node of nodes) put(keyOf('n', node.peerKey), nodeEntryCodec.encode(node));
    await this.#store.write(writes);
  }

  async #read<T>(key: Bytes, format: Codec<T>): Promise<T | undefined> {
    const bytes = await this.#store.get(key);
    if (!bytes) return undefined;
    const decoded = format.decode(bytes);
    if (decoded.ok) return decoded.value;
    throw new OperatorError(
      `The relay's database is damaged at ${toHex(key)} (${decoded.reason}): put it back from a back-up.`,
    );
  }
}

function keyOf(table: 'i' | 'm' | 'k' | 'n', id: Bytes): Bytes {
  return concat(utf8(`${table}/`), id);
}

function nameHash(name: string): Bytes {
  return sha256(utf8(name));
}
