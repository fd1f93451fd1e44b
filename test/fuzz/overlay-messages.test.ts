/** Whatever bytes or values arrive as overlay messages: a refusal or a message, never a crash. */
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { encodeCbor } from '../../src/core/codec/cbor.ts';
import { idText, type Id } from '../../src/core/codec/id.ts';
import { toWire, type Contact } from '../../src/core/overlay/contact.ts';
import { introductionReply, introductionRequest } from '../../src/core/overlay/introductions.ts';
import {
  BODY_BYTES_MAX,
  HOPS_MAX,
  overlayCodec,
  type OverlayMessage,
} from '../../src/core/overlay/messages.ts';
import { OverlayMachine } from '../../src/core/overlay/overlay-machine.ts';
import { contactOf, simulatedContact } from '../support/simulated-contact.ts';

const random = new SeededRandom('fuzz');
const contacts = Array.from({ length: 6 }, (_, i) =>
  simulatedContact(random.bytes(32) as Id, i === 0 ? 'relay' : 'tab'),
);

const bytes = (length: number): fc.Arbitrary<Id> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((raw) => new Uint8Array(raw) as Id);
const nodeId = fc.oneof(fc.constantFrom(...contacts.map((contact) => contact.nodeId)), bytes(32));
/** Few different ones, so that messages meet requests that are under way. */
const requestId = fc.nat(3).map((n) => new Uint8Array(16).fill(n));
const wire = fc.constantFrom(...contacts).map(toWire);
const body = fc.uint8Array({ maxLength: 40 }).map((raw) => new Uint8Array(raw));
const nodes = fc.array(nodeId, { maxLength: 16 });
const routed = {
  id: requestId,
  target: nodeId,
  hops: fc.array(nodeId, { minLength: 1, maxLength: HOPS_MAX }),
  timeoutMs: fc.nat(120_000),
};
const refusal = fc.record({
  kind: fc.constant('refusal' as const),
  code: fc.string({ maxLength: 64 }),
  reason: fc.string({ maxLength: 500 }),
});
const response = fc.record({ kind: fc.constant('response' as const), body });
const failure = fc.record({
  kind: fc.constant('failure' as const),
  code: fc.constantFrom('unreachable' as const, 'no-route' as const, 'too-large' as const),
});
const root = fc.record({
  kind: fc.constant('root' as const),
  nearest: fc.uniqueArray(nodeId, { minLength: 1, maxLength: 17, selector: idText }),
});
const service = fc.string({ maxLength: 64 });

const message: fc.Arbitrary<OverlayMessage> = fc.oneof(
  fc.record({ type: fc.constant('lookup' as const), ...routed }),
  fc.record({
    type: fc.constant('routed-request' as const),
    ...routed,
    service,
    body,
    at: fc.constantFrom('node' as const, 'root' as const),
    constrained: fc.boolean(),
  }),
  fc.record({ type: fc.constant('tell' as const), service, body }),
  fc.record({
    type: fc.constant('join' as const),
    ...routed,
    contacts: fc.array(wire, { minLength: 1, maxLength: 1 }),
  }),
  fc.record({ type: fc.constant('ack' as const), id: requestId, taken: fc.boolean() }),
  fc.record({
    type: fc.constant('reply' as const),
    id: requestId,
    hopCount: fc.nat(HOPS_MAX),
    outcome: fc.oneof(root, response, refusal, failure),
  }),
  fc.record({
    type: fc.constant('joined' as const),
    id: requestId,
    hopCount: fc.nat(HOPS_MAX),
    contacts: fc.array(wire, { maxLength: 64 }),
  }),
  fc.record({
    type: fc.constant('announce' as const),
    nodes,
    gone: fc.array(nodeId, { maxLength: 4 }),
    wantsReply: fc.boolean(),
  }),
  fc.record({ type: fc.constant('leave' as const), nodes }),
  fc.record({ type: fc.constant('ask-contacts' as const), nodes }),
  fc.record({ type: fc.constant('ask-row' as const), row: fc.nat(63) }),
  fc.record({ type: fc.constant('contacts' as const), contacts: fc.array(wire, { maxLength: 32 }) }),
  fc.record({ type: fc.constant('probe' as const), nonce: fc.nat() }),
  fc.record({ type: fc.constant('probe-reply' as const), nonce: fc.nat() }),
  fc.record({ type: fc.constant('request' as const), id: requestId, service, body }),
  fc.record({ type: fc.constant('response' as const), id: requestId, outcome: fc.oneof(response, refusal) }),
);

describe('decoders', () => {
  test.each([overlayCodec, introductionRequest, introductionReply])(
    '$name: random bytes are refused',
    (codec) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (raw) => {
          expect(codec.decode(raw).ok).toBe(false);
        }),
        { numRuns: 500 },
      );
    },
  );

  test('random values in an envelope are refused', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false, maxDepth: 2 }), (value) => {
        let encoded: Uint8Array;
        try {
          encoded = encodeCbor({ v: 1, m: value });
        } catch {
          return; // What DAG-CBOR cannot say, nobody can send.
        }
        expect(overlayCodec.decode(encoded).ok).toBe(false);
      }),
    );
  });

  test('every message comes back as it was; with a byte changed, cut or added it is refused or another message', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (m, place, value) => {
        const encoded = overlayCodec.encode({ v: 1, m });
        const decoded = overlayCodec.decode(encoded);
        expect(decoded.ok && overlayCodec.encode(decoded.value)).toEqual(encoded);
        expect(overlayCodec.decode(encoded.slice(0, place % encoded.length)).ok).toBe(false);
        expect(overlayCodec.decode(Uint8Array.of(...encoded, value)).ok).toBe(false);
        encoded[place % encoded.length] = value;
        const changed = overlayCodec.decode(encoded);
        if (!changed.ok) return;
        expect(overlayCodec.encode(changed.value)).toEqual(encoded);
        expect(v.is(overlayCodec.schema, changed.value)).toBe(true);
      }),
    );
  });

  test('an unknown version is refused by name', () => {
    const bytesOfV2 = encodeCbor({ v: 2, m: { type: 'probe', nonce: 1 } });
    expect(overlayCodec.decode(bytesOfV2)).toMatchObject({ ok: false, code: 'unknown-version' });
  });

  test('what is over its maximum is refused', () => {
    const probe = {
      v: 1,
      m: { type: 'request', id: new Uint8Array(16), service: 's', body: new Uint8Array(BODY_BYTES_MAX + 1) },
    };
    expect(overlayCodec.decode(encodeCbor(probe)).ok).toBe(false);
    const hops = Array.from({ length: HOPS_MAX + 1 }, () => new Uint8Array(32));
    const lookup = { type: 'lookup', id: new Uint8Array(16), target: new Uint8Array(32), hops, timeoutMs: 1 };
    expect(overlayCodec.decode(encodeCbor({ v: 1, m: lookup })).ok).toBe(false);
  });
});

describe('the machine', () => {
  test('whatever its peers say, no assertion trips, and what it sends decodes', () => {
    const [self, ...others] = contacts as [Contact, ...Contact[]];
    const spoken = fc.record({ from: fc.constantFrom(...others), message, passMs: fc.nat(4_000) });
    const linked = fc.record({ up: fc.constantFrom(...others), direct: fc.boolean() });
    const lost = fc.record({ down: fc.constantFrom(...others) });
    const own = fc.record({ lookup: nodeId });
    const happening = fc.oneof({ weight: 8, arbitrary: spoken }, linked, lost, own);
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const machine = new OverlayMachine(self, new SeededRandom(1));
        let now = 1_000_000;
        const step = (event: Parameters<OverlayMachine['step']>[0]): void => {
          for (const effect of machine.step(event, now))
            if (effect.type === 'send')
              expect(overlayCodec.decode(overlayCodec.encode({ v: 1, m: effect.message })).ok).toBe(true);
        };
        step({ type: 'start', bootstrap: [] });
        for (const contact of others) step({ type: 'link-up', contact, direct: true });
        for (const [i, it] of happenings.entries()) {
          if ('up' in it) step({ type: 'link-up', contact: it.up, direct: it.direct });
          else if ('down' in it) step({ type: 'link-down', nodeId: it.down.nodeId, reason: 'lost' });
          else if ('lookup' in it) step({ type: 'lookup', call: i, key: it.lookup, timeoutMs: 5_000 });
          else {
            now += it.passMs;
            step({ type: 'timer' });
            // Half of the routed messages name their sender, as honest ones do.
            const m = it.message;
            const honest =
              'hops' in m && i % 2 === 0 ? { ...m, hops: [...m.hops.slice(0, -1), it.from.nodeId] } : m;
            const carried =
              'contacts' in m ? m.contacts.map((wire) => ({ contact: contactOf(wire), via: wire.via })) : [];
            step({ type: 'message', from: it.from.nodeId, message: honest, contacts: carried });
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
