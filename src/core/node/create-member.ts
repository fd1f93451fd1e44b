/**
 * Composes all layers into a member's node. What the disk knows is shown at once, also offline; the network is joined in the
 * background, and whatever waits for it goes on when it is there.
 */
import { toHex } from '../codec/bytes.ts';
import type { NodeCertificate, RingTrust } from '../identity/certificates.ts';
import { removedAt } from '../identity/identity-block.ts';
import { VaultError, type PublicKeys, type Vault } from '../identity/vault.ts';
import { Mail } from '../mail/mail.ts';
import type { Contact } from '../overlay/contact.ts';
import { OverlayError } from '../overlay/overlay.ts';
import { Accounts, type Person } from '../post/accounts.ts';
import { LogHints } from '../post/log-hints.ts';
import { Notifier } from '../post/notifier.ts';
import { PostError } from '../post/post-error.ts';
import { StoreError } from '../storage/key-value-store.ts';
import { StorageError } from '../storage/storage.ts';
import { BackupDesk } from './backup-desk.ts';
import { CertificateRenewal } from './certificate-renewal.ts';
import { DeviceDesk } from './device-desk.ts';
import { Expulsions } from './expulsions.ts';
import { watchDisk } from './disk-watch.ts';
import { MailClient } from './mail-client.ts';
import type { CreateMember, Member, MemberPorts } from './member.ts';
import {
  alarmNotice,
  diskFullNotice,
  endLogNotices,
  fallbackNotice,
  keyChangedNotice,
  Notices,
  overQuotaNotice,
  removedNotice,
  restoredNotice,
} from './notices.ts';
import { ownContact, type OwnContact } from './own-contact.ts';
import { createReplicaNode, type ReplicaNode } from './replica-node.ts';
import { WorldMemory } from './world-memory.ts';
import { WorldWatch } from './world-watch.ts';

/** How long stopping waits for the last changes to reach the ring: other devices of the person see them sooner. */
const FLUSH_MS = 1_000;
/** How long stopping waits for what is under way. */
const STOP_MS = 2_000;
/** Pause before the network is started again after it failed to start. */
const START_AGAIN_MS = 5_000;

/** Rejects with VaultError when there are no keys, with StoreError when the disk fails. */
export const createMember: CreateMember = async (given) => {
  const keys = await readyKeys(given.vault);
  const late: { client?: MailClient; mail?: Mail; world?: WorldWatch } = {};
  const notices = new Notices(() => {
    late.client?.emit();
    late.world?.dismissed();
  });
  const disk = watchDisk(given.store, (full) => {
    if (full) notices.show('disk-full', 'error', diskFullNotice);
    else notices.over('disk-full');
  });
  const ports: MemberPorts = { ...given, store: disk.store };
  const { membership, clock, counters } = ports;
  const { descriptor } = membership;
  const trust: RingTrust = { ring: descriptor.body.ring, authorityKey: descriptor.body.authorityKey };
  const contact = ownContact(membership.nodeCertificate);
  const doubted = (): boolean => late.world?.doubtful === true;
  const overQuota = (is: boolean): void => {
    if (is) notices.show('over-quota', 'warning', overQuotaNotice);
    else notices.over('over-quota');
  };
  const replica = await createReplicaNode({
    ...{ ...ports, contact, trust, descriptor: descriptor.body, doubted, overQuota },
  });
  const connected = (): boolean => replica.overlay.ready && replica.overlay.leafSet().length > 0;
  const failed = backgroundFailures(ports);
  const shared = { ...ports, ...replica, trust, keys, failed, connected };
  const memory = await WorldMemory.open({ ...shared, descriptor: descriptor.body });
  const world = new WorldWatch({ ...shared, memory, descriptor: descriptor.body, notices });
  late.world = world;
  const renewal = renewCertificate(ports, { contact, trust, notices });

  let restoring = false;
  const keyChanged = (address: string): void =>
    notices.show(`key/${address}`, 'warning', keyChangedNotice(address));
  const accounts = await Accounts.open({
    ...shared,
    nodeId: contact.nodeId,
    changed: (own) => {
      late.client?.emit();
      void follow(own).catch(failed);
    },
    keyChanged,
  });
  const firstStart = accounts.own === undefined;
  const notifier = await Notifier.open({
    ...shared,
    identity: membership.identityCertificate,
    device: accounts.device,
  });
  const hints = new LogHints({
    ...shared,
    deviceKey: keys.deviceKey,
    own: () => accounts.own,
    grew: () => late.mail?.look(),
  });
  const mail = await Mail.open({
    ...shared,
    grew: () => hints.tell(),
    accounts,
    notifier,
    changed: (ids) => late.client?.changed(ids),
    alarm: (alarm, evidence) => notices.show(...alarmNotice(alarm, evidence, keys.deviceKey)),
    keyChanged,
    fallbackUsed: ({ block }) =>
      notices.show(`fallback/${block.name}`, 'info', fallbackNotice(block.displayName)),
  });
  late.mail = mail;
  const backups = new BackupDesk({ ...shared, accounts, mail });
  const expulsions = await Expulsions.open({ ...shared, notices });
  const devices = new DeviceDesk({ ...shared, accounts, mail, expulsions });
  const client = new MailClient({
    ...shared,
    devices,
    mail,
    replica,
    backups,
    notices,
    identityKey: toHex(keys.identityKey),
    diskFull: disk.full,
    published: () => accounts.published,
  });
  late.client = client;

  /** The own identity block was read: on a device that came with the words, the whole mailbox follows from it. */
  async function follow(own: Person): Promise<void> {
    const removed = removedAt(own.block, keys.deviceKey);
    if (removed !== undefined) notices.show('removed', 'error', removedNotice(removed));
    for (const { deviceKey } of own.block.removed ?? []) endLogNotices(notices, toHex(deviceKey));
    await mail.follow(own);
    if (!firstStart || restoring || own.block.devices.length < 2) return;
    restoring = true;
    await mail.refresh();
    const { messages } = await client.snapshot();
    if (messages.length > 0) notices.show('restored', 'info', restoredNotice(messages.length));
  }

  let wasConnected = false;
  const unsubscribe = replica.overlay.subscribe((event) => {
    const isConnected = connected();
    if (isConnected && (!wasConnected || event.type === 'ready')) {
      accounts.hurry();
      expulsions.hurry();
      notifier.hurry();
      mail.hurry();
    }
    wasConnected = isConnected;
    client.emit();
  });

  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  const stopNetwork = startNetwork(replica, [...given.bootstrap, ...memory.bootstrap()], ports);
  return {
    client,
    wake: () => {
      replica.overlay.wake();
      renewal?.wake();
      if (connected()) mail.hurry();
    },
    async stop() {
      client.stop();
      backups.stop();
      unsubscribe();
      stopNetwork();
      if (connected()) await Promise.race([mail.flush(), pause(FLUSH_MS)]);
      const parts = [mail, notifier, accounts, expulsions, world, ...(renewal ? [renewal] : [])];
      const stopped = Promise.all(parts.map((part) => part.stop()));
      await replica.stop();
      await Promise.race([stopped, pause(STOP_MS)]);
      counters.add('node.stopped');
      await given.store.close();
    },
  } satisfies Member;
};

async function readyKeys(vault: Vault): Promise<PublicKeys> {
  const state = await vault.state();
  if (state.state !== 'ready') throw new VaultError('empty', 'This profile has no confirmed keys.');
  const { identityKey, deviceKey, peerKey } = state;
  return { identityKey, deviceKey, peerKey };
}

/** Joins in the background, and again when the network would not start. Returns what ends the attempts. */
function startNetwork(
  replica: ReplicaNode,
  bootstrap: readonly Contact[],
  { clock, counters }: MemberPorts,
): () => void {
  let stopped = false;
  let cancel: () => void = () => undefined;
  const start = (): void => {
    replica.start(bootstrap).catch((error: unknown) => {
      if (stopped) return;
      counters.refused('node', { code: 'network-start', reason: String(error) });
      cancel = clock.after(START_AGAIN_MS, start);
    });
  };
  start();
  return () => {
    stopped = true;
    cancel();
  };
}

function renewCertificate(
  { network, renewCertificate: ask, clock, random, counters }: MemberPorts,
  { contact, trust, notices }: { contact: OwnContact; trust: RingTrust; notices: Notices },
): CertificateRenewal | undefined {
  if (ask === undefined) return undefined;
  const current = (): NodeCertificate => contact.certificate;
  const renewed = (certificate: NodeCertificate): void => {
    contact.renew(certificate);
    network.renew(contact);
  };
  return new CertificateRenewal({ clock, random, counters, notices, trust, current, ask, renewed });
}

/** Work that failed in the background is tried again by itself: here it is only counted, by what failed. */
function backgroundFailures({ counters }: MemberPorts): (error: unknown) => void {
  return (error) => {
    if (error instanceof StorageError || error instanceof OverlayError || error instanceof VaultError)
      return counters.add(`node.waited-${error.code}`);
    if (error instanceof StoreError)
      return counters.refused('disk', { code: error.code, reason: error.message });
    if (error instanceof PostError)
      return counters.refused('node', { code: error.code, reason: error.message });
    counters.refused('node', { code: 'failed', reason: String(error) });
  };
}
