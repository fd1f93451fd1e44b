/**
 * The page of a hostile member: it joins like everybody, then runs a node out of the same parts, and lies. Driven by the test
 * through `window.hostile`.
 */
import '../../../src/adapters/libp2p/polyfill.ts';
import { Libp2pNetwork } from '../../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../../src/adapters/libp2p/private-key.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { showLanguage } from '../../../src/app/i18n/translate.svelte.ts';
import { joinRing } from '../../../src/app/session/account.ts';
import { AuthorityClient } from '../../../src/app/session/authority-client.ts';
import { MembershipStore } from '../../../src/app/session/membership-store.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { idText } from '../../../src/core/codec/id.ts';
import type { Codec } from '../../../src/core/codec/schema.ts';
import type { RingTrust } from '../../../src/core/identity/certificates.ts';
import type { Membership } from '../../../src/core/identity/join.ts';
import type { PublicKeys, Vault } from '../../../src/core/identity/vault.ts';
import { messageCodec } from '../../../src/core/mail/message.ts';
import { mailNoticeCodec, type MailHeaders } from '../../../src/core/mail/headers.ts';
import { reach } from '../../../src/core/mail/reach.ts';
import { createMulticast } from '../../../src/core/multicast/multicast-node.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { Overlay } from '../../../src/core/overlay/overlay.ts';
import { createOverlay } from '../../../src/core/overlay/overlay-node.ts';
import { Accounts } from '../../../src/core/post/accounts.ts';
import { MessageStore } from '../../../src/core/post/message-store.ts';
import { bytesSource } from '../../../src/core/post/source.ts';
import { Notifier } from '../../../src/core/post/notifier.ts';
import { createStorage, type StorageNode } from '../../../src/core/storage/create-storage.ts';
import { getBlockReply, readBlockReply } from '../../../src/core/storage/wire.ts';
import { signedByAnother } from '../../support/other-authority.ts';

/** How the node's certificate does not fit. */
export type Pretence = 'other-authority' | 'other-peer-key';

interface Member {
  readonly membership: Membership;
  readonly vault: Vault;
  readonly keys: PublicKeys;
}

const members = new Map<string, Member>();
const clock = systemClock;
const random = systemRandom;
const counters = new Counters(() => clock.now());
const store = new MemoryKeyValueStore();
let network: Libp2pNetwork;
let storage: StorageNode;
let overlay: Overlay;
let lies = 0;

const hostile = {
  /** Joins as a real member; hexadecimal node id, as the authority drew it. */
  async join(token: string, local: string): Promise<string> {
    await showLanguage('en');
    const vault = memoryVault();
    const { keys } = await vault.begin();
    const profile = new MembershipStore(new MemoryKeyValueStore(), vault);
    const ports = { vault, authority: new AuthorityClient(), store: profile, clock };
    const joined = await joinRing(ports, {
      v: 1,
      token,
      address: `${local}@example.org`,
      displayName: local,
    });
    if (!joined.ok) throw new Error(joined.reason);
    members.set(local, { membership: joined.value, vault, keys });
    return idText(joined.value.nodeCertificate.body.nodeId);
  },

  /** Starts this member's node; every block that it gives away is changed. */
  async lie(local: string): Promise<void> {
    await start(members.get(local)!, lying);
  },

  /** Starts a node whose certificate does not fit: another authority's signature, or one for the keys of `other`. */
  async pretend(local: string, pretence: Pretence, other: string): Promise<void> {
    const member = members.get(local)!;
    const { nodeCertificate } =
      pretence === 'other-peer-key' ? members.get(other)!.membership : member.membership;
    const forged = pretence === 'other-authority' ? await signedByAnother(nodeCertificate) : nodeCertificate;
    const membership = { ...member.membership, nodeCertificate: forged };
    // It never gets into the ring: `start` goes on trying.
    void start({ ...member, membership }, (honest) => honest);
  },

  /** Sends a message with an HTML body, as no composer of ours does. */
  async sendHtml(local: string, to: string, subject: string, html: string): Promise<void> {
    const member = members.get(local)!;
    await start(member, (honest) => honest);
    await inRing();
    await sendHtml(member, to, subject, html);
  },

  /** Changed blocks given away. */
  lies: () => lies,
  /** Links that are up. */
  links: () => network.links().length,
};

async function start(
  { membership, vault, keys }: Member,
  service: (honest: Overlay) => Overlay,
): Promise<void> {
  const { descriptor, nodeCertificate } = membership;
  const { ring, authorityKey, relays } = descriptor.body;
  const trust: RingTrust = { ring, authorityKey };
  const { nodeId } = nodeCertificate.body;
  const contact: Contact = {
    nodeId,
    peerKey: keys.peerKey,
    role: 'tab',
    certificate: nodeCertificate,
    addresses: [],
  };
  const privateKey = vaultPrivateKey(vault, keys.peerKey);
  network = new Libp2pNetwork({ role: 'tab', contact, trust, privateKey, clock, counters, relays });
  const node = createOverlay({ self: contact, network, vault, trust, clock, random, counters });
  overlay = service(node);
  storage = await createStorage({
    overlay,
    store,
    vault,
    trust,
    descriptor: descriptor.body,
    certificate: nodeCertificate,
    clock,
    random,
    counters,
  });
  await node.start([]);
}

/** Resolves when the node has neighbours that it may ask. */
function inRing(): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!overlay.ready || overlay.leafSet().length === 0) return;
      stop();
      resolve();
    };
    const stop = overlay.subscribe(look);
    look();
  });
}

/** The same overlay, but what is answered to `store/get-block` and `store/read-block` is another block. */
function lying(honest: Overlay): Overlay {
  return {
    self: honest.self,
    start: (bootstrap) => honest.start(bootstrap),
    get ready() {
      return honest.ready;
    },
    lookup: (key, options) => honest.lookup(key, options),
    request: (to, name, body, options) => honest.request(to, name, body, options),
    ask: (key, name, body, options) => honest.ask(key, name, body, options),
    cache: (name, cache) => honest.cache(name, cache),
    tell: (to, name, body) => honest.tell(to, name, body),
    listen: (name, handler) => honest.listen(name, handler),
    nextHop: (key) => honest.nextHop(key),
    isLinked: (nodeId) => honest.isLinked(nodeId),
    protect: (nodeId) => honest.protect(nodeId),
    leafSet: () => honest.leafSet(),
    closest: (key, count) => honest.closest(key, count),
    contact: (nodeId) => honest.contact(nodeId),
    subscribe: (listener) => honest.subscribe(listener),
    wake: () => honest.wake(),
    leave: () => honest.leave(),
    handle(name, handler) {
      if (name !== 'store/get-block' && name !== 'store/read-block') return honest.handle(name, handler);
      honest.handle(name, async (body, from) => {
        const answer = await handler(body, from);
        return name === 'store/get-block' ? changed(getBlockReply, answer) : changed(readBlockReply, answer);
      });
    },
  };
}

function changed<T extends { block: Bytes | null }>(codec: Codec<T>, answer: Bytes): Bytes {
  const reply = codec.decode(answer);
  if (!reply.ok) throw new Error(reply.reason);
  const block = reply.value.block?.slice() ?? random.bytes(1_000);
  block[block.length >> 1]! ^= 1;
  lies += 1;
  return codec.encode({ ...reply.value, block });
}

async function sendHtml(
  { membership, vault, keys }: Member,
  to: string,
  subject: string,
  html: string,
): Promise<void> {
  const { ring, authorityKey } = membership.descriptor.body;
  const { name, nodeId } = membership.nodeCertificate.body;
  const failed = (): void => undefined;
  const trust = { ring, authorityKey };
  const shared = {
    store,
    storage,
    overlay,
    multicast: createMulticast({ overlay, vault, trust, clock, random, counters, delaysMs: () => new Map() }),
    vault,
    clock,
    counters,
    keys,
    failed,
    trust,
  };
  const ignore = { changed: () => undefined, keyChanged: () => undefined };
  const accounts = await Accounts.open({ ...shared, ...ignore, membership, deviceLabel: 'hostile', nodeId });
  const identity = membership.identityCertificate;
  const notifier = await Notifier.open({ ...shared, identity, device: accounts.device });
  const messages = new MessageStore({ storage, ring, ringSecret: membership.ringSecret, random });
  const headers: MailHeaders = {
    nonce: random.bytes(16),
    from: { name: 'Mallory', address: name },
    to: [{ name: to, address: to }],
    cc: [],
    subject,
    preview: subject,
    at: clock.now(),
    inReplyTo: null,
    attachments: [],
  };
  const message = messageCodec.encode({
    v: 1,
    headers,
    text: { inline: '' },
    html: { inline: html },
    parts: [],
  });
  const { reference, blocks } = await messages.keep(bytesSource(message), 'random');
  await messages.insert(blocks);
  const content = mailNoticeCodec.encode({ v: 1, headers, reference });
  await reach({ accounts, notifier }, to, () => ({ id: random.bytes(16), kind: 'mail', content }), 'direct');
}

export type HostilePage = typeof hostile;
declare global {
  interface Window {
    hostile: HostilePage;
  }
}
window.hostile = hostile;
