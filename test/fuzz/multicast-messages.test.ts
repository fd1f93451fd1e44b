/** Whatever bytes or values arrive as multicast messages: a refusal or a message, never a crash. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { idText, type Id, type NodeId } from '../../src/core/codec/id.ts';
import { ok, refuse } from '../../src/core/codec/result.ts';
import { encodeCbor } from '../../src/core/codec/cbor.ts';
import {
  CHANNEL_MAX,
  CHANNELS_MAX,
  CHILDREN_TAKEN_MAX,
  DEPTH_MAX,
  OTHERS_MAX,
  VISITS_MAX,
} from '../../src/core/multicast/limits.ts';
import type { MulticastEffect, MulticastMachineEvent } from '../../src/core/multicast/machine-events.ts';
import { decodeMessage, encodeMessage, type MulticastMessage } from '../../src/core/multicast/messages.ts';
import { MulticastMachine } from '../../src/core/multicast/multicast-machine.ts';
import {
  anycastReply,
  anycastRequest,
  publishReply,
  publishRequest,
  rootReply,
  rootRequest,
  senderReply,
  senderRequest,
} from '../../src/core/multicast/requests.ts';
import { shortened, type ShortCertificate } from '../../src/core/multicast/short-certificate.ts';
import { anyBytes, mutated } from './mutations.ts';

const random = new SeededRandom('fuzz');
const [self, ...neighbours] = Array.from({ length: 6 }, () => random.bytes(32) as Id) as [Id, ...Id[]];
const groups = Array.from({ length: 3 }, () => random.bytes(32) as Id);

const bytes = (length: number): fc.Arbitrary<Id> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((raw) => new Uint8Array(raw) as Id);
const nodeId = fc.oneof(fc.constantFrom(self, ...neighbours), bytes(32));
/** Few, so that messages meet groups that there are: the machine's own numbers begin at a random one. */
const channel = fc.oneof(fc.nat(4), fc.constant(CHANNEL_MAX));
const channels = fc.array(channel, { minLength: 1, maxLength: 6 });
const body = fc.uint8Array({ maxLength: 40 }).map((raw) => new Uint8Array(raw));

const time = fc.nat(1_000_000);
const shortCertificates: fc.Arbitrary<ShortCertificate> = fc.tuple(
  bytes(32),
  fc.string({ maxLength: 320 }),
  fc.constantFrom('tab' as const, 'relay' as const, 'bridge' as const),
  fc.nat(),
  time,
  time,
  fc.uint8Array({ maxLength: 384 }).map((raw) => new Uint8Array(raw)),
);

function messages(number: fc.Arbitrary<number>): fc.Arbitrary<MulticastMessage> {
  const numbers = fc.oneof(channels, fc.array(number, { minLength: 1, maxLength: 3 }));
  return fc.oneof(
    fc.record({ type: fc.constant('join' as const), group: fc.constantFrom(...groups), channel: number }),
    fc.record({
      type: fc.constant('accepted' as const),
      channel: number,
      path: fc.array(nodeId, { maxLength: DEPTH_MAX }),
    }),
    fc.record({
      type: fc.constant('elsewhere' as const),
      channel: number,
      others: fc.array(fc.record({ node: nodeId, delayMs: fc.nat(1_000) }), { maxLength: OTHERS_MAX }),
    }),
    fc.record({ type: fc.constant('stay' as const), channel: number }),
    ...(['leave', 'gone', 'alive', 'renew'] as const).map((type) =>
      fc.record({ type: fc.constant(type), channels: numbers }),
    ),
    fc.record({
      type: fc.constant('data' as const),
      channel: number,
      sender: nodeId,
      epoch: fc.nat(2),
      seq: fc.oneof(fc.nat(6), fc.constant(Number.MAX_SAFE_INTEGER)),
      payload: body,
      signature: bytes(64),
      certificate: fc.option(shortCertificates, { nil: undefined }),
    }),
  );
}

const signature = new Uint8Array(64).fill(3);
const dates = { notBefore: 0, notAfter: 10 };
const certificate = {
  body: {
    v: 1 as const,
    ring: self,
    nodeId: self,
    peerKey: self,
    name: 'ann@example.org',
    role: 'tab' as const,
    quotaBytes: 1,
    ...dates,
  },
  signature: new Uint8Array(384).fill(6),
};
const payload = new Uint8Array(20);
const said = { v: 1 as const, group: self, payload, signature };
const requests = [
  [publishRequest, publishRequest.encode({ ...said, sender: self, epoch: 1, seq: 2, certificate })],
  [publishReply, publishReply.encode({ v: 1, outcome: { kind: 'stale', epoch: 3 } })],
  [rootRequest, rootRequest.encode({ v: 1, group: self })],
  [rootReply, rootReply.encode({ v: 1, root: self })],
  [senderRequest, senderRequest.encode({ v: 1, sender: self })],
  [senderReply, senderReply.encode({ v: 1, certificate })],
  [anycastRequest, anycastRequest.encode({ ...said, at: 1, certificate, visited: [self], timeoutMs: 5 })],
  [
    anycastReply,
    anycastReply.encode({ v: 1, taken: { by: self, answer: payload }, visited: [self, ...neighbours] }),
  ],
] as const;

describe('decoders', () => {
  test('random bytes are refused', () => {
    fc.assert(
      fc.property(anyBytes, (raw) => {
        expect(decodeMessage(raw).ok).toBe(false);
        for (const [codec] of requests) expect(codec.decode(raw).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('random values in an envelope are refused', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false, maxDepth: 2 }), (value) => {
        let encoded: Uint8Array;
        try {
          encoded = encodeCbor({ v: 1, m: value });
        } catch {
          return; // What DAG-CBOR cannot say, nobody can send.
        }
        expect(decodeMessage(encoded).ok).toBe(false);
      }),
    );
  });

  test('every message comes back as it was; with a byte changed, cut or added it is refused or another message', () => {
    fc.assert(
      fc.property(messages(channel), fc.nat(), fc.nat(255), (message, place, value) => {
        const encoded = encodeMessage(message);
        const decoded = decodeMessage(encoded);
        expect(decoded).toEqual({ ok: true, value: message });
        expect(decodeMessage(encoded.slice(0, place % encoded.length)).ok).toBe(false);
        expect(decodeMessage(Uint8Array.of(...encoded, value)).ok).toBe(false);
        encoded[place % encoded.length] = value;
        const changed = decodeMessage(encoded);
        if (changed.ok) expect(encodeMessage(changed.value)).toEqual(encoded);
      }),
    );
  });

  test.each(requests)('$0.name: changed ones are refused or other ones', (codec, valid) => {
    expect(codec.decode(valid).ok).toBe(true);
    fc.assert(
      fc.property(mutated([valid]), (raw) => {
        const decoded = codec.decode(raw);
        if (decoded.ok) expect(codec.encode(decoded.value as never)).toEqual(raw);
      }),
    );
  });

  test('an unknown version is refused by name', () => {
    const ofVersion2 = encodeCbor({ v: 2, m: { type: 'stay', channel: 1 } });
    expect(decodeMessage(ofVersion2)).toMatchObject({ ok: false, code: 'unknown-version' });
  });

  test('what is over its maximum is refused', () => {
    const refused = (m: unknown): boolean => !decodeMessage(encodeCbor({ v: 1, m })).ok;
    expect(refused({ type: 'leave', channels: Array(CHANNELS_MAX + 1).fill(1) })).toBe(true);
    expect(refused({ type: 'leave', channels: [] })).toBe(true);
    expect(refused({ type: 'stay', channel: CHANNEL_MAX + 1 })).toBe(true);
    expect(refused({ type: 'accepted', channel: 1, path: Array(DEPTH_MAX + 1).fill(self) })).toBe(true);
    expect(refused([1, self, 1, 1, new Uint8Array(64 * 1024 + 1), signature])).toBe(true);
    const first = [1, self, 1, 1, payload, signature, shortened(certificate)];
    expect(refused(first)).toBe(false);
    expect(refused([...first, 1])).toBe(true);
    const long = { ...certificate, signature: new Uint8Array(385) };
    expect(refused([...first.slice(0, -1), shortened(long)])).toBe(true);
    const walked = { ...said, at: 1, certificate, timeoutMs: 5, visited: Array(VISITS_MAX + 1).fill(self) };
    expect(anycastRequest.decode(encodeCbor(walked)).ok).toBe(false);
    expect(anycastRequest.decode(encodeCbor({ ...walked, visited: [] })).ok).toBe(false);
  });
});

describe('the machine', () => {
  test('whatever its neighbours say, no assertion trips, what it says decodes, and its tables keep to their bounds', () => {
    const own = new MulticastMachine(self, surroundings(0), new SeededRandom(1));
    own.step({ type: 'join', group: groups[0]! }, 0);
    const first = own.group(groups[0]!)!.channel;
    const number = fc.oneof(channel, fc.integer({ min: first, max: first + 4 }));
    const from = fc.constantFrom(...neighbours);
    const happening = fc.oneof(
      { weight: 10, arbitrary: fc.record({ from, message: messages(number) }) },
      fc.record({ member: fc.boolean(), group: fc.constantFrom(...groups) }),
      fc.record({ link: from, up: fc.boolean() }),
      fc.record({ root: fc.constantFrom(...groups), seq: fc.nat(6) }),
      fc.record({
        walk: fc.constantFrom(...groups),
        visited: fc.array(nodeId, { minLength: 1, maxLength: 5 }),
      }),
      fc.record({ way: fc.nat(neighbours.length + 1) }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(happening, fc.nat(30_000)), { maxLength: 80 }),
        fc.boolean(),
        (happenings, trusting) => {
          const run = new Run(trusting);
          for (const [it, passMs] of happenings) {
            if ('from' in it) run.step({ type: 'told', ...it });
            else if ('member' in it) run.step({ type: it.member ? 'join' : 'leave', group: it.group });
            else if ('link' in it)
              run.step({ type: 'links', up: it.up ? [it.link] : [], down: it.up ? [] : [it.link] });
            else if ('root' in it) run.publish(it.root, it.seq);
            else if ('walk' in it) run.walk(it.walk, it.visited);
            else run.way = it.way;
            run.pass(passMs);
          }
          for (const group of groups)
            expect(run.machine.group(group)?.children.size ?? 0).toBeLessThanOrEqual(CHILDREN_TAKEN_MAX);
          run.step({ type: 'stop' });
        },
      ),
      { numRuns: 300 },
    );
  });
});

function surroundings(way: number | (() => number)) {
  return {
    nextHop: () => {
      const chosen = typeof way === 'number' ? way : way();
      if (chosen === 0) return { kind: 'here' as const };
      const nodeId: NodeId | undefined = neighbours[chosen - 1];
      return nodeId ? { kind: 'next' as const, nodeId } : { kind: 'none' as const };
    },
    isLinked: (nodeId: NodeId) => neighbours.some((known) => idText(known) === idText(nodeId)),
    delaysMs: () => new Map<string, number>(),
  };
}

/** A machine whose driver answers checks, offers and passes at once. */
class Run {
  readonly machine: MulticastMachine;
  way = 1;
  #now = 1_000_000;
  #calls = 0;
  readonly #trusting: boolean;

  constructor(trusting: boolean) {
    this.#trusting = trusting;
    this.machine = new MulticastMachine(
      self,
      surroundings(() => this.way),
      new SeededRandom(1),
    );
  }

  step(event: MulticastMachineEvent): void {
    for (const effect of this.machine.step(event, this.#now)) this.#perform(effect);
  }

  pass(ms: number): void {
    this.#now += ms;
    this.step({ type: 'timer' });
    this.step({ type: 'routes-changed' });
  }

  publish(group: Id, seq: number): void {
    const publication = { group, sender: neighbours[0]!, epoch: 1, seq, payload, signature };
    this.step({ type: 'publish', call: ++this.#calls, publication, wallClock: 10 });
  }

  walk(group: Id, visited: readonly NodeId[]): void {
    this.step({ type: 'anycast', call: ++this.#calls, group, visited, timeoutMs: 5_000 });
  }

  #perform(effect: MulticastEffect): void {
    if (effect.type === 'tell') expect(decodeMessage(encodeMessage(effect.message)).ok).toBe(true);
    if (effect.type === 'walked') expect(effect.walk.visited.length).toBeLessThanOrEqual(VISITS_MAX);
    if (effect.type === 'offer') this.step({ type: 'offered', call: effect.call, answer: undefined });
    if (effect.type === 'pass') this.step({ type: 'passed', call: effect.call, walk: undefined });
    if (effect.type !== 'check') return;
    const sender = this.#trusting ? ok(certificate) : refuse('bad-signature', 'forged');
    this.step({ type: 'checked', ticket: effect.ticket, sender });
  }
}
