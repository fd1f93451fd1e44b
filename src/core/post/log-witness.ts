/**
 * Holds what each device's head says about the other logs against what the ring shows of them. A replica set, or a device, can
 * show two people different logs only as long as nobody who saw one reads a head of somebody who saw the other (Ivy §3.2;
 * SUNDR §3.2, fork consistency).
 */
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import type { StoredRecord } from '../storage/storage.ts';
import type { FollowedLog } from './followed-log.ts';
import type { LogEvidence } from './log-evidence.ts';
import type { LogPosition, SeenHead } from './log-head.ts';

/** This device's own log, as it can be held against what others have seen of it. */
export interface OwnLog {
  readonly next: number;
  readonly head: StoredRecord | undefined;
  chainAt(next: number): Promise<LogPosition['chain'] | undefined>;
  /** Others have seen more of it than this disk has. */
  recheck(): void;
}

export interface Finding extends LogEvidence {
  readonly kind: 'forked' | 'withheld';
}

export class LogWitness {
  readonly #deviceKey: Bytes;
  readonly #own: OwnLog;
  /** Logs that were shorter than another device has seen, at the last look. */
  #behind = new Set<string>();
  /** What was found right, by who says it of whom: one for each two devices. */
  readonly #agreed = new Map<string, string>();

  constructor(deviceKey: Bytes, own: OwnLog) {
    this.#deviceKey = deviceKey;
    this.#own = own;
  }

  /**
   * Looks at all heads once. `forked`: at once, and that log is read no further. `withheld`: when a log was too short at the last
   * look too, for it may just have been missed. Rejects with StoreError.
   */
  async compare(logs: readonly FollowedLog[]): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    const behind = new Map<string, Finding>();
    for (const witness of logs)
      for (const quote of witness.seen) {
        const finding = await this.#check(witness, quote, logs);
        if (finding?.kind === 'forked') findings.push(finding);
        if (finding?.kind === 'withheld') behind.set(toHex(finding.device), finding);
      }
    for (const [name, finding] of behind) if (this.#behind.has(name)) findings.push(finding);
    this.#behind = new Set(behind.keys());
    return findings;
  }

  async #check(
    witness: FollowedLog,
    quote: SeenHead,
    logs: readonly FollowedLog[],
  ): Promise<Finding | undefined> {
    const { device, next, chain } = quote;
    const followed = logs.find((log) => equalBytes(log.device, device));
    const isOwn = equalBytes(device, this.#deviceKey);
    const subject = isOwn ? this.#own : followed;
    // Not followed yet: the identity block names it soon. Of a removed one the identity block says where it ends.
    if (subject === undefined || followed?.ended === true) return undefined;
    const heads = [subject.head, witness.head].filter((head) => head !== undefined);
    const has = isOwn ? this.#own.next : followed!.position.next;
    if (next > has) {
      if (isOwn) this.#own.recheck();
      return { kind: 'withheld', device, heads };
    }
    const pair = `${toHex(witness.device)}/${toHex(device)}`;
    const said = `${next}/${toHex(chain)}`;
    if (this.#agreed.get(pair) === said) return undefined;
    const known = await subject.chainAt(next);
    if (known === undefined) return undefined; // Before the snapshot that this device began with: nothing to compare.
    if (equalBytes(known, chain)) {
      this.#agreed.set(pair, said);
      return undefined;
    }
    if (witness.head !== undefined) await followed?.suspend(witness.head);
    return { kind: 'forked', device, heads };
  }
}
