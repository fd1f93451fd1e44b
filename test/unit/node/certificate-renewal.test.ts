/** A node certificate is renewed while the node runs, in time and patiently; and links end whose other end has not done so. */
import { describe, expect, it, test } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryHub } from '../../../src/adapters/memory/network.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { CLOCK_SKEW_MS } from '../../../src/core/codec/clock.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { NODE_CERTIFICATE_LIFE_MS } from '../../../src/core/codec/limits.ts';
import { ok, refuse, type Result } from '../../../src/core/codec/result.ts';
import type { NodeCertificate } from '../../../src/core/identity/certificates.ts';
import {
  CertificateRenewal,
  renewalDueAt,
  RETRY_MS_MAX,
  RETRY_MS_MIN,
} from '../../../src/core/node/certificate-renewal.ts';
import {
  endExpiredLinks,
  ENDED_AT_ONCE_MAX,
  expired,
  LOOK_MS,
} from '../../../src/core/node/expired-links.ts';
import { Notices } from '../../../src/core/node/notices.ts';
import { ownContact } from '../../../src/core/node/own-contact.ts';
import { overlayCodec } from '../../../src/core/overlay/messages.ts';
import type { LinkInfo } from '../../../src/core/overlay/network.ts';
import { createOverlay } from '../../../src/core/overlay/overlay-node.ts';
import { NetworkPeer } from '../../support/network-peer.ts';
import { createTestRing, type NodeCertificateChanges } from '../../support/ring.ts';
import { peerSigner } from '../../support/signer.ts';
import { turn } from '../../support/turn.ts';
import { MemberRing } from './member-ring.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** A running renewal of a fresh certificate; `answer` is what the authority says when it is asked. */
async function world() {
  const clock = new VirtualClock();
  const born = clock.now();
  const ring = await createTestRing('renewal');
  const { keys } = await ring.contact('ada');
  const issue = (changes: NodeCertificateChanges = {}) => {
    const notBefore = clock.now();
    const dates = { notBefore, notAfter: notBefore + NODE_CERTIFICATE_LIFE_MS };
    return ring.nodeCertificate('ada', keys.peer.publicKey, { ...dates, ...changes });
  };
  const contact = ownContact(await issue());
  const first = contact.certificate;
  const askedAt: number[] = [];
  const state: { answer: () => Promise<Result<NodeCertificate>> } = { answer: async () => ok(await issue()) };
  const notices = new Notices(() => undefined);
  const counters = new Counters(() => clock.now());
  const renewal = new CertificateRenewal({
    clock,
    random: new SeededRandom(1),
    counters,
    notices,
    trust: ring.trust,
    current: () => contact.certificate,
    ask: () => {
      askedAt.push(clock.now() - born);
      return state.answer();
    },
    renewed: (certificate) => contact.renew(certificate),
  });
  return { keys, clock, ring, issue, contact, first, askedAt, state, notices, counters, renewal };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await turn();
};

describe('a node certificate', () => {
  it('is renewed when a third of its life is left, and again in its time', async () => {
    const { clock, contact, first, askedAt, renewal } = await world();
    expect(renewalDueAt(first)).toBe(clock.now() + 20 * DAY_MS);
    await clock.advanceAsync(20 * DAY_MS - 1, settle);
    expect(askedAt).toEqual([]);
    await clock.advanceAsync(1, settle);
    expect(askedAt).toEqual([20 * DAY_MS]);
    expect(contact.certificate.body.notAfter).toBe(first.body.notAfter + 20 * DAY_MS);
    await clock.advanceAsync(21 * DAY_MS, settle);
    expect(askedAt).toEqual([20 * DAY_MS, 40 * DAY_MS]);
    await renewal.stop();
  });

  it('is asked for ever more rarely while the authority does not answer, and the person hears of it in time', async () => {
    const { clock, askedAt, state, notices, counters, renewal } = await world();
    state.answer = () => Promise.resolve(refuse('unreachable', 'The relay does not answer.'));
    await clock.advanceAsync(26.9 * DAY_MS, settle);
    const pauses = askedAt.slice(1).map((at, i) => at - askedAt[i]!);
    expect(pauses[0]).toBeLessThan(1.3 * RETRY_MS_MIN);
    expect(Math.max(...pauses)).toBeLessThan(1.3 * RETRY_MS_MAX);
    expect(askedAt.length).toBeLessThan(50);
    expect(counters.get('certificate.unreachable')).toBe(askedAt.length);
    expect(notices.list()).toEqual([]);
    await clock.advanceAsync(DAY_MS, settle);
    const [notice] = notices.list();
    expect(notice?.kind).toBe('warning');
    expect(notice?.text).toContain('ends in 3 days');
    await clock.advanceAsync(3 * DAY_MS, settle);
    expect(notices.list()[0]?.text).toContain('has ended');
    await renewal.stop();
  });

  it('is asked for at once when the network is back, and all is well then', async () => {
    const { clock, issue, contact, first, askedAt, state, notices, renewal } = await world();
    state.answer = () => Promise.reject(new Error('no network'));
    await clock.advanceAsync(29 * DAY_MS, settle);
    expect(notices.list()).toHaveLength(1);
    state.answer = async () => ok(await issue());
    renewal.wake();
    await clock.advanceAsync(0, settle);
    await settle();
    expect(askedAt.at(-1)).toBe(29 * DAY_MS);
    expect(contact.certificate.body.notAfter).toBe(first.body.notAfter + 29 * DAY_MS);
    expect(notices.list()).toEqual([]);
    await renewal.stop();
  });

  it.each<[string, NodeCertificateChanges]>([
    ['bad-signature', { name: 'ada@example.org' }],
    ['another-node', { nodeId: new Uint8Array(32) }],
    ['not-newer', { notAfter: Date.UTC(2026, 0, 1) + NODE_CERTIFICATE_LIFE_MS }],
  ])('is not replaced by one that is no better: %s', async (code, changes) => {
    const { clock, issue, contact, first, state, counters, renewal } = await world();
    state.answer = async () => {
      const certificate = await issue(changes);
      return ok(code === 'bad-signature' ? { ...certificate, signature: first.signature } : certificate);
    };
    await clock.advanceAsync(20 * DAY_MS, settle);
    await settle();
    expect(counters.get(`certificate.${code}`)).toBeGreaterThan(0);
    expect(contact.certificate).toBe(first);
    await renewal.stop();
  });
});

describe('a link whose certificate has expired', () => {
  const NOW = Date.UTC(2026, 0, 1);
  const link = async (name: string, notAfter: number, openedAt: number): Promise<LinkInfo> => {
    const ring = await createTestRing('links');
    const { contact } = await ring.contact(name, 'tab', { notAfter });
    return { contact, direct: true, openedAt, sentBytes: 0, receivedBytes: 0, rttMs: undefined };
  };

  it('ends; one that was made since with the same certificate after the grace that all certificates have', async () => {
    const good = await link('good', NOW, NOW - DAY_MS);
    const over = await link('over', NOW - 1, NOW - DAY_MS);
    const again = await link('again', NOW - HOUR_MS, NOW - 1);
    const long = await link('long', NOW - CLOCK_SKEW_MS - 1, NOW - HOUR_MS);
    expect(expired([good, over, again, long], NOW)).toEqual([long, over]);
  });

  it('ends with few others at a time', async () => {
    const clock = new VirtualClock(NOW);
    const links = await Promise.all(
      Array.from({ length: 6 }, (_, i) => link(`node-${i}`, NOW - i, NOW - DAY_MS)),
    );
    const open = new Set(links);
    const network = {
      links: () => [...open],
      close: (nodeId: Uint8Array) => {
        for (const one of open) if (one.contact.nodeId === nodeId) open.delete(one);
      },
    };
    const stop = endExpiredLinks(network, clock, new Counters(() => clock.now()));
    clock.advance(LOOK_MS);
    expect(open.size).toBe(6 - ENDED_AT_ONCE_MAX);
    clock.advance(LOOK_MS);
    expect(open.size).toBe(0);
    stop();
    expect(clock.nextAt()).toBeUndefined();
  });
});

test('the overlay shows the newer certificate in what it says of itself', async () => {
  const { clock, ring, issue, contact, first, renewal, keys } = await world();
  await renewal.stop();
  const hub = new MemoryHub({ clock, trust: ring.trust });
  const { contact: relay } = await ring.contact('relay', 'relay');
  const listener = new NetworkPeer(hub.network(relay), relay);
  await listener.start();
  const network = hub.network(contact);
  const ports = { self: contact, trust: ring.trust, network, clock, random: new SeededRandom(1) };
  const overlay = createOverlay({
    ...ports,
    vault: peerSigner(keys),
    counters: new Counters(() => clock.now()),
  });
  void overlay.start([relay]);
  const shown = (): (NodeCertificate | undefined)[] =>
    listener.messages.flatMap(({ message }) => {
      const decoded = overlayCodec.decode(message);
      return decoded.ok && decoded.value.m.type === 'join' ? [decoded.value.m.contacts[0]?.certificate] : [];
    });
  await clock.advanceAsync(1_000, settle);
  expect(shown()).toEqual([first]);
  clock.advance(HOUR_MS);
  contact.renew(await issue());
  overlay.wake();
  await clock.advanceAsync(60_000, settle);
  expect(shown().at(-1)).toEqual(contact.certificate);
  expect(contact.certificate).not.toEqual(first);
});

test('a node that stays open shows its newer certificate to those who come', async () => {
  const net = await MemberRing.create('renewed while open');
  const ada = await net.person('ada');
  const now = net.clock.now();
  const { nodeCertificate, ...rest } = ada.membership;
  const { peerKey, name } = nodeCertificate.body;
  const issue = (from: number) =>
    net.ring.nodeCertificate('ada', peerKey, { name, notBefore: from, notAfter: from + 30 * DAY_MS });
  const [old, fresh] = [await issue(now - 20 * DAY_MS + 5_000), await issue(now + 5_000)];
  const network = net.hub.network({ ...ada.contact, certificate: old });
  await ada.open(ada.store, {
    membership: { ...rest, nodeCertificate: old },
    network,
    renewCertificate: () => Promise.resolve(ok(fresh)),
  });
  await ada.online();
  const seen = (): NodeCertificate | undefined => net.relay.overlay.contact(old.body.nodeId)?.certificate;
  expect(seen()).toEqual(old);
  await net.until(() => ada.counters.get('certificate.renewed') === 1);
  expect(seen()).toEqual(old);
  network.close(net.relayContact.nodeId, 'test');
  await net.until(() => seen()?.body.notAfter === fresh.body.notAfter);
});
