/** Plain views of the mailbox for people: what each message, person and delivery looks like, in words. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { sentence } from './sentences.ts';
import type { Evidence } from './evidence-schema.ts';
import { messageIdOf, recipientsOf, type Correspondent, type MailHeaders } from './headers.ts';
import type { Added } from './added.ts';
import type { Mailbox, MailItem, Step } from './mailbox.ts';
import {
  deliveryStates,
  type DeliveryState,
  type DeliveryView,
  type EvidenceView,
  type MessageView,
  type AttachmentView,
  type ContactView,
  type PersonView,
  type RecipientDeliveryView,
  type RecipientEvidenceView,
} from './views.ts';

const NO_ATTACHMENTS: readonly AttachmentView[] = [];

/** What is known of a delivery beyond the log: it concerns this moment of this device only. */
export interface Underway {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** By address: what it waits for. */
  readonly waiting: ReadonlyMap<string, string>;
}

/** Hexadecimal id that sender and recipients share; of a copy that one sent to oneself, that of the message sent. */
export function sharedIdOf({ from, headers }: Pick<Added, 'from' | 'headers'>): string {
  return toHex(messageIdOf(from, headers.nonce));
}

/** Undefined while the message is removed or not yet known. */
export function messageView(
  item: MailItem,
  people: People,
  underway: Underway | undefined,
): MessageView | undefined {
  const { added } = item;
  if (added === undefined || item.removed) return undefined;
  const { headers, from } = added;
  const { mailbox } = people;
  const person = (correspondent: Correspondent): PersonView => people.view(correspondent);
  return {
    id: item.id,
    sharedId: sharedIdOf(added),
    folder: mailbox.folderOf(item),
    from: people.sender(headers.from, toHex(from)),
    to: headers.to.map(person),
    cc: headers.cc.map(person),
    subject: headers.subject,
    preview: headers.preview,
    at: headers.at,
    unread: item.unread,
    starred: item.starred,
    labels: mailbox.labelsOf(item),
    attachments: attachmentViews(headers),
    delivery: added.folder === 'sent' ? deliveryView(item, headers, people, underway) : undefined,
    inReplyTo: headers.inReplyTo === null ? undefined : toHex(headers.inReplyTo),
  };
}

/** How a message that we sent got to each recipient; empty of others. */
export function evidenceViewsOf(item: MailItem, mailbox: Mailbox): RecipientEvidenceView[] {
  const { added } = item;
  if (added?.folder !== 'sent') return [];
  return recipientsOf(added.headers).map((correspondent) => {
    const { address } = correspondent;
    const person = personView(correspondent, mailbox);
    return { address, evidence: evidenceViews(item.stepsOf(address), added.headers.at, person) };
  });
}

function attachmentViews({ attachments }: MailHeaders): readonly AttachmentView[] {
  return attachments.length === 0
    ? NO_ATTACHMENTS
    : attachments.map((attachment, index) => ({ index, ...attachment }));
}

export function personView(correspondent: Correspondent, mailbox: Mailbox): PersonView {
  const known = mailbox.person(correspondent.address);
  const identityKey = known && toHex(known.identityKey);
  return {
    name: known?.name || correspondent.name || correspondent.address,
    address: correspondent.address,
    identityKey,
    ...trustIn(correspondent.address, identityKey, mailbox),
  };
}

export function contactView(address: string, mailbox: Mailbox): ContactView {
  return { ...personView({ address, name: '' }, mailbox), standing: mailbox.standingOf(address) };
}

/** Whether the person compared this key (hexadecimal; undefined: not known) with its owner, or another one. */
export function trustIn(
  address: string,
  identityKey: string | undefined,
  mailbox: Mailbox,
): Pick<PersonView, 'verified' | 'keyChanged'> {
  const compared = mailbox.verifiedKeyOf(address);
  if (compared === undefined || identityKey === undefined) return { verified: false, keyChanged: false };
  const verified = toHex(compared.identityKey) === identityKey;
  return { verified, keyChanged: !verified };
}

/** Whose mailbox it is. */
export interface KnownSelf {
  readonly address: string;
  /** Hexadecimal. */
  readonly identityKey: string;
}

/** Views of people, one object for all messages that show the same: a mailbox has few people and many messages. */
export class People {
  readonly mailbox: Mailbox;
  /** By address, then by what else is shown. */
  readonly #views = new Map<string, Map<string, PersonView>>();
  readonly #self: KnownSelf;

  constructor(mailbox: Mailbox, self: KnownSelf) {
    this.mailbox = mailbox;
    this.#self = self;
  }

  view(correspondent: Correspondent): PersonView {
    const { address, name } = correspondent;
    return this.#shared(address, name, () => personView(correspondent, this.mailbox));
  }

  /** Of a message that was signed with this key, which may be a former one. */
  sender(correspondent: Correspondent, identityKey: string): PersonView {
    const person = this.view(correspondent);
    // What we took in from elsewhere nobody signed here.
    if (identityKey === this.#self.identityKey && correspondent.address !== this.#self.address)
      return this.#shared(correspondent.address, 'unsigned', () => ({
        ...person,
        identityKey: undefined,
        verified: false,
        keyChanged: false,
      }));
    if (person.identityKey === identityKey) return person;
    const { address, name } = correspondent;
    const trust = trustIn(address, identityKey, this.mailbox);
    return this.#shared(address, `${name}\n${identityKey}`, () => ({ ...person, identityKey, ...trust }));
  }

  /** What is known of these addresses has changed. */
  forget(addresses: ReadonlySet<string>): void {
    for (const address of addresses) this.#views.delete(address);
  }

  #shared(address: string, shown: string, make: () => PersonView): PersonView {
    let views = this.#views.get(address);
    if (views === undefined) this.#views.set(address, (views = new Map()));
    let view = views.get(shown);
    if (view === undefined) views.set(shown, (view = make()));
    return view;
  }
}

function deliveryView(
  item: MailItem,
  headers: MailHeaders,
  people: People,
  underway: Underway | undefined,
): DeliveryView {
  const recipients = recipientsOf(headers).map((correspondent): RecipientDeliveryView => {
    const person = people.view(correspondent);
    const state = item.stateOf(person.address);
    const waiting = underway?.waiting.get(person.address);
    return {
      person,
      state,
      reason: state === 'bounced' ? item.stepsOf(person.address).get('bounced')?.reason : waiting,
    };
  });
  const storing = underway !== undefined && recipients.some(({ state }) => state === 'queued');
  return {
    state: leastAdvanced(recipients.map(({ state }) => state)),
    recipients,
    progress: storing ? { doneBytes: underway.doneBytes, totalBytes: underway.totalBytes } : undefined,
  };
}

function leastAdvanced(states: readonly DeliveryState[]): DeliveryState {
  if (states.includes('bounced')) return 'bounced';
  return deliveryStates.find((state) => states.includes(state)) ?? 'queued';
}

function evidenceViews(
  steps: ReadonlyMap<DeliveryState, Step>,
  queuedAt: number,
  person: PersonView,
): EvidenceView[] {
  const queued: EvidenceView = {
    state: 'queued',
    at: queuedAt,
    summary: sentence('evidence/written'),
    details: [],
  };
  const order: readonly DeliveryState[] = ['stored', 'notified', 'received', 'read', 'bounced'];
  const views = order.flatMap((state): EvidenceView[] => {
    const step = steps.get(state);
    if (step === undefined) return [];
    return [
      {
        state,
        at: step.at,
        summary: summaryOf(state, step, person),
        details: detailsOf(state, step.evidence),
      },
    ];
  });
  return [queued, ...views];
}

function summaryOf(state: DeliveryState, { evidence, reason }: Step, { name }: PersonView): string {
  switch (state) {
    case 'queued':
      return sentence('evidence/written');
    case 'stored':
      return evidence.holders === 1
        ? sentence('evidence/kept-by-one')
        : sentence('evidence/kept', { count: evidence.holders });
    case 'notified':
      if (evidence.by === 'device') return sentence('evidence/device', { name });
      return evidence.holders === 1
        ? sentence('evidence/inbox-by-one', { name })
        : sentence('evidence/inbox', { name, count: evidence.holders });
    case 'received':
      return sentence('evidence/received', { name });
    case 'read':
      return sentence('evidence/read', { name });
    case 'bounced':
      return reason ?? sentence('delivery/undelivered');
  }
}

function detailsOf(state: DeliveryState, { by, signatures }: Evidence): string[] {
  const what = {
    replicas: state === 'stored' ? 'block' : 'inbox entry',
    device: 'notification',
    person: 'notification',
    none: 'nothing',
  }[by];
  const who = by === 'person' ? 'device' : 'node';
  return signatures.map(
    ({ signer, about, at, signature }) =>
      `${who} ${short(signer)} signed for ${what} ${short(about)} on ${new Date(at).toISOString()} (signature ${short(signature)})`,
  );
}

function short(bytes: Bytes): string {
  return `${toHex(bytes.slice(0, 8))}…`;
}
