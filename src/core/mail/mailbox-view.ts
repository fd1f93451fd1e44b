/** Plain views of the mailbox for people: what each message, person and delivery looks like, in words. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { sentence } from './sentences.ts';
import type { Evidence } from './entries.ts';
import { messageIdOf, recipientsOf, type Correspondent, type MailHeaders } from './headers.ts';
import type { Added, Mailbox, MailItem, Step } from './mailbox.ts';
import {
  deliveryStates,
  type DeliveryState,
  type DeliveryView,
  type EvidenceView,
  type MessageView,
  type PersonView,
  type RecipientDeliveryView,
} from './views.ts';

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
  mailbox: Mailbox,
  underway: Underway | undefined,
): MessageView | undefined {
  const { added } = item;
  if (added === undefined || item.removed) return undefined;
  const { headers, from } = added;
  const person = (correspondent: Correspondent): PersonView => personView(correspondent, mailbox);
  return {
    id: item.id,
    folder: item.folder,
    from: { ...person(headers.from), identityKey: toHex(from) },
    to: headers.to.map(person),
    cc: headers.cc.map(person),
    subject: headers.subject,
    preview: headers.preview,
    at: headers.at,
    unread: item.unread,
    attachments: headers.attachments.map((attachment, index) => ({ index, ...attachment })),
    delivery: added.folder === 'sent' ? deliveryView(item, headers, mailbox, underway) : undefined,
    inReplyTo: headers.inReplyTo === null ? undefined : toHex(headers.inReplyTo),
  };
}

export function personView(correspondent: Correspondent, mailbox: Mailbox): PersonView {
  const known = mailbox.person(correspondent.address);
  return {
    name: known?.name || correspondent.name || correspondent.address,
    address: correspondent.address,
    identityKey: known && toHex(known.identityKey),
  };
}

function deliveryView(
  item: MailItem,
  headers: MailHeaders,
  mailbox: Mailbox,
  underway: Underway | undefined,
): DeliveryView {
  const recipients = recipientsOf(headers).map((correspondent): RecipientDeliveryView => {
    const person = personView(correspondent, mailbox);
    const steps = item.stepsOf(person.address);
    const state = item.stateOf(person.address);
    const waiting = underway?.waiting.get(person.address);
    return {
      person,
      state,
      reason: state === 'bounced' ? steps.get('bounced')?.reason : waiting,
      evidence: evidenceViews(steps, headers.at, person),
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
