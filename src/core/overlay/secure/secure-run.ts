/** Drives one secure look-up: sends its questions, checks each answer before it becomes an event, keeps its time. */
import { concat, type Bytes } from '../../codec/bytes.ts';
import type { Clock } from '../../codec/clock.ts';
import type { Counters } from '../../codec/counters.ts';
import { idText, placeDistance, placeOf, PLACES, type Key, type NodeId } from '../../codec/id.ts';
import { STATEMENT_NODES_MAX } from '../../identity/signing-purposes.ts';
import type { Contact, Introduction } from '../contact.ts';
import { sortedByDistance } from '../leaf-set.ts';
import { OverlayError } from '../overlay.ts';
import type { Forwarder } from './forward.ts';
import type { Question, Wanted } from './lane.ts';
import {
  SecureLookup,
  type SecureLookupEffect,
  type SecureLookupEvent,
  type SecureLookupOptions,
  type SecureLookupOutcome,
} from './secure-lookup.ts';
import {
  checkStatement,
  HELD_BYTES,
  HELD_MAX,
  NEAREST_SERVICE,
  nearestAnswer,
  nearestRequest,
  type CheckedStatement,
  type StatementChecks,
} from './statements.ts';

/** How long one question is waited for. */
export const ANSWER_MS = 2_000;
/** Nodes that a node names when its neighbours' statements are not wanted. */
const NAMED_ALONE = 8;
/** How far from the key contacts are worth telling of, in mean distances between nodes. */
const HELD_REACH = 16;

export interface SecureRunPorts extends StatementChecks {
  readonly forwarder: Forwarder;
  readonly clock: Clock;
  readonly counters: Counters;
}

export interface SecureRunOptions extends SecureLookupOptions {
  /** Chosen at random for this look-up. */
  readonly nonce: Bytes;
  /** Contacts that we have: their certificates need not be sent. */
  readonly contacts: Iterable<Contact>;
}

export class SecureRun {
  readonly #ports: SecureRunPorts;
  readonly #question: { readonly key: Key; readonly nonce: Bytes };
  readonly #machine: SecureLookup;
  readonly #reach: number;
  /** Near the key, by name: those we had and those that came. */
  readonly #contacts = new Map<string, Contact>();
  readonly #introductions = new Map<string, Introduction>();
  readonly #done = Promise.withResolvers<SecureLookupOutcome>();
  #cancelTimer: () => void = () => undefined;

  constructor(ports: SecureRunPorts, options: SecureRunOptions) {
    this.#ports = ports;
    this.#question = { key: options.key, nonce: options.nonce };
    this.#machine = new SecureLookup(options);
    this.#reach = HELD_REACH * options.spacing * PLACES;
    for (const contact of options.contacts) this.#hold(contact);
  }

  /** Rejects with OverlayError `stopped`. */
  run(): Promise<SecureLookupOutcome> {
    this.#step({ type: 'begin' });
    return this.#done.promise.finally(() => this.#cancelTimer());
  }

  /** The contact of a node that has spoken in this look-up, with those who can introduce us. */
  introduction(nodeId: NodeId): Introduction | undefined {
    return this.#introductions.get(idText(nodeId));
  }

  #step(event: SecureLookupEvent): void {
    for (const effect of this.#machine.step(event, this.#ports.clock.now())) this.#perform(effect);
  }

  #perform(effect: SecureLookupEffect): void {
    const { clock } = this.#ports;
    switch (effect.type) {
      case 'ask':
        this.#ask(effect.route, effect.question).catch((error: unknown) => this.#done.reject(error));
        return;
      case 'set-timer':
        this.#cancelTimer();
        this.#cancelTimer = clock.after(Math.max(0, effect.at - clock.now()), () =>
          this.#step({ type: 'timer' }),
        );
        return;
      case 'complete':
        return this.#done.resolve(effect.outcome);
    }
  }

  async #ask(route: number, { journey, wanted }: Question): Promise<void> {
    const body = nearestQuestion(this.#question, wanted, this.#held());
    const statements = await this.#send(journey, body);
    if (statements.length === 0) return this.#step({ type: 'failure', route });
    const said = statements.map(({ contact, nearest }) => ({ nodeId: contact.nodeId, nearest }));
    this.#step({ type: 'answer', route, statements: said });
  }

  /** The good statements of an answer; none when that of the node itself is not good. */
  async #send(journey: Question['journey'], body: Bytes): Promise<readonly CheckedStatement[]> {
    const { forwarder, counters } = this.#ports;
    try {
      const request = { service: NEAREST_SERVICE, body, timeoutMs: ANSWER_MS };
      const answer = nearestAnswer.decode(await forwarder.send(journey, request));
      if (answer.ok) return await this.#check(answer.value.statements);
      counters.refused('overlay', answer);
      return [];
    } catch (error) {
      if (!(error instanceof OverlayError) || error.code === 'stopped') throw error;
      counters.add('overlay.secure-unanswered');
      return [];
    }
  }

  async #check(statements: Parameters<typeof checkStatement>[0][]): Promise<readonly CheckedStatement[]> {
    const { counters, checker, known } = this.#ports;
    const checks = {
      checker,
      known: (nodeId: NodeId) => this.#contacts.get(idText(nodeId)) ?? known(nodeId),
    };
    const results = await Promise.all(
      statements.map((statement) => checkStatement(statement, this.#question, checks)),
    );
    const good = results.flatMap((result) => {
      if (result.ok) return [result.value];
      counters.refused('overlay', result);
      return [];
    });
    for (const { contact, introduction } of good) {
      this.#hold(contact);
      this.#introductions.set(idText(contact.nodeId), introduction);
    }
    return results[0]!.ok ? good : [];
  }

  #hold(contact: Contact): void {
    const distance = placeDistance(placeOf(this.#question.key), placeOf(contact.nodeId));
    if (distance <= this.#reach) this.#contacts.set(idText(contact.nodeId), contact);
  }

  #held(): Bytes[] {
    const nearest = sortedByDistance(this.#question.key, this.#contacts.values());
    return nearest.slice(0, HELD_MAX).map(({ nodeId }) => concat(nodeId.subarray(0, HELD_BYTES)));
  }
}

/** The question of a look-up to one node. `held`: leading bytes of ids whose certificates need not be sent. */
export function nearestQuestion(
  { key, nonce }: { readonly key: Key; readonly nonce: Bytes },
  wanted: Wanted,
  held: Bytes[],
): Bytes {
  const all = wanted === 'neighbours';
  return nearestRequest.encode({
    v: 1,
    key,
    nonce,
    count: all ? STATEMENT_NODES_MAX : NAMED_ALONE,
    wanted: all ? null : wanted.slice(0, STATEMENT_NODES_MAX),
    held,
  });
}
