/**
 * Secure look-ups on the overlay machines of the simulated world: the production machine and its services, driven by calls. The
 * counterpart of src/core/overlay/secure/{secure-run,nearest-service,forward}.ts. Nobody signs here: a statement is good if
 * its node is in the directory, and liars make none of nodes that are not theirs.
 */
import type { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { equalBytes } from '../../../src/core/codec/bytes.ts';
import { idText, type Key, type NodeId } from '../../../src/core/codec/id.ts';
import { SIGNATURE_BYTES } from '../../../src/core/crypto/sign.ts';
import { STATEMENT_NONCE_BYTES } from '../../../src/core/identity/signing-purposes.ts';
import type { CallOutcome } from '../../../src/core/overlay/machine-events.ts';
import type { ServiceAnswer } from '../../../src/core/overlay/messages.ts';
import { firstHopsOf } from '../../../src/core/overlay/secure/first-hops.ts';
import {
  departure,
  FORWARD_SERVICE,
  forwardRequest,
  FORWARDS_MAX,
  onwards,
  type Sent,
} from '../../../src/core/overlay/secure/forward.ts';
import type { Journey } from '../../../src/core/overlay/secure/journeys.ts';
import type { Question } from '../../../src/core/overlay/secure/lane.ts';
import {
  COLLECTIONS_MAX,
  namedBy,
  NEIGHBOUR_MS,
  neighbourQuestion,
} from '../../../src/core/overlay/secure/nearest-service.ts';
import type { Statement } from '../../../src/core/overlay/secure/neighbourhood.ts';
import { OwnRange } from '../../../src/core/overlay/secure/own-range.ts';
import {
  SecureLookup,
  type SecureLookupEvent,
  type SecureLookupOutcome,
} from '../../../src/core/overlay/secure/secure-lookup.ts';
import { ANSWER_MS, nearestQuestion } from '../../../src/core/overlay/secure/secure-run.ts';
import {
  NEAREST_SERVICE,
  nearestAnswer,
  nearestRequest,
  type SignedStatement,
} from '../../../src/core/overlay/secure/statements.ts';
import type { Directory } from './directory.ts';
import type { Layer, NodePort, UpwardEffect } from './node.ts';

export interface SecureEnded {
  readonly outcome: SecureLookupOutcome;
  readonly questions: number;
}

type Answered = (answer: ServiceAnswer) => void;

const SIGNATURE = new Uint8Array(SIGNATURE_BYTES);
const UNREACHABLE: ServiceAnswer = { kind: 'refusal', code: 'unreachable', reason: '' };
const BUSY: ServiceAnswer = { kind: 'refusal', code: 'busy', reason: '' };

export class SecureLayer implements Layer {
  readonly #port: NodePort;
  readonly #directory: Directory;
  readonly #random: SeededRandom;
  readonly #runs = new Set<Run>();
  #forwards = 0;
  #collections = 0;

  constructor(port: NodePort, directory: Directory, random: SeededRandom) {
    this.#port = port;
    this.#directory = directory;
    this.#random = random;
  }

  receive(effect: UpwardEffect): boolean {
    if (effect.type !== 'deliver' || !isSecureService(effect.service)) return false;
    const { delivery, service, body } = effect;
    this.#serve(service, body, (answer) => this.#port.dispatch({ type: 'respond', delivery, answer }));
    return true;
  }

  timer(now: number): void {
    for (const run of [...this.#runs]) run.timer(now);
  }

  /** One look-up, as SecureRouting makes it. */
  lookup(key: Key, timeoutMs: number, ended: (ended: SecureEnded) => void): void {
    const { self, overlay } = this.#port;
    const { spacing } = new OwnRange(self.nodeId, overlay.leafSet());
    const firstHops = firstHopsOf({ self, ...bound(overlay) }, this.#random);
    if (spacing === undefined || firstHops.length === 0)
      return ended({ outcome: { ok: false, reason: 'silent' }, questions: 0 });
    const machine = new SecureLookup({ key, firstHops, spacing, timeoutMs });
    const nonce = this.#random.bytes(STATEMENT_NONCE_BYTES);
    const run = new Run(
      this.#port,
      machine,
      (question, heard) => this.#ask(key, nonce, question, heard),
      (end) => {
        this.#runs.delete(run);
        ended(end);
      },
    );
    this.#runs.add(run);
    run.step({ type: 'begin' });
  }

  /** Sends a question on a journey; without one by the ordinary way to the node `last`. */
  send(journey: Journey | undefined, sent: Sent, ended: (outcome: CallOutcome) => void): void {
    if (journey === undefined)
      return this.#request(sent.last!, sent.service, sent.body, sent.timeoutMs, ended);
    const { via, constrained } = journey;
    const { start, service, body } = departure(journey, sent);
    const { timeoutMs } = sent;
    this.#port.call(
      (call) => ({ type: 'ask', call, key: start, service, body, timeoutMs, via, constrained }),
      ended,
    );
  }

  #ask(
    key: Key,
    nonce: Bytes,
    { journey, wanted }: Question,
    heard: (said: readonly Statement[]) => void,
  ): void {
    const body = nearestQuestion({ key, nonce }, wanted, []);
    this.send(journey, { service: NEAREST_SERVICE, body, timeoutMs: ANSWER_MS }, (outcome) =>
      heard(outcome.kind === 'response' ? this.#checked(outcome.body) : []),
    );
  }

  /** The good statements of an answer; none when the first one is not good. */
  #checked(body: Bytes): readonly Statement[] {
    const answer = nearestAnswer.decode(body);
    const statements = answer.ok ? answer.value.statements : [];
    const isGood = ({ node, nearest }: SignedStatement): boolean =>
      this.#directory.indexOf(node) >= 0 &&
      new Set([node, ...nearest].map(idText)).size === nearest.length + 1;
    if (statements[0] === undefined || !isGood(statements[0])) return [];
    return statements.filter(isGood).map(({ node, nearest }) => ({ nodeId: node, nearest }));
  }

  #serve(service: string, body: Bytes, answered: Answered): void {
    if (service === FORWARD_SERVICE) return this.#handOn(body, answered);
    this.#nearest(body, answered);
  }

  #nearest(body: Bytes, answered: Answered): void {
    const decoded = nearestRequest.decode(body);
    if (!decoded.ok) return answered({ kind: 'refusal', ...decoded });
    const { self, overlay } = this.#port;
    if (!overlay.ready) return answered({ kind: 'refusal', code: 'not-ready', reason: '' });
    const { nearest, wanted } = namedBy(decoded.value, overlay.leafSet());
    const statements: (SignedStatement | undefined)[] = [statementOf(self.nodeId, nearest)];
    const asked = this.#collections < COLLECTIONS_MAX ? wanted : [];
    let open = asked.length;
    const finish = (): void =>
      answered(responseOf(statements.filter((statement) => statement !== undefined)));
    if (open === 0) return finish();
    this.#collections++;
    const question = neighbourQuestion(decoded.value);
    for (const [i, nodeId] of asked.entries())
      this.#request(nodeId, NEAREST_SERVICE, question, NEIGHBOUR_MS, (outcome) => {
        statements[i + 1] = ownStatement(nodeId, outcome);
        if (--open > 0) return;
        this.#collections--;
        finish();
      });
  }

  #handOn(body: Bytes, answered: Answered): void {
    const decoded = forwardRequest.decode(body);
    if (!decoded.ok) return answered({ kind: 'refusal', ...decoded });
    if (this.#forwards >= FORWARDS_MAX) return answered(BUSY);
    this.#forwards++;
    this.#pass(decoded.value, (answer) => {
      this.#forwards--;
      answered(answer);
    });
  }

  #pass(request: Parameters<typeof onwards>[0], answered: Answered): void {
    const { self, overlay } = this.#port;
    const { next, service, body } = onwards(request);
    const { timeoutMs } = request;
    const ended = (outcome: CallOutcome): void => answered(answerOf(outcome));
    if (next.to === 'root')
      return this.send(
        { via: undefined, constrained: true, points: [next.id], through: [] },
        { service, body, timeoutMs },
        ended,
      );
    if (equalBytes(next.id, self.nodeId)) return this.#serve(service, body, answered);
    if (!overlay.isLinked(next.id)) return answered(UNREACHABLE);
    this.#request(next.id, service, body, timeoutMs, ended);
  }

  #request(
    to: NodeId,
    service: string,
    body: Bytes,
    timeoutMs: number,
    ended: (outcome: CallOutcome) => void,
  ): void {
    this.#port.call((call) => ({ type: 'request', call, to, service, body, timeoutMs }), ended);
  }
}

/** One look-up under way: drives its machine. */
class Run {
  readonly #port: NodePort;
  readonly #machine: SecureLookup;
  readonly #ask: (question: Question, heard: (said: readonly Statement[]) => void) => void;
  readonly #ended: (ended: SecureEnded) => void;
  #timerAt = Infinity;
  #questions = 0;

  constructor(
    port: NodePort,
    machine: SecureLookup,
    ask: (question: Question, heard: (said: readonly Statement[]) => void) => void,
    ended: (ended: SecureEnded) => void,
  ) {
    this.#port = port;
    this.#machine = machine;
    this.#ask = ask;
    this.#ended = ended;
  }

  timer(now: number): void {
    if (now < this.#timerAt) return;
    this.#timerAt = Infinity;
    this.step({ type: 'timer' });
  }

  step(event: SecureLookupEvent): void {
    for (const effect of this.#machine.step(event, this.#port.now()))
      switch (effect.type) {
        case 'ask': {
          const { route, question } = effect;
          this.#questions++;
          this.#ask(question, (statements) =>
            this.step(
              statements.length > 0 ? { type: 'answer', route, statements } : { type: 'failure', route },
            ),
          );
          break;
        }
        case 'set-timer':
          this.#timerAt = effect.at;
          this.#port.setTimer(effect.at);
          break;
        case 'complete':
          this.#ended({ outcome: effect.outcome, questions: this.#questions });
      }
  }
}

export function isSecureService(service: string): boolean {
  return service === NEAREST_SERVICE || service === FORWARD_SERVICE;
}

export function statementOf(node: NodeId, nearest: readonly NodeId[]): SignedStatement {
  return { node, nearest: [...nearest], signature: SIGNATURE, contact: null };
}

export function responseOf(statements: SignedStatement[]): ServiceAnswer {
  return { kind: 'response', body: nearestAnswer.encode({ v: 1, statements }) };
}

function ownStatement(nodeId: NodeId, outcome: CallOutcome): SignedStatement | undefined {
  if (outcome.kind !== 'response') return undefined;
  const answer = nearestAnswer.decode(outcome.body);
  const statement = answer.ok ? answer.value.statements[0] : undefined;
  return statement && equalBytes(statement.node, nodeId) ? statement : undefined;
}

function answerOf(outcome: CallOutcome): ServiceAnswer {
  return outcome.kind === 'response' || outcome.kind === 'refusal' ? outcome : UNREACHABLE;
}

function bound(overlay: NodePort['overlay']): Pick<NodePort['overlay'], 'leafSet' | 'closest'> {
  return { leafSet: () => overlay.leafSet(), closest: (key, count) => overlay.closest(key, count) };
}
