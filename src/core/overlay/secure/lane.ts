/**
 * One way out and all that is heard on it. Nodes that are named on a lane but have not spoken are asked for by way of those who
 * named them: a leaf set holds linked nodes only, so an honest node can fetch the word of whomever it names.
 */
import { compareDistance, idText, type Key, type NodeId } from '../../codec/id.ts';
import { onTo, type Journey } from './journeys.ts';
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
/** A lane that was used again in vain so many times in a row is given up. */
const FRUITLESS_MAX = 2;
/** Nodes whose word is fetched at once on the way to the key. */
const STEP_NODES = 8;

interface Speaker {
  readonly nodeId: NodeId;
  readonly journey: Journey;
  readonly named: Map<string, NodeId>;
  /** Names of those of them that it was asked for. */
  readonly asked: Set<string>;
  askedForAll: boolean;
}

interface Request {
  readonly speaker: Speaker;
  readonly wanted: readonly NodeId[];
}

export class Lane {
  /** A question of it is under way. */
  isBusy = true;
  #pursuits = 0;
  #fruitless = 0;
  /** Nothing to ask since the last answer: `still` without walking, `walking` with it. Those who are missing only get fewer. */
  readonly #dry = { still: false, walking: false };
  readonly #speakers = new Map<string, Speaker>();
  readonly #tries = new Map<string, number>();
  /** Names of those whose word was asked for, and did not come with the word of those who named them. */
  readonly #silent = new Set<string>();

  /** Whose turn it is when there are too many: the lowest first. */
  get order(): number {
    return this.#fruitless * PURSUITS_A_LANE + this.#pursuits;
  }

  /** All who have spoken on this lane and whom they have named. */
  speakers(): Iterable<Pick<Speaker, 'nodeId' | 'named'>> {
    return this.#speakers.values();
  }

  /** Whether this node's word was asked for here in vain, although who was asked for it has answered. */
  isSilent(name: string): boolean {
    return this.#silent.has(name);
  }

  /** Takes an answer: the statement of the node asked and, after it, those of its neighbours. */
  hear([own, ...others]: readonly Statement[], { journey, wanted }: Question, found: Neighbourhood): void {
    if (own === undefined) return;
    const heardBefore = this.#speakers.size;
    this.isBusy = false;
    this.#dry.still = this.#dry.walking = false;
    const speaker = this.#note(own, journey, found);
    for (const statement of others) {
      const onwards = onTo(journey, statement.nodeId);
      if (onwards) this.#note(statement, onwards, found);
    }
    this.#fruitless = this.#speakers.size > heardBefore ? 0 : this.#fruitless + 1;
    const asked = wanted === 'neighbours' ? [...speaker.named.keys()] : wanted.map(idText);
    for (const name of asked)
      if (this.#speakers.has(name)) this.#silent.delete(name);
      else this.#silent.add(name);
    if (wanted !== 'neighbours') return;
    speaker.askedForAll = true;
    for (const name of asked) this.#try(speaker, name);
  }

  /** No answer came: what has answered once and now does not is no way to the key. */
  close(): void {
    this.#fruitless = FRUITLESS_MAX;
  }

  /**
   * The next question of this lane, if there is any. `walks`: it finds its own way to the key, also by way of nodes that are
   * known to be live: whoever sent us their word may have kept back that of others.
   */
  pursue(found: Neighbourhood, walks: boolean): Question | undefined {
    const how = walks ? 'walking' : 'still';
    if (this.isBusy || this.#dry[how]) return undefined;
    if (this.#pursuits >= PURSUITS_A_LANE || this.#fruitless >= FRUITLESS_MAX) return undefined;
    const request = this.#forMissing(found) ?? (walks ? this.#forCloser(found.key) : undefined);
    const question = request ? this.#asked(request) : this.#forMore(found);
    if (question === undefined) this.#dry[how] = true;
    else {
      this.#pursuits += 1;
      this.isBusy = true;
    }
    return question;
  }

  /** To whoever names most of those that are missing; of equals, to the closest. */
  #forMissing(found: Neighbourhood): Request | undefined {
    let best: Request | undefined;
    for (const speaker of this.#speakers.values()) {
      const wanted = this.#unheard(speaker).filter((nodeId) => found.isMissing(nodeId));
      const count = best?.wanted.length ?? 0;
      if (wanted.length === 0 || wanted.length < count) continue;
      if (wanted.length > count || isCloser(found.key, speaker, best?.speaker)) best = { speaker, wanted };
    }
    return best;
  }

  /** For nodes closer to the key than all who have spoken here. */
  #forCloser(key: Key): Request | undefined {
    const closest = this.#closest(key);
    let best: Request | undefined;
    for (const speaker of this.#speakers.values()) {
      const wanted = this.#unheard(speaker)
        .filter((nodeId) => isCloser(key, { nodeId }, closest))
        .sort((a, b) => compareDistance(key, a, b))
        .slice(0, STEP_NODES);
      if (wanted.length === 0) continue;
      if (best === undefined || compareDistance(key, wanted[0]!, best.wanted[0]!) < 0)
        best = { speaker, wanted };
    }
    return best;
  }

  /** Too few have spoken to tell: the neighbours of those closest to the key. */
  #forMore(found: Neighbourhood): Question | undefined {
    if (found.isFull) return undefined;
    const speaker = this.#closest(found.key, ({ askedForAll }) => !askedForAll);
    if (speaker === undefined) return undefined;
    speaker.askedForAll = true;
    return { journey: speaker.journey, wanted: 'neighbours' };
  }

  #closest(key: Key, fits: (speaker: Speaker) => boolean = () => true): Speaker | undefined {
    let best: Speaker | undefined;
    for (const speaker of this.#speakers.values())
      if (fits(speaker) && isCloser(key, speaker, best)) best = speaker;
    return best;
  }

  #asked({ speaker, wanted }: Request): Question {
    for (const nodeId of wanted) this.#try(speaker, idText(nodeId));
    return { journey: speaker.journey, wanted };
  }

  #try({ asked }: Speaker, name: string): void {
    asked.add(name);
    this.#tries.set(name, (this.#tries.get(name) ?? 0) + 1);
  }

  /** Whom it has named of those who have not spoken on this lane and may still be asked for. */
  #unheard({ named, asked }: Speaker): NodeId[] {
    const unheard: NodeId[] = [];
    for (const [name, nodeId] of named)
      if (!this.#speakers.has(name) && !asked.has(name) && (this.#tries.get(name) ?? 0) < TRIES)
        unheard.push(nodeId);
    return unheard;
  }

  #note({ nodeId, nearest }: Statement, journey: Journey, found: Neighbourhood): Speaker {
    found.add(nodeId, journey);
    const name = idText(nodeId);
    let speaker = this.#speakers.get(name);
    if (speaker === undefined) {
      speaker = { nodeId, journey, named: new Map(), asked: new Set(), askedForAll: false };
      this.#speakers.set(name, speaker);
    }
    for (const other of nearest) speaker.named.set(idText(other), other);
    return speaker;
  }
}

function isCloser(key: Key, { nodeId }: { readonly nodeId: NodeId }, than: Speaker | undefined): boolean {
  return than === undefined || compareDistance(key, nodeId, than.nodeId) < 0;
}
