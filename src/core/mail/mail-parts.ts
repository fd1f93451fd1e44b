/** What makes up the mail of one device: its parts, opened from the disk and tied to each other. */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { Random } from '../crypto/random.ts';
import { logWriters } from '../identity/identity-block.ts';
import type { Membership } from '../identity/join.ts';
import type { PublicKeys, Vault } from '../identity/vault.ts';
import type { Accounts, Person } from '../post/accounts.ts';
import type { LogEvidence } from '../post/log-evidence.ts';
import { MessageStore } from '../post/message-store.ts';
import type { Notifier } from '../post/notifier.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { claimKey, indexKey, placeOf } from '../storage/layout.ts';
import type { Storage } from '../storage/storage.ts';
import { Importer } from './importer.ts';
import { Incoming } from './incoming.ts';
import { KeepGate } from './keep-gate.ts';
import { MailboxLog, type LogAlarm, type MailboxChanges } from './mailbox-log.ts';
import { MessageReader } from './message-reader.ts';
import { Outbox } from './outbox.ts';
import { Puller } from './puller.ts';
import { Receipts } from './receipts.ts';
import { Reclaimer } from './reclaimer.ts';
import { ReferenceIndex } from './reference-index.ts';
import { Replication } from './replication.ts';
import { Trash } from './trash.ts';

export interface MailPorts {
  readonly store: KeyValueStore;
  readonly storage: Storage;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly membership: Membership;
  readonly keys: PublicKeys;
  readonly accounts: Accounts;
  readonly notifier: Notifier;
  /** Messages that the mailbox takes. Unset: MAILBOX_ITEMS_MAX. */
  readonly itemsMax?: number;
  /** Whether there is a ring beyond this node. */
  readonly connected: () => boolean;
  /** The mailbox changed, or what is known of a message under way. */
  readonly changed: (changes: MailboxChanges) => void;
  /** `evidence`: signed heads that prove it. */
  readonly alarm: (alarm: LogAlarm, evidence?: LogEvidence) => void;
  /** The ring has new entries of this device's log. */
  readonly grew: () => void;
  readonly fallbackUsed: (person: Person) => void;
  /** A person known before has another key now. */
  readonly keyChanged: (address: string) => void;
  readonly failed: (error: unknown) => void;
}

export interface MailParts {
  readonly messages: MessageStore;
  readonly reader: MessageReader;
  readonly log: MailboxLog;
  readonly outbox: Outbox;
  readonly receipts: Receipts;
  readonly puller: Puller;
  readonly gate: KeepGate;
  readonly importer: Importer;
  readonly replication: Replication;
  readonly reclaimer: Reclaimer;
}

/** The network is not needed. Rejects with StoreError or VaultError. */
export async function openParts(ports: MailPorts): Promise<MailParts> {
  const { membership, keys, accounts, notifier } = ports;
  const { ring, domain } = membership.descriptor.body;
  const messages = new MessageStore({ ...ports, ring, ringSecret: membership.ringSecret });
  const reader = new MessageReader(messages);
  const late: { puller?: Puller; reclaimer?: Reclaimer } = {};
  const read = (): void => late.puller?.wakeLater();
  const changed = (changes: MailboxChanges): void => {
    ports.changed(changes);
    late.reclaimer?.wake();
  };
  const writers = accounts.own === undefined ? [] : logWriters(accounts.own.block);
  const log = await MailboxLog.open({ ...ports, changed, read, deviceKey: keys.deviceKey }, writers);
  const shared = { ...ports, messages, log, identityKey: keys.identityKey, peerKey: keys.peerKey };
  const [outbox, receipts, puller, index, trash, replication] = await Promise.all([
    Outbox.open({
      ...shared,
      domain,
      changed: (id) => ports.changed({ ids: new Set([id]), people: new Set(), filing: false }),
    }),
    Receipts.open(shared),
    Puller.open({ ...shared, mailbox: log.mailbox }),
    ReferenceIndex.open(ports.store),
    Trash.open(shared),
    Replication.open(shared),
  ]);
  late.puller = puller;
  const incoming = new Incoming({ ...shared, domain, outbox, receipts, puller });
  notifier.handle('mail', (notification, remember) => incoming.mail(notification, remember));
  notifier.handle('receipt', (notification, remember) => incoming.receipt(notification, remember));
  const gate = new KeepGate();
  const reclaimer = new Reclaimer({
    ...shared,
    index,
    trash,
    gate,
    cursor: somewhere(ports.random),
    blocksOf: (added) => reader.blocks(added),
    forget: (id) => puller.removal(id),
  });
  late.reclaimer = reclaimer;
  const importer = new Importer({ ...shared, puller, replication });
  return { messages, reader, log, outbox, receipts, puller, gate, reclaimer, importer, replication };
}

/** Each session begins its walk over what is kept at another place, so that short ones get round as well. */
function somewhere(random: Random): ReturnType<typeof claimKey> {
  const [coin, ...rest] = random.bytes(33);
  const key = Uint8Array.from(rest);
  return coin! % 2 === 0 ? claimKey(key) : indexKey(placeOf('block', key));
}
