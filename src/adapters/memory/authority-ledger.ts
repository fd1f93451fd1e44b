/** An AuthorityLedger in memory, for tests and simulation. */
import { toHex, type Bytes } from '../../core/codec/bytes.ts';
import type {
  AuthorityLedger,
  LedgerChange,
  MemberEntry,
  NodeEntry,
} from '../../core/identity/authority-ledger.ts';
import type { Invitation } from '../../core/identity/invitation.ts';

export class MemoryAuthorityLedger implements AuthorityLedger {
  #serial = 0;
  readonly #invitations = new Map<string, Invitation>();
  readonly #byName = new Map<string, MemberEntry>();
  readonly #byKey = new Map<string, MemberEntry>();
  readonly #nodes = new Map<string, NodeEntry>();

  serial(): Promise<number> {
    return Promise.resolve(this.#serial);
  }

  invitation(tokenHash: Bytes): Promise<Invitation | undefined> {
    return Promise.resolve(this.#invitations.get(toHex(tokenHash)));
  }

  memberByName(name: string): Promise<MemberEntry | undefined> {
    return Promise.resolve(this.#byName.get(name));
  }

  memberByKey(identityKey: Bytes): Promise<MemberEntry | undefined> {
    return Promise.resolve(this.#byKey.get(toHex(identityKey)));
  }

  node(peerKey: Bytes): Promise<NodeEntry | undefined> {
    return Promise.resolve(this.#nodes.get(toHex(peerKey)));
  }

  commit({
    serial,
    invitations = [],
    members = [],
    nodes = [],
    removeNodes = [],
  }: LedgerChange): Promise<void> {
    if (serial !== undefined) this.#serial = serial;
    for (const invitation of invitations) this.#invitations.set(toHex(invitation.tokenHash), invitation);
    for (const member of members) {
      this.#byName.set(member.name, member);
      this.#byKey.set(toHex(member.identityKey), member);
    }
    for (const peerKey of removeNodes) this.#nodes.delete(toHex(peerKey));
    for (const node of nodes) this.#nodes.set(toHex(node.peerKey), node);
    return Promise.resolve();
  }
}
