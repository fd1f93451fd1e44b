/** Secure look-ups over the whole driver: real certificates, signatures and routes (Castro et al., OSDI 2002). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { equalBytes, utf8 } from '../../../../src/core/codec/bytes.ts';
import { idText, type Key } from '../../../../src/core/codec/id.ts';
import { sha256 } from '../../../../src/core/crypto/hash.ts';
import { FORWARD_SERVICE, forwardRequest } from '../../../../src/core/overlay/secure/forward.ts';
import {
  NEAREST_SERVICE,
  nearestAnswer,
  nearestRequest,
} from '../../../../src/core/overlay/secure/statements.ts';
import { SecureRing } from './secure-ring.ts';

let ring: SecureRing;

beforeAll(async () => {
  ring = await SecureRing.of(39, 'secure');
}, 120_000);

afterAll(() => ring.stop());

/** A key that the first tab's leaf set does not cover. */
function farKeys(count: number): Key[] {
  const own = new Set(
    [ring.nodes[1]!.contact, ...ring.nodes[1]!.overlay.leafSet()].map(({ nodeId }) => idText(nodeId)),
  );
  const keys = Array.from({ length: 400 }, (_, i) => sha256(utf8(`key ${i}`)) as Key);
  return keys
    .filter((key) => ring.closest(key, 3).every((nodeId) => !own.has(idText(nodeId))))
    .slice(0, count);
}

describe('an honest ring', () => {
  test('a secure look-up names the nodes that are closest (§5)', async () => {
    for (const key of farKeys(6)) {
      const found = await ring.within(ring.nodes[1]!.overlay.lookup(key, { secure: true }));
      expect(found.nearest.slice(0, 8).map(({ nodeId }) => nodeId)).toEqual(ring.closest(key, 8));
    }
  });

  test('statements are signed for the nonce of the question (§5.2)', async () => {
    const [asker, key, nonce] = [ring.nodes[1]!, farKeys(1)[0]!, new Uint8Array(16).fill(7)];
    const question = nearestRequest.encode({ v: 1, key, nonce, count: 16, wanted: null, held: [] });
    const answer = nearestAnswer.decode(await ring.within(asker.overlay.ask(key, NEAREST_SERVICE, question)));
    if (!answer.ok) throw new Error(answer.reason);
    expect(answer.value.statements).toHaveLength(17);
    expect(answer.value.statements[0]!.node).toEqual(ring.closest(key, 1)[0]);
  });

  test('a request is handed on to a node that is linked, to no other, and only for services that allow it', async () => {
    const asker = ring.nodes[1]!;
    const hop = asker.overlay.leafSet()[0]!;
    const next = ring.node(hop.nodeId).overlay.leafSet()[3]!;
    const body = (service: string, id: Uint8Array<ArrayBuffer>) =>
      forwardRequest.encode({
        v: 1,
        stops: [{ to: 'node', id }],
        service,
        body: utf8('hello'),
        timeoutMs: 1_000,
      });
    const send = (service: string, id = next.nodeId) =>
      ring.within(asker.overlay.request(hop.nodeId, FORWARD_SERVICE, body(service, id)));
    expect(equalBytes(await send('echo'), utf8('hello'))).toBe(true);
    await expect(send('overlay.contacts')).rejects.toMatchObject({ refusalCode: 'not-forwarded' });
    await expect(send('echo', sha256(utf8('nobody')))).rejects.toMatchObject({ refusalCode: 'unreachable' });
  });
});
