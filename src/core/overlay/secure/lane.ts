/**
 * One way out and all that is heard on it. Nodes that are named on a lane but have not spoken are asked for by way of those who
 * named them: a leaf set holds linked nodes only, so an honest node can fetch the word of whomever it names.
 */
import { compareDistance, idText, type Key, type NodeId } from '../../codec/id.ts';
import { onTo, type Journey } from './lanes.ts';
import type { Neighbourhood, Statement } from './neighbourhood.ts';

/** Whose statements are wanted besides that of the node asked: all its neighbours', or those of some. */
export type Wanted = 'neighbours' | readonly NodeId[];

export interface Question {
  readonly journey: Journey;
  readonly wanted: Wanted;
}

/** Questions on one lane after its first. */
export const PURSUITS_A_LANE = 4;
/** A node is asked for on one lane by way of so many others. */
const TRIES = 2;

interface Speaker {
  readonly nodeId: NodeId;
  readonly journey: Journey;
  /** Whom it has named of those who had not spoken. */
  readonly named: Map<string, NodeId>;
  /** Names of those of them that it was asked for. */
  readonly asked: Set<string>;
  askedForAll: boolean;
}

export class Lane {
  /** A question of it is under way. */
  isBusy = true;
  #pursuits = 0;
  readonly #speakers = new Map<string, Speaker>();
  readonly #tries = new Map<string, number>();

  get pursuits(): number {
    return this.#pursuits;
  }

  /** All who have spoken on this lane and whom they have named. */
  speakers(): Iterable<Pick<Speaker, 'nodeId' | 'named'>> {
    return this.#speakers.values();
  }

  /** Takes an answer: the statement of the node asked and, after it, those of its neighbours. */
  hear([own, ...others]: readonly Statement[], { journey, wanted }: Question, found: Neighbourhood): void {
    if (own === undefined) return;
    this.#note(own, journey, found);
    for (const statement of others) {
      const onwards = onTo(journey, statement.nodeId);
      if (onwards) this.#note(statement, onwards, found);
    }
    if (wanted !== 'neighbours') return;
    const speaker = this.#speakers.get(idText(own.nodeId))!;
    speaker.askedForAll = true;
    for (const name of speaker.named.keys()) this.#try(speaker, name);
  }

  /** The next question of this lane, if there is any. */
  pursue(found: Neighbourhood): Question | undefined {
    if (this.isBusy || this.#pursuits >= PURSUITS_A_LANE) return undefined;
    const question = this.#askForMissing(found) ?? this.#askForMore(found);
    if (question === undefined) return undefined;
    this.#pursuits += 1;
    this.isBusy = true;
    return question;
  }

  /** To whoever names most of those that are missing; of equals, to the closest. */
  #askForMissing(found: Neighbourhood): Question | undefined {
    let best: Speaker | undefined;
    let wanted: readonly NodeId[] = [];
    for (const speaker of this.#speakers.values()) {
      const missing = this.#missing(speaker, found);
      if (missing.length === 0 || missing.length < wanted.length) continue;
      const isBetter = missing.length > wanted.length || isCloser(found.key, speaker, best);
      if (isBetter) [best, wanted] = [speaker, missing];
    }
    if (best === undefined) return undefined;
    for (const nodeId of wanted) this.#try(best, idText(nodeId));
    return { journey: best.journey, wanted };
  }

  /** Too few have spoken to tell: the neighbours of those closest to the key. */
  #askForMore(found: Neighbourhood): Question | undefined {
    if (found.isFull) return undefined;
    const speaker = this.#closest(found.key);
    if (speaker === undefined) return undefined;
    speaker.askedForAll = true;
    return { journey: speaker.journey, wanted: 'neighbours' };
  }

  /** Of those who were not asked for their neighbours. */
  #closest(key: Key): Speaker | undefined {
    let best: Speaker | undefined;
    for (const speaker of this.#speakers.values())
      if (!speaker.askedForAll && isCloser(key, speaker, best)) best = speaker;
    return best;
  }

  #try({ asked }: Speaker, name: string): void {
    asked.add(name);
    this.#tries.set(name, (this.#tries.get(name) ?? 0) + 1);
  }

  #missing({ named, asked }: Speaker, found: Neighbourhood): readonly NodeId[] {
    const missing: NodeId[] = [];
    for (const [name, nodeId] of named)
      if (!asked.has(name) && (this.#tries.get(name) ?? 0) < TRIES && found.isMissing(nodeId))
        missing.push(nodeId);
    return missing;
  }

  #note({ nodeId, nearest }: Statement, journey: Journey, found: Neighbourhood): void {
    found.add(nodeId, journey);
    const name = idText(nodeId);
    const speaker = this.#speakers.get(name) ?? {
      nodeId,
      journey,
      named: new Map<string, NodeId>(),
      asked: new Set<string>(),
      askedForAll: false,
    };
    this.#speakers.set(name, speaker);
    for (const other of nearest) if (found.isMissing(other)) speaker.named.set(idText(other), other);
  }
}

function isCloser(key: Key, speaker: Speaker, than: Speaker | undefined): boolean {
  return than === undefined || compareDistance(key, speaker.nodeId, than.nodeId) < 0;
}
