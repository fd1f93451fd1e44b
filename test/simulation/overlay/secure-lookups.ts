/** Asks secure look-ups as storage does for what it writes or misses, and judges them by what the observer knows. */
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { idText, type Id, type Key } from '../../../src/core/codec/id.ts';
import type { LiveNode } from '../../../src/core/overlay/secure/neighbourhood.ts';
import { OwnRange } from '../../../src/core/overlay/secure/own-range.ts';
import type { Round, SecureLookupOutcome } from '../../../src/core/overlay/secure/secure-lookup.ts';
import { AGAIN_MS } from '../../../src/core/overlay/secure/secure-routing.ts';
import { NEAREST_SERVICE, nearestAnswer } from '../../../src/core/overlay/secure/statements.ts';
import { nearestQuestion } from '../../../src/core/overlay/secure/secure-run.ts';
import { rounded } from './figures.ts';
import type { Coalition } from './malice.ts';
import { MaliciousMachine } from './malice.ts';
import type { Layer, SimulatedNode } from './node.ts';
import { SecureLayer } from './secure-layer.ts';
import { LyingLayer, SecureLies } from './secure-liars.ts';
import type { World } from './world.ts';

/** As in src/core/overlay/overlay-node.ts: a secure look-up has so long, all its attempts together. */
const LOOKUP_MS = 30_000;
/** How long a question to a replica is waited for, on each of the ways to it. */
const REQUEST_MS = 2_000;
/** Replicas of a key. */
const K = 3;

/** Figures of secure look-ups; those that the asker's own leaf set covers are not made. */
export interface SecureSummary {
  readonly secureLookups: number;
  /** Share of look-ups whose result has every honest replica. */
  readonly secureReached: number;
  /** Share of look-ups after which every honest replica has answered a question. */
  readonly secureDelivered: number;
  /** Look-ups that ended with a replica set that is not whole. */
  readonly secureWrong: number;
  /** Look-ups that said that they could not tell. */
  readonly secureUncertain: number;
  /** Of those that did not end so: how many ended in each round. */
  readonly secureRounds: Readonly<Record<Round, number>>;
  readonly secureQuestions: number;
  readonly secureMs: number;
  readonly secureMsP99: number;
}

interface Asking {
  readonly key: Key;
  readonly node: SimulatedNode;
  readonly layer: SecureLayer;
  readonly began: number;
  readonly replicas: readonly number[];
  questions: number;
}

export class SecureLookups {
  readonly #world: World;
  readonly #layers = new Map<SimulatedNode, SecureLayer>();
  readonly #rounds: Record<Round, number> = { first: 0, audits: 0, redundant: 0, detours: 0 };
  readonly #times: number[] = [];
  readonly #coalition: Coalition;
  readonly #lies: SecureLies;
  /** Under way. */
  underWay = 0;
  #asked = 0;
  #reached = 0;
  #delivered = 0;
  #wrong = 0;
  #uncertain = 0;
  #questions = 0;

  constructor(world: World, coalition: Coalition) {
    this.#world = world;
    this.#coalition = coalition;
    this.#lies = new SecureLies(world, coalition, K);
  }

  /** Above the machine that the node runs now. */
  layersOf(node: SimulatedNode): readonly Layer[] {
    const { driver, directory, random } = this.#world;
    const port = driver.port(node);
    const layer = new SecureLayer(port, directory, random);
    this.#layers.set(node, layer);
    const { machine } = node;
    if (!(machine instanceof MaliciousMachine)) return [layer];
    return [new LyingLayer(port, layer, machine.malice, this.#coalition, this.#lies)];
  }

  /** By an honest node that is ready. `ended`: not called if the node dies before. */
  ask(node: SimulatedNode): void {
    const { random, truth, driver, now } = this.#world;
    const key = this.#uncovered(node, () => random.bytes(32) as Id);
    const replicas = truth.ring().nearest(key, K);
    const honest = replicas.filter((replica) => !driver.malicious.has(replica));
    const layer = this.#layers.get(node)!;
    this.underWay++;
    this.#attempt({ key, node, layer, began: now, replicas: honest, questions: 0 });
  }

  summary(): SecureSummary {
    const times = this.#times.sort((a, b) => a - b);
    const share = (count: number): number => rounded(count / this.#asked, 5);
    return {
      secureLookups: this.#asked,
      secureReached: share(this.#reached),
      secureDelivered: share(this.#delivered),
      secureWrong: this.#wrong,
      secureUncertain: this.#uncertain,
      secureRounds: this.#rounds,
      secureQuestions: rounded(this.#questions / this.#asked, 1),
      secureMs: Math.round(times.reduce((sum, ms) => sum + ms, 0) / this.#asked),
      secureMsP99: times[Math.floor(times.length * 0.99)]!,
    };
  }

  #uncovered(node: SimulatedNode, draw: () => Key): Key {
    const { machine, contact } = node;
    const range = new OwnRange(contact.nodeId, machine!.leafSet());
    for (;;) {
      const key = draw();
      const farthest = machine!.closest(key, K).at(-1)!.nodeId;
      if (range.spacing === undefined || !range.reaches(key, farthest)) return key;
    }
  }

  /** Too few answers: again, until the time is over. */
  #attempt(asking: Asking): void {
    const { key, layer, began } = asking;
    const left = Math.max(1, began + LOOKUP_MS - this.#world.now);
    layer.lookup(key, left, ({ outcome, questions }) => {
      asking.questions += questions;
      const again = !outcome.ok && outcome.reason !== 'sparse' && this.#world.now < began + LOOKUP_MS;
      if (again) this.#world.after(AGAIN_MS, () => this.#attempt(asking));
      else this.#end(asking, outcome);
    });
  }

  #end(asking: Asking, outcome: SecureLookupOutcome): void {
    const { directory, population, now } = this.#world;
    this.#asked++;
    this.#questions += asking.questions;
    this.#times.push(now - asking.began);
    if (!outcome.ok) this.#uncertain++;
    else this.#rounds[outcome.round]++;
    const found = new Map((outcome.ok ? outcome.nearest : []).map((live) => [idText(live.nodeId), live]));
    const replicas = asking.replicas.filter((node) => population.ready[node] === 1);
    const lives = replicas.flatMap((node) => found.get(idText(directory.id(node))) ?? []);
    const whole = lives.length === replicas.length;
    if (!whole || !outcome.ok) {
      if (outcome.ok) this.#wrong++;
      this.underWay--;
      return;
    }
    this.#reached++;
    this.#reachAll(asking, lives, outcome.contested);
  }

  #reachAll(asking: Asking, lives: readonly LiveNode[], contested: boolean): void {
    let [open, silent] = [lives.length, 0];
    const heard = (answered: boolean): void => {
      if (!answered) silent++;
      if (--open > 0) return;
      this.underWay--;
      if (silent === 0) this.#delivered++;
    };
    if (open === 0) [open] = [1, heard(true)];
    for (const live of lives) this.#reach(asking, live, contested ? live.journeys : [], heard);
  }

  /** By the ways that the look-up has found past liars, and by the ordinary one at last; as SecureRouting.reach. */
  #reach(
    asking: Asking,
    live: LiveNode,
    journeys: LiveNode['journeys'],
    heard: (answered: boolean) => void,
  ): void {
    const { layer, key } = asking;
    const [journey, ...others] = journeys;
    const nonce = utf8('an honest answer');
    const body = nearestQuestion({ key, nonce }, [], []);
    const sent = { service: NEAREST_SERVICE, body, timeoutMs: REQUEST_MS };
    layer.send(journey, { ...sent, last: live.nodeId }, (outcome) => {
      const answer = outcome.kind === 'response' ? nearestAnswer.decode(outcome.body) : undefined;
      const by = answer?.ok ? answer.value.statements[0]!.node : undefined;
      if (by && idText(by) === idText(live.nodeId)) return heard(true);
      if (journey === undefined) return heard(false);
      this.#reach(asking, live, others, heard);
    });
  }
}
