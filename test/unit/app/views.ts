/** Views as a node gives them, for the app's tests. */
import type { NodeSnapshot } from '../../../src/core/node/client.ts';
import type { DeliveryState, MessageView, PersonView } from '../../../src/core/mail/views.ts';

export function person(local: string, name = local): PersonView {
  const identityKey = local.padEnd(64, '0');
  return { name, address: `${local}@example.org`, identityKey, verified: false, keyChanged: false };
}

export function message(id: string, changes: Partial<MessageView> = {}): MessageView {
  return {
    id,
    sharedId: id,
    folder: 'inbox',
    from: person('bob', 'Bob'),
    to: [person('ada', 'Ada')],
    cc: [],
    subject: `Subject ${id}`,
    preview: 'First words',
    at: Date.UTC(2026, 10, 20, 10),
    unread: true,
    starred: false,
    labels: [],
    attachments: [],
    delivery: undefined,
    inReplyTo: undefined,
    ...changes,
  };
}

export function recipientAt(local: string, state: DeliveryState, reason?: string) {
  return { person: person(local), state, reason };
}

export function snapshot(messages: readonly MessageView[] = []): NodeSnapshot {
  return {
    account: {
      person: person('ada', 'Ada'),
      domain: 'example.org',
      reachable: true,
      nodeId: '00',
    },
    organization: { folders: [], labels: [], rules: [], readReceipts: false, requests: 'outsiders' },
    connection: { state: 'online', peers: 1, relay: true },
    disk: {
      blocks: 0,
      usedBytes: 0,
      storedBytes: 0,
      allowedBytes: 1000,
      unreplicated: 0,
      quotaBytes: 1,
      persisted: false,
      full: false,
    },
    messages,
    notices: [],
  };
}
