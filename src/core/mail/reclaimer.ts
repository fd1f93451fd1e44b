/**
 * Keeps what this person claims in the ring in line with the mailbox. What a message needs is claimed as soon as the message is there;
 * what nothing needs any more is given up: blocks of messages that were deleted for good, of messages that were kept but never sent,
 * and of logs behind their snapshots. Every step may be done again; of two devices that disagree the one that keeps wins, within the
 * grace of a release.
 */
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key } from '../codec/id.ts';
import { BackgroundTask } from '../post/background-task.ts';
import { mapBounded } from '../post/bounded.ts';
import { isLogOf, logOf, neededBlocks } from '../post/log-needs.ts';
import type { BlockInfo } from '../post/message-store.ts';
import type { Write } from '../storage/key-value-store.ts';
import { StorageError, type ClaimedPage, type Storage } from '../storage/storage.ts';
import { recipientsOf } from './headers.ts';
import type { KeepGate } from './keep-gate.ts';
import { MailError } from './mail-error.ts';
import type { Added } from './added.ts';
import type { MailItem } from './mailbox.ts';
import type { MailboxLog } from './mailbox-log.ts';
import { EXPIRY_MS } from './outbox.ts';
import type { ReferenceIndex } from './reference-index.ts';
import type { Trash } from './trash.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** After something changed it is looked at so much later, with what else has changed by then. */
export const SOON_MS = 5_000;
/** Everything is looked at so often: a page of what is kept at a time. */
export const ROUND_MS = 10 * 60_000;
/** What was sent and deleted is held for its recipients so long after the last of them has confirmed it: by then they claim it. */
export const SENT_GRACE_MS = 30 * DAY_MS;
/** What nothing is known to need is kept so long all the same: a message may just be being written, a snapshot being made. */
export const ORPHAN_MS = DAY_MS;
/** A part of a log that nobody needs stays so long: a disk that went back in time goes on from where it was. */
export const LOG_ORPHAN_MS = 90 * DAY_MS;
/** What is kept that is looked at in one round, and messages that are given up in it. */
export const SWEPT_MAX = 512;
export const RELEASED_MAX = 64;
const AT_ONCE = 2;

export interface ReclaimerPorts {
  readonly storage: Pick<Storage, 'claim' | 'claimed' | 'release' | 'fetch'>;
  readonly log: MailboxLog;
  readonly index: ReferenceIndex;
  readonly trash: Trash;
  readonly gate: KeepGate;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Where the walk over what is kept begins; unset: at the beginning. */
  readonly cursor?: Bytes;
  /** All blocks of a message. Rejects with MailError. */
  readonly blocksOf: (added: Added) => Promise<readonly BlockInfo[]>;
  /** To be written with the end of a message. */
  readonly forget: (id: string) => Write;
  readonly connected: () => boolean;
  readonly failed: (error: unknown) => void;
}

export class Reclaimer {
  readonly #ports: ReclaimerPorts;
  readonly #task: BackgroundTask;
  /** Messages of which not everything was known; asked for again once in a session. */
  readonly #again: Set<string>;
  #cursor: Bytes | undefined;
  #sweptAt = -Infinity;
  /** Since the last time that all of the mailbox was claimed. */
  #hasChanged = false;

  constructor(ports: ReclaimerPorts) {
    this.#ports = ports;
    this.#cursor = ports.cursor;
    this.#again = new Set(ports.index.partial());
    this.#task = new BackgroundTask(ports.clock, () => this.#round(), ports.failed);
  }

  /** The mailbox changed, or the network is there. */
  wake(): void {
    this.#hasChanged = true;
    this.#task.wake(SOON_MS);
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  async #round(): Promise<number> {
    const { trash, log, clock, connected } = this.#ports;
    await trash.lookAfter();
    if (!connected()) return ROUND_MS;
    // What the ring has not seen of this device's changes no other device can respect.
    if (!log.isFlushed(log.length)) return SOON_MS;
    this.#hasChanged = false;
    await this.#claimAll();
    const gone = this.#gone();
    const isSweepDue = clock.now() >= this.#sweptAt + ROUND_MS;
    if (gone.length === 0 && !isSweepDue) return this.#sweptAt + ROUND_MS - clock.now();
    // Another device may need what this one would give up.
    if (!(await log.caughtUp())) return ROUND_MS;
    for (const id of gone.slice(0, RELEASED_MAX))
      if (!(await this.#givingUp(() => this.#release(id)))) return SOON_MS;
    if (gone.length > RELEASED_MAX) return SOON_MS;
    if (isSweepDue && !(await this.#sweep())) return SOON_MS;
    return ROUND_MS;
  }

  /** False: not now, for something is being written, or has come that is not claimed yet. */
  async #givingUp(work: () => Promise<void>): Promise<boolean> {
    const done = await this.#ports.gate.releasing(async () => {
      if (this.#hasChanged) return false;
      await work();
      return true;
    });
    return done === true;
  }

  /** Claims what messages need that are not in the index yet. Rejects when one of them cannot be read just now. */
  async #claimAll(): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    await mapBounded(this.#unknown(), AT_ONCE, async (item) => {
      try {
        await this.#claim(item);
      } catch (error) {
        failure ??= { error };
      }
    });
    if (failure !== undefined) throw failure.error;
  }

  #unknown(): MailItem[] {
    const { log, index } = this.#ports;
    const isKnown = ({ id }: MailItem): boolean => index.has(id) && !this.#again.has(id);
    return [...log.mailbox.items()].filter((item) => this.#isHeld(item) && !isKnown(item));
  }

  async #claim({ id, added }: MailItem): Promise<void> {
    const { storage, index, counters } = this.#ports;
    const { blocks, isWhole } = await this.#blocksOf(added!);
    if (isWhole) await storage.claim(blocks);
    await index.add(id, blocks, isWhole);
    this.#again.delete(id);
    counters.add('mail.claimed');
  }

  /** Of what nobody in the ring has, or what is damaged, only its name is known. */
  async #blocksOf(added: Added): Promise<{ blocks: readonly BlockInfo[]; isWhole: boolean }> {
    try {
      return { blocks: await this.#ports.blocksOf(added), isWhole: true };
    } catch (error) {
      const isForGood = error instanceof MailError && ['not-found', 'too-large'].includes(error.code);
      if (!isForGood) throw error;
      const { key, sizeBytes } = added.reference;
      return { blocks: [{ key, sizeBytes }], isWhole: false };
    }
  }

  /** Messages in the index that need nothing any more. */
  #gone(): string[] {
    const { log, index } = this.#ports;
    return index.ids().filter((id) => {
      const item = log.mailbox.item(id);
      return item === undefined || !this.#isHeld(item);
    });
  }

  async #release(id: string): Promise<void> {
    const { storage, index, counters, forget } = this.#ports;
    const staying: BlockInfo[] = [];
    const going: Key[] = [];
    for (const block of await index.blocksOf(id))
      if (await index.isNeeded(block.key, id)) staying.push(block);
      else going.push(block.key);
    // Another device may have given up what it did not know to be needed here.
    await storage.claim(staying, true);
    await storage.release(going);
    await index.remove(id, [forget(id)]);
    counters.add('mail.released', going.length);
  }

  /** A page of what is kept: what nothing needs is noted, and given up when nothing has needed it for long. False: not to its end. */
  async #sweep(): Promise<boolean> {
    const { storage, clock } = this.#ports;
    const { claimed, next } = await storage.claimed(this.#cursor, SWEPT_MAX);
    const judge = new LogJudge(this.#ports);
    for (const one of claimed) if (!(await this.#givingUp(() => this.#sweepOne(one, judge)))) return false;
    this.#cursor = next;
    this.#sweptAt = clock.now();
    return true;
  }

  async #sweepOne(one: ClaimedPage['claimed'][number], judge: LogJudge): Promise<void> {
    const { index, storage, clock, counters } = this.#ports;
    const { key } = one;
    const noted = await index.orphan(key);
    const found = (await index.isNeeded(key)) ? 'needed' : await judge.judge(one);
    if (found === 'needed') {
      if (noted !== undefined) await index.noteOrphan(key, undefined);
      return;
    }
    const ofLog = found === 'of-log';
    if (noted === undefined) return index.noteOrphan(key, { v: 1, since: clock.now(), ofLog });
    if (clock.now() < noted.since + (noted.ofLog ? LOG_ORPHAN_MS : ORPHAN_MS)) return;
    await storage.release([key]);
    await index.noteOrphan(key, undefined);
    counters.add('mail.swept');
  }

  /** Whether its blocks are needed: it is in the mailbox, or its recipients count on it. */
  #isHeld(item: MailItem): boolean {
    if (item.added === undefined) return false;
    return !item.removed || isAwaited(item, this.#ports.clock.now());
  }
}

/** Whether recipients of a message that was sent have not confirmed it, or have not had the time to claim it. */
function isAwaited(item: MailItem, now: number): boolean {
  const { headers, folder } = item.added!;
  if (folder !== 'sent') return false;
  return recipientsOf(headers).some(({ address }) => {
    const steps = item.stepsOf(address);
    const done = steps.get('received') ?? steps.get('read');
    if (done !== undefined) return now < done.at + SENT_GRACE_MS;
    if (steps.has('bounced')) return false;
    const sentAt = steps.get('stored')?.at ?? headers.at;
    return now < sentAt + EXPIRY_MS + SENT_GRACE_MS;
  });
}

/** Tells what the logs need; looked up when it is first asked. */
class LogJudge {
  readonly #ports: Pick<ReclaimerPorts, 'storage' | 'log'>;
  #needs: Promise<{ readonly needed: ReadonlySet<string>; readonly judged: readonly Bytes[] }> | undefined;

  constructor(ports: Pick<ReclaimerPorts, 'storage' | 'log'>) {
    this.#ports = ports;
  }

  /** Of a block that no message needs. `of-log`: it was part of a log once. Rejects with StorageError. */
  async judge({ key, isHere }: ClaimedPage['claimed'][number]): Promise<'needed' | 'of-log' | 'of-none'> {
    const { needed, judged } = await (this.#needs ??= this.#look());
    if (needed.has(idText(key))) return 'needed';
    const block = isHere ? await this.#read(key) : undefined;
    if (block === undefined || logOf(block) === undefined) return 'of-none';
    // Of a log with two histories, or of which nothing was read, nobody can tell what it needs.
    return isLogOf(block, judged) ? 'of-log' : 'needed';
  }

  async #look(): Promise<{ needed: ReadonlySet<string>; judged: readonly Bytes[] }> {
    const { storage, log } = this.#ports;
    const known = log.known();
    const needs = await mapBounded(known, 1, (one) => neededBlocks(one, (key) => storage.fetch(key)));
    return {
      needed: new Set(needs.flatMap((names) => [...names])),
      judged: known.map(({ device }) => device),
    };
  }

  async #read(key: Key): Promise<Bytes | undefined> {
    try {
      return await this.#ports.storage.fetch(key);
    } catch (error) {
      if (error instanceof StorageError && error.code === 'not-found') return undefined;
      throw error;
    }
  }
}
