/** Starts the profile's session: vault, membership, and then the mailbox or the way in. */
import { openBroadcastChannel } from '../../adapters/broadcast-channel/broadcast-channel.ts';
import { RemoteClient } from '../../adapters/broadcast-channel/remote-client.ts';
import { openIdbKeyValueStore } from '../../adapters/idb/key-value-store.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { holdForLife } from '../../adapters/web-locks/locks.ts';
import type { Id } from '../../core/codec/id.ts';
import type { Result } from '../../core/codec/result.ts';
import type { Membership } from '../../core/identity/join.ts';
import type { Client } from '../../core/node/client.ts';
import type { KeyValueStore } from '../../core/storage/key-value-store.ts';
import { t } from '../i18n/translate.svelte.ts';
import type { OpenSearch } from '../search/search.svelte.ts';
import { openVault } from '../vault/open-vault.ts';
import {
  enrolDevice,
  expelNode,
  joinRing,
  refreshDescriptor,
  shouldRenew,
  type AccountPorts,
} from './account.ts';
import { AuthorityClient } from './authority-client.ts';
import { sealedDraftStore } from './draft-store.ts';
import { NODE_DATABASE, PROFILE_DATABASE, SEARCH_DATABASE } from './databases.ts';
import { eraseLeftovers } from './erase-profile.ts';
import { inspectClient } from './inspection.ts';
import { leadWhenFree } from './lead.ts';
import { MembershipStore } from './membership-store.ts';
import { brokenReason, createOnboarding } from './onboarding.ts';
import { ProfileClient } from './profile-client.ts';
import type { OpenPairing, Session, Stage } from './session.ts';

const CHANNEL = 'epost-client';
/** A newcomer's mailbox is shown after this time even if the ring was not reached. */
const REACHABLE_MS = 10_000;

type MemberStage = Extract<Stage, { readonly name: 'member' }>;

export function startSession(): Session {
  const listeners = new Set<(stage: Stage) => void>();
  let stage: Stage = { name: 'starting' };
  const enter = (next: Stage): void => {
    stage = next;
    for (const listener of [...listeners]) listener(next);
  };
  open(enter).catch((error: unknown) => enter({ name: 'broken', reason: brokenReason(error) }));
  return {
    subscribe(listener) {
      listeners.add(listener);
      listener(stage);
      return () => listeners.delete(listener);
    },
  };
}

/** The code of the node comes while the vault is asked, or a newcomer reads. Should it not come, starting the node says so. */
function nodeCode() {
  return import('./run-node.ts');
}

async function open(enter: (stage: Stage) => void): Promise<void> {
  nodeCode().catch(() => undefined);
  const vault = openVault();
  // Keys that are gone were erased: what they sealed is of no use, and would be in the way of another account.
  if ((await vault.state()).state === 'empty')
    await eraseLeftovers([PROFILE_DATABASE, NODE_DATABASE, SEARCH_DATABASE]);
  const profile = await openIdbKeyValueStore(PROFILE_DATABASE);
  const store = new MembershipStore(profile, vault);
  const ports: AccountPorts = { vault, authority: new AuthorityClient(), store, clock: systemClock };
  const membership = await existingMembership(ports);
  if (membership) return enter(memberStage(ports, profile, membership, enter));
  const joined = async (fresh: Membership): Promise<void> => {
    const stage = memberStage(ports, profile, fresh, enter);
    await reachable(stage.client);
    enter(stage);
  };
  enter({ name: 'no-account', onboarding: createOnboarding(ports, joined) });
}

/** What is kept, or what a join that was cut off comes to. */
async function existingMembership(ports: AccountPorts): Promise<Membership | undefined> {
  const { vault, store } = ports;
  const { state } = await vault.state();
  if (state === 'empty') return undefined;
  if (state === 'pending') {
    const joining = await store.joining();
    const joined = joining && (await joinRing(ports, joining));
    return joined?.ok ? joined.value : undefined;
  }
  const kept = await store.membership();
  if (kept) return kept;
  const enrolled = await enrolDevice(ports);
  if (!enrolled.ok) throw new Error(t.join.membershipLost({ why: enrolled.reason }));
  return enrolled.value;
}

function memberStage(
  ports: AccountPorts,
  profile: KeyValueStore,
  membership: Membership,
  enter: (stage: Stage) => void,
): MemberStage {
  const channel = openBroadcastChannel(CHANNEL);
  const client = new ProfileClient(new RemoteClient(channel, systemClock, crypto.randomUUID()));
  const drafts = sealedDraftStore(profile, ports.vault, (name) => holdForLife(navigator.locks, name));
  let persisted = false;
  void askToPersist().then((answer) => (persisted = answer));
  leadWhenFree({
    client,
    channel,
    failed: (error) => enter({ name: 'broken', reason: brokenReason(error) }),
    async startNode() {
      const { runNode } = await nodeCode();
      const current = await renewed(ports, membership);
      const renew = () => enrolDevice(ports);
      const expel = (nodeId: Id): Promise<Result<true>> => expelNode(ports, nodeId);
      const node = { membership: current, vault: ports.vault, renew, expel, persisted: () => persisted };
      const member = await runNode(node);
      // In the background: without the relay the ring goes on as it was described last.
      void refreshDescriptor(ports);
      return member;
    },
  });
  inspectClient(client);
  const { name, signKey } = membership.identityCertificate.body;
  const pairing: OpenPairing = async () =>
    (await import('./pairing.ts')).giverPairing(ports.vault, { address: name, identityKey: signKey });
  const search: OpenSearch = async (events) =>
    (await import('../search/open-search.ts')).openSearch(client, ports.vault, events);
  const erase = async (): Promise<void> => {
    await ports.vault.erase();
    location.hash = '';
    location.reload();
  };
  return { name: 'member', client, drafts, search, pairing, erase };
}

/** Who shows their address expects that others can write to it: resolves when they can, at the latest after REACHABLE_MS. */
function reachable(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      unsubscribe();
      resolve();
    };
    const cancel = systemClock.after(REACHABLE_MS, done);
    const unsubscribe = client.subscribe(({ state: { account } }) => {
      if (account.reachable) queueMicrotask(done);
    });
  });
}

/** Renewed when the node certificate comes to its end; without the relay the present one has to do. */
async function renewed(ports: AccountPorts, membership: Membership): Promise<Membership> {
  const kept = (await ports.store.membership()) ?? membership;
  if (!shouldRenew(kept, ports.clock.now())) return kept;
  const enrolled = await enrolDevice(ports);
  return enrolled.ok ? enrolled.value : kept;
}

/** Asks the browser to keep our data; some ask the person, some decide alone. */
async function askToPersist(): Promise<boolean> {
  const { storage } = navigator;
  if (!storage?.persist) return false;
  return (await storage.persisted()) || (await storage.persist());
}
