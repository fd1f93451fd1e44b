/**
 * What a coalition does to secure look-ups: it knows the whole ring, and answers whatever question reaches one of its members,
 * on the way or at its end. It has honest statements from whom they are about, and can alter none.
 */
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import type { Key, NodeId } from '../../../src/core/codec/id.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import { sortedByDistance } from '../../../src/core/overlay/leaf-set.ts';
import { shifted } from '../../../src/core/overlay/secure/density.ts';
import { FORWARD_SERVICE, forwardRequest } from '../../../src/core/overlay/secure/forward.ts';
import { namedBy } from '../../../src/core/overlay/secure/nearest-service.ts';
import {
  NEAREST_SERVICE,
  nearestAnswer,
  nearestRequest,
  type NearestRequest,
  type SignedStatement,
} from '../../../src/core/overlay/secure/statements.ts';
import type { Coalition, Malice } from './malice.ts';
import type { Layer, NodePort, UpwardEffect } from './node.ts';
import { isSecureService, statementOf, type SecureLayer } from './secure-layer.ts';
import type { World } from './world.ts';

/** Nodes that a statement names at most, and statements that an answer has beside its first. */
const NAMED_MAX = 16;
const NAMED_ALONE = 8;
const NAMED_BY_NEIGHBOURS = 4;

export class SecureLies {
  readonly #world: World;
  readonly #coalition: Coalition;
  readonly #k: number;

  /** `k`: replicas of a key. */
  constructor(world: World, coalition: Coalition, k: number) {
    this.#world = world;
    this.#coalition = coalition;
    this.#k = k;
    for (const service of [NEAREST_SERVICE, FORWARD_SERVICE])
      coalition.services.set(service, (_, body, liar, malice) => this.answer(service, body, liar, malice));
  }

  /** Undefined: none. `itself`: somebody linked with the liar has asked, and takes no answer but its own. */
  answer(service: string, body: Bytes, liar: Contact, malice: Malice, itself = false): Bytes | undefined {
    if (malice === 'drop') return undefined;
    const question = questionIn(service, body);
    if (question === undefined) return undefined;
    const statements = this.#statements(question, liar, malice, itself);
    return nearestAnswer.encode({ v: 1, statements });
  }

  #statements(question: NearestRequest, liar: Contact, malice: Malice, itself: boolean): SignedStatement[] {
    const { key, wanted } = question;
    const shown = malice === 'omit' ? this.#omitting(key) : this.#members(key);
    const closest = shown.find((node) => this.#isLiar(node)) ?? this.#world.directory.find(liar.nodeId);
    const speaker = itself ? this.#world.directory.find(liar.nodeId) : closest;
    const count = wanted === null ? NAMED_MAX : wanted.length;
    const others = shown.filter((node) => node !== speaker).slice(0, count);
    return [speaker, ...others].map((node) => this.#statement(node, question, shown, malice));
  }

  #statement(
    node: number,
    question: NearestRequest,
    shown: readonly number[],
    malice: Malice,
  ): SignedStatement {
    const { directory, nodes } = this.#world;
    const id = directory.id(node);
    if (!this.#isLiar(node)) {
      const { machine } = nodes[node]!;
      assert(machine !== undefined, 'who is ready runs');
      return statementOf(id, namedBy({ ...question, count: NAMED_BY_NEIGHBOURS }, machine.leafSet()).nearest);
    }
    if (malice === 'forge') return statementOf(id, this.#inventions(question.key));
    const named = shown.filter((other) => other !== node).slice(0, NAMED_ALONE);
    return statementOf(
      id,
      named.map((other) => directory.id(other)),
    );
  }

  /** All around the key but for its honest replicas. */
  #omitting(key: Key): readonly number[] {
    const around = this.#world.truth.ring().nearest(key, NAMED_MAX + 1 + this.#k);
    return around.filter((node, rank) => rank >= this.#k || this.#isLiar(node)).slice(0, NAMED_MAX + 1);
  }

  #members(key: Key): readonly number[] {
    return this.#coalition.running(key, NAMED_MAX + 1);
  }

  /** Beside the key; the coalition agrees on them. */
  #inventions(key: Key): readonly NodeId[] {
    const ids = Array.from({ length: NAMED_ALONE }, (_, i) =>
      shifted(key, (i - NAMED_ALONE / 2 + 0.5) / NAMED_ALONE / this.#world.population.aliveCount),
    );
    return sortedByDistance(
      key,
      ids.map((nodeId) => ({ nodeId })),
    ).map(({ nodeId }) => nodeId);
  }

  #isLiar(node: number): boolean {
    return this.#world.driver.malicious.has(node);
  }
}

/** In the place of a liar's layer. */
export class LyingLayer implements Layer {
  readonly #port: NodePort;
  readonly #honest: SecureLayer;
  readonly #malice: Malice;
  readonly #coalition: Coalition;
  readonly #lies: SecureLies;

  constructor(port: NodePort, honest: SecureLayer, malice: Malice, coalition: Coalition, lies: SecureLies) {
    this.#port = port;
    this.#honest = honest;
    this.#malice = malice;
    this.#coalition = coalition;
    this.#lies = lies;
  }

  receive(effect: UpwardEffect): boolean {
    if (effect.type !== 'deliver' || !isSecureService(effect.service)) return false;
    if (!this.#coalition.active || this.#malice === 'misroute') return this.#honest.receive(effect);
    const { service, body, delivery } = effect;
    const itself = delivery.path === 'link' && service === NEAREST_SERVICE;
    const answer = this.#lies.answer(service, body, this.#port.self, this.#malice, itself);
    if (answer !== undefined)
      this.#port.dispatch({ type: 'respond', delivery, answer: { kind: 'response', body: answer } });
    return true;
  }

  timer(now: number): void {
    this.#honest.timer(now);
  }
}

/** The question that is asked in the end. */
function questionIn(service: string, body: Bytes): NearestRequest | undefined {
  if (service === FORWARD_SERVICE) {
    const decoded = forwardRequest.decode(body);
    return decoded.ok && decoded.value.service === NEAREST_SERVICE
      ? questionIn(NEAREST_SERVICE, decoded.value.body)
      : undefined;
  }
  const decoded = nearestRequest.decode(body);
  return decoded.ok ? decoded.value : undefined;
}
