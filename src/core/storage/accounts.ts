/** Who stores how much on this node: what each member holds leases on, in bytes of blocks. */
import { assert } from '../codec/assert.ts';
import { idText, type Id } from '../codec/id.ts';
import { accountOf, isRelease } from './lease.ts';
import type { Lease } from './wire.ts';

export interface AccountStatement {
  /** Address of the member. */
  readonly name: string;
  /** Blocks here that the member holds a lease on, and their bytes: each is charged in full to everybody who holds it. */
  readonly blocks: number;
  readonly bytes: number;
}

/** One entry a member who holds anything here: bounded by the disk's leases. */
export class Accounts {
  readonly #statements = new Map<string, { name: string; blocks: number; bytes: number }>();

  bytesOf(account: Id): number {
    return this.#statements.get(idText(account))?.bytes ?? 0;
  }

  /** A member's lease on a block is another one now; undefined: there was, or is, none. */
  changed(before: Lease | undefined, after: Lease | undefined): void {
    this.#charge(before, -1);
    this.#charge(after, 1);
  }

  /** All of them, who stores most first. */
  statements(): readonly AccountStatement[] {
    return [...this.#statements.values()]
      .map((statement) => ({ ...statement }))
      .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  }

  #charge(lease: Lease | undefined, sign: 1 | -1): void {
    if (lease === undefined || isRelease(lease.body)) return;
    const account = idText(accountOf(lease));
    const { name } = lease.certificate.body;
    const known = this.#statements.get(account) ?? { name, blocks: 0, bytes: 0 };
    const [blocks, bytes] = [known.blocks + sign, known.bytes + sign * lease.body.sizeBytes];
    assert(blocks >= 0 && bytes >= 0, 'nobody stores less than nothing');
    if (blocks === 0) this.#statements.delete(account);
    else this.#statements.set(account, { name, blocks, bytes });
  }
}
