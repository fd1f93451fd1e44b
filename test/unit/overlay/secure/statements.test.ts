/** Which statements are believed (Castro et al., OSDI 2002, §3 and §5.2), and what the services refuse. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8, type Bytes } from '../../../../src/core/codec/bytes.ts';
import { idText, type NodeId } from '../../../../src/core/codec/id.ts';
import { sha256 } from '../../../../src/core/crypto/hash.ts';
import { ContactChecker } from '../../../../src/core/overlay/contact-checker.ts';
import { toWire } from '../../../../src/core/overlay/contact.ts';
import type { Overlay } from '../../../../src/core/overlay/overlay.ts';
import { FORWARDS_MAX, Forwarder, forwardRequest } from '../../../../src/core/overlay/secure/forward.ts';
import { NearestService } from '../../../../src/core/overlay/secure/nearest-service.ts';
import {
  checkStatement,
  nearestAnswer,
  nearestRequest,
  statementBody,
  type SignedStatement,
} from '../../../../src/core/overlay/secure/statements.ts';
import { SecureRing, type SecureNode } from './secure-ring.ts';

const key = sha256(utf8('key'));
const question = { key, nonce: new Uint8Array(16).fill(1) };
let ring: SecureRing;
let one: SecureNode;
let two: SecureNode;

beforeAll(async () => {
  ring = await SecureRing.of(3, 'statements');
  [, one, two] = ring.nodes as [SecureNode, SecureNode, SecureNode];
}, 60_000);

afterAll(() => ring.stop());

async function signed(
  by: SecureNode,
  nearest: readonly NodeId[],
  asked: { readonly key: NodeId; readonly nonce: Bytes } = question,
): Promise<SignedStatement> {
  const { contact, sign } = by;
  const signature = await sign('nearest', statementBody(asked, contact.peerKey, nearest));
  return { node: contact.nodeId, nearest: [...nearest], signature, contact: toWire(contact) };
}

function check(statement: SignedStatement) {
  const checker = new ContactChecker(ring.ring.trust, ring.clock, one.counters);
  const known = (id: NodeId) => (idText(id) === idText(one.contact.nodeId) ? one.contact : undefined);
  return checkStatement(statement, question, { checker, known });
}

describe('a statement', () => {
  test('with a good certificate and signature is believed, and says who can introduce its node', async () => {
    const named = [two.contact.nodeId];
    const checked = await check(await signed(one, named));
    expect(checked.ok && checked.value.introduction.via).toEqual(named);
  });

  test('needs no certificate that the asker has', async () => {
    expect((await check({ ...(await signed(one, [])), contact: null })).ok).toBe(true);
    const unknown = { ...(await signed(two, [])), contact: null };
    expect(await check(unknown)).toMatchObject({ code: 'unknown-node' });
  });

  test('with the certificate of another node is refused (§3: nobody chooses his place)', async () => {
    const statement = { ...(await signed(one, [])), contact: toWire(two.contact) };
    expect(await check(statement)).toMatchObject({ code: 'wrong-node' });
  });

  test('that names a node twice, or itself, is refused', async () => {
    const other = two.contact.nodeId;
    expect(await check(await signed(one, [other, other]))).toMatchObject({ code: 'named-twice' });
    expect(await check(await signed(one, [one.contact.nodeId]))).toMatchObject({ code: 'named-twice' });
  });

  test('made for another look-up, another key, by another node, or altered, is refused (§5.2: fresh nonce)', async () => {
    const old = { key, nonce: new Uint8Array(16).fill(2) };
    const elsewhere = { ...question, key: sha256(utf8('elsewhere')) };
    const bad = [
      await signed(one, [], old),
      await signed(one, [], elsewhere),
      { ...(await signed(one, [])), signature: (await signed(two, [])).signature },
      { ...(await signed(one, [])), nearest: [two.contact.nodeId] },
    ];
    for (const statement of bad) expect(await check(statement)).toMatchObject({ code: 'bad-signature' });
  });
});

describe('the services', () => {
  const ask = (service: NearestService, wanted: NodeId[] | null) =>
    service.answer(nearestRequest.encode({ v: 1, ...question, count: 16, wanted, held: [] }));

  test('a node that is not ready says nothing of its neighbours', async () => {
    const overlay = { ready: false, leafSet: () => [], request: () => Promise.reject(new Error('unused')) };
    const ports = { self: () => one.contact, overlay, vault: { sign: one.sign }, counters: one.counters };
    await expect(ask(new NearestService(ports), null)).rejects.toMatchObject({ code: 'not-ready' });
    await expect(new NearestService(ports).answer(utf8('?'))).rejects.toMatchObject({
      name: 'ServiceRefusal',
    });
  });

  test('an answer has the word of the node and, if wanted, of its neighbours too', async () => {
    const { overlay, contact, sign, counters } = one;
    const service = new NearestService({ self: () => contact, overlay, vault: { sign }, counters });
    const alone = nearestAnswer.decode(await ring.within(ask(service, [])));
    expect(alone.ok && alone.value.statements.map(({ node }) => idText(node))).toEqual([
      idText(contact.nodeId),
    ]);
    const all = nearestAnswer.decode(await ring.within(ask(service, null)));
    expect(all.ok && all.value.statements).toHaveLength(4);
    for (const statement of all.ok ? all.value.statements : []) {
      const fresh = { ...statement, contact: toWire(ring.node(statement.node).contact) };
      expect((await check(fresh)).ok).toBe(true);
    }
  });

  test('a node hands on a bounded number of questions at once', async () => {
    const never = new Promise<Bytes>(() => undefined);
    const overlay: Pick<Overlay, 'ask' | 'request' | 'isLinked'> = {
      ask: () => never,
      request: () => never,
      isLinked: () => true,
    };
    const { contact, counters } = one;
    const forwarder = new Forwarder({ self: contact.nodeId, overlay, isForwardable: () => true, counters });
    const stops = [{ to: 'root' as const, id: key }];
    const body = forwardRequest.encode({ v: 1, stops, service: 'echo', body: utf8(''), timeoutMs: 1 });
    for (let i = 0; i < FORWARDS_MAX; i++) void forwarder.answer(body);
    await expect(forwarder.answer(body)).rejects.toMatchObject({ code: 'busy' });
  });
});
