/** The service by which a node names the contacts of nodes it is linked with: what a look-up answers are ids only. */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type NodeId } from '../codec/id.ts';
import { codec, idSchema, listOf } from '../codec/schema.ts';
import { ROUTED_BYTES_MAX } from '../codec/limits.ts';
import type { ContactChecker } from './contact-checker.ts';
import { toWire, wireContact, type Contact, type Introduction } from './contact.ts';
import { ASKED_CONTACTS_MAX } from './messages.ts';
import { ServiceRefusal } from './overlay.ts';

export const INTRODUCTIONS_SERVICE = 'overlay.contacts';

export const introductionRequest = codec(
  'contacts request',
  v.strictObject({ v: v.literal(1), nodes: listOf(idSchema, ASKED_CONTACTS_MAX) }),
  2 * 1024,
);

/** Nodes that are not known are left out. */
export const introductionReply = codec(
  'contacts reply',
  v.strictObject({ v: v.literal(1), contacts: listOf(wireContact, ASKED_CONTACTS_MAX) }),
  ROUTED_BYTES_MAX,
);

/** Contacts kept that look-ups brought and the machine does not need. */
export const FOUND_CONTACTS_MAX = 512;

/** What others answered, checked; the longest known is forgotten first. */
export class FoundContacts {
  readonly #checker: ContactChecker;
  readonly #counters: Counters;
  /** By the nodes' names. */
  readonly #found = new Map<string, Introduction>();

  constructor(checker: ContactChecker, counters: Counters) {
    this.#checker = checker;
    this.#counters = counters;
  }

  get(nodeId: NodeId): Introduction | undefined {
    return this.#found.get(idText(nodeId));
  }

  async take(answer: Bytes): Promise<void> {
    const reply = introductionReply.decode(answer);
    if (!reply.ok) return this.#counters.refused('overlay', reply);
    for (const introduction of await this.#checker.check(reply.value.contacts)) this.add(introduction);
  }

  /** Its certificate was checked. */
  add(introduction: Introduction): void {
    if (this.#found.size >= FOUND_CONTACTS_MAX) this.#found.delete(this.#found.keys().next().value!);
    this.#found.set(idText(introduction.contact.nodeId), introduction);
  }

  contacts(): Contact[] {
    return [...this.#found.values()].map(({ contact }) => contact);
  }
}

/** Throws ServiceRefusal when the question is malformed. */
export function answerIntroductions(
  body: Bytes,
  introduction: (nodeId: NodeId) => Introduction | undefined,
): Bytes {
  const request = introductionRequest.decode(body);
  if (!request.ok) throw new ServiceRefusal(request.code, request.reason);
  const contacts = request.value.nodes.flatMap((nodeId) => introduction(nodeId) ?? []);
  return introductionReply.encode({
    v: 1,
    contacts: contacts.map(({ contact, via }) => toWire(contact, via)),
  });
}
