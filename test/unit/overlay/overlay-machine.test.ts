/** One machine, its peers played by the test: the rules of routing, repair and the budget, each by its source. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { compareDistance, idText, type Id, type NodeId } from '../../../src/core/codec/id.ts';
import { DIALS_MAX, LINKS_MAX } from '../../../src/core/codec/limits.ts';
import { ACK_WAIT_MS } from '../../../src/core/overlay/acknowledgement.ts';
import { toWire, type Contact } from '../../../src/core/overlay/contact.ts';
import type { OverlayEffect, OverlayMachineEvent } from '../../../src/core/overlay/machine-events.ts';
import { HOPS_MAX, type MessageOf, type OverlayMessage } from '../../../src/core/overlay/messages.ts';
import { OverlayMachine } from '../../../src/core/overlay/overlay-machine.ts';
import { PENDING_MAX } from '../../../src/core/overlay/pending.ts';
import { RTO_MS_MIN } from '../../../src/core/overlay/peer-table.ts';
import { contactOf, simulatedContact } from '../../support/simulated-contact.ts';

/** An id whose first byte is `first` and whose others are zero: easy to see on the ring. */
function at(first: number, last = 0): Id {
  const id = new Uint8Array(32) as Id;
  id[0] = first;
  id[31] = last;
  return id;
}

const requestId = (n: number): Uint8Array<ArrayBuffer> => new Uint8Array(16).fill(n);

class Bench {
  readonly self: Contact;
  readonly machine: OverlayMachine;
  now = 1_000_000;
  effects: OverlayEffect[] = [];
  #timerAt = Infinity;

  constructor(self: NodeId, bootstrap: readonly Contact[] = []) {
    this.self = simulatedContact(self, 'tab');
    this.machine = new OverlayMachine(this.self, new SeededRandom('bench'));
    this.step({ type: 'start', bootstrap });
  }

  step(event: OverlayMachineEvent): readonly OverlayEffect[] {
    const effects = this.machine.step(event, this.now);
    for (const effect of effects) if (effect.type === 'set-timer') this.#timerAt = effect.at;
    this.effects.push(...effects);
    return effects;
  }

  /** Lets time pass; probes of those in `alive` are answered. */
  pass(ms: number, alive: readonly NodeId[] = []): void {
    const end = this.now + ms;
    const live = new Set(alive.map(idText));
    while (this.#timerAt <= end) {
      this.now = Math.max(this.now, this.#timerAt);
      this.#timerAt = Infinity;
      for (const effect of this.step({ type: 'timer' }))
        if (effect.type === 'send' && effect.message.type === 'probe' && live.has(idText(effect.to)))
          this.hear(effect.to, { type: 'probe-reply', nonce: effect.message.nonce });
    }
    this.now = end;
  }

  hear(from: NodeId, message: OverlayMessage): readonly OverlayEffect[] {
    const contacts =
      'contacts' in message
        ? message.contacts.map((wire) => ({ contact: contactOf(wire), via: wire.via }))
        : [];
    return this.step({ type: 'message', from, message, contacts });
  }

  /** Links with these nodes, who all confirm the leaf set. */
  link(...ids: readonly NodeId[]): void {
    for (const nodeId of ids)
      this.step({ type: 'link-up', contact: simulatedContact(nodeId, 'tab'), direct: true });
    for (const nodeId of ids) this.hear(nodeId, { type: 'announce', nodes: [], gone: [], wantsReply: false });
    const join = this.sent('join')[0];
    if (join) this.hear(join.to, { type: 'joined', id: join.message.id, hopCount: 1, contacts: [] });
    expect(this.machine.ready).toBe(true);
    this.effects = [];
  }

  sent<T extends OverlayMessage['type']>(type: T): { to: NodeId; message: MessageOf<T> }[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'send' && effect.message.type === type
        ? [{ to: effect.to, message: effect.message as MessageOf<T> }]
        : [],
    );
  }

  of<T extends OverlayEffect['type']>(type: T): Extract<OverlayEffect, { type: T }>[] {
    return this.effects.filter(
      (effect): effect is Extract<OverlayEffect, { type: T }> => effect.type === type,
    );
  }
}

function lookup(n: number, target: NodeId, hops: readonly NodeId[]): MessageOf<'lookup'> {
  return { type: 'lookup', id: requestId(n), target, hops: [...hops], timeoutMs: 10_000 };
}

/** A neighbour names these nodes, and their contacts when it is asked for them. */
function knows(bench: Bench, neighbour: NodeId, ...nodes: readonly NodeId[]): void {
  bench.hear(neighbour, { type: 'announce', nodes: [...nodes], gone: [], wantsReply: false });
  const contacts = nodes.map((nodeId) => toWire(simulatedContact(nodeId, 'tab')));
  bench.hear(neighbour, { type: 'contacts', contacts });
  bench.effects = [];
}

describe('Pastry §2.2: routing', () => {
  test('within the leaf set the closest member is the next hop; it learns the path', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    expect(bench.sent('lookup').map(({ to, message }) => [to, message.hops])).toEqual([
      [at(0x30), [at(0x90), at(0x10)]],
    ]);
    expect(bench.sent('ack').map(({ to, message }) => [to, message.taken])).toEqual([[at(0x90), true]]);
  });

  test('the root answers with itself and its leaf set, closest to the key first', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x12), [at(0x90)]));
    const [reply] = bench.sent('reply');
    expect(reply?.to).toEqual(at(0x90));
    expect(reply?.message.outcome).toEqual({
      kind: 'root',
      nearest: [at(0x10), at(0x20), at(0x30), at(0x90)],
    });
    // The reply says that the message was taken.
    expect(bench.sent('ack')).toEqual([]);
  });

  test('beyond the leaf set the next hop shares one digit more with the key', () => {
    const bench = new Bench(at(0x10));
    const near = Array.from({ length: 20 }, (_, i) => at(0x10, i + 1));
    const below = Array.from({ length: 10 }, (_, i) => at(0x0f, 255 - i));
    bench.link(...near, ...below, at(0x75), at(0xc1));
    bench.hear(near[0]!, lookup(1, at(0x7e), [near[0]!]));
    expect(bench.sent('lookup').map(({ to }) => to)).toEqual([at(0x75)]);
  });

  test('the rare case: no entry fits, then somebody closer with as long a prefix', () => {
    const bench = new Bench(at(0x10));
    const near = Array.from({ length: 20 }, (_, i) => at(0x10, i + 1));
    const below = Array.from({ length: 10 }, (_, i) => at(0x0f, 255 - i));
    bench.link(...near, ...below, at(0x75));
    bench.hear(near[0]!, lookup(1, at(0x60), [near[0]!]));
    expect(bench.sent('lookup').map(({ to }) => to)).toEqual([at(0x75)]);
  });

  test('who links with the root is preferred to who shares one digit more', () => {
    const bench = new Bench(at(0x80));
    const neighbours = Array.from({ length: 16 }, (_, i) => at(0x80 + 4 * (i < 8 ? i - 8 : i - 7)));
    bench.link(...neighbours, at(0x20), at(0x32));
    // The leaf set spans 64 of 256: its quarter reaches from 0x32 to 0x2e, but not from 0x20 to 0x0e.
    bench.hear(neighbours[0]!, lookup(1, at(0x2e), [neighbours[0]!]));
    expect(bench.sent('lookup').map(({ to }) => to)).toEqual([at(0x32)]);
    bench.hear(neighbours[0]!, lookup(2, at(0x05), [neighbours[0]!]));
    expect(bench.sent('lookup').map(({ to }) => to)).toEqual([at(0x32), at(0x20)]);
  });

  test('no link is asked for where an open one leads to a node that links with the root', () => {
    const bench = new Bench(at(0x80));
    const neighbours = Array.from({ length: 16 }, (_, i) => at(0x80 + 4 * (i < 8 ? i - 8 : i - 7)));
    const links = Array.from({ length: LINKS_MAX - 16 }, (_, i) => at(0x30, i));
    bench.link(...neighbours, ...links);
    knows(bench, neighbours[0]!, at(0x2f), at(0xe2));
    bench.hear(neighbours[0]!, lookup(1, at(0x2e), [neighbours[0]!]));
    expect(bench.sent('lookup').map(({ to }) => to)).toEqual([links[0]]);
    expect(bench.of('dial')).toEqual([]);
    // Farther off a link with one digit more is worth its dial.
    bench.hear(neighbours[0]!, lookup(2, at(0xe8), [neighbours[0]!]));
    expect(bench.sent('lookup')).toHaveLength(1);
    expect(bench.of('dial').map(({ contact }) => contact.nodeId)).toEqual([at(0xe2)]);
  });

  test('a message that passed 32 nodes goes no further', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x90));
    const hops = Array.from({ length: HOPS_MAX - 1 }, (_, i) => at(0xee, i));
    bench.hear(at(0x90), lookup(1, at(0x21), [...hops, at(0x90)]));
    expect(bench.sent('lookup')).toEqual([]);
    expect(bench.sent('reply')[0]?.message.outcome).toEqual({ kind: 'failure', code: 'no-route' });
  });

  test('a message that was here before is sent back', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x21), [at(0x10), at(0x90)]));
    expect(bench.sent('lookup')).toEqual([]);
    expect(bench.sent('ack')[0]?.message.taken).toBe(false);
  });

  test('one that does not name its sender is refused', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x21), [at(0x55)]));
    expect(bench.sent('lookup')).toEqual([]);
    expect(bench.of('refused').map(({ code }) => code)).toEqual(['bad-route']);
  });
});

describe('MSPastry (DSN 2004) §3.2: per-hop acknowledgements', () => {
  test('a silent hop is gone round, and probed', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    bench.pass(1_500, [at(0x20), at(0x30), at(0x90)]);
    expect(bench.sent('lookup').map(({ to }) => to)).toEqual([at(0x30), at(0x20)]);
    expect(bench.sent('probe').map(({ to }) => to)).toContainEqual(at(0x30));
  });

  test('an acknowledged message is not sent again', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    bench.hear(at(0x30), { type: 'ack', id: requestId(1), taken: true });
    bench.pass(5_000, [at(0x20), at(0x30), at(0x90)]);
    expect(bench.sent('lookup')).toHaveLength(1);
  });

  test('nobody answers in the place of a root that is only suspected; when it has failed, we do', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x1f), [at(0x90)]));
    bench.pass(3_000, [at(0x90)]);
    expect(bench.sent('reply')).toEqual([]);
    bench.pass(6_000, [at(0x90)]);
    expect(bench.of('close').map(({ nodeId, reason }) => [nodeId, reason])).toEqual([[at(0x20), 'silent']]);
    expect(bench.sent('reply')[0]?.message.outcome).toMatchObject({
      kind: 'root',
      nearest: [at(0x10), at(0x90)],
    });
  });

  test('the next hop dies after it took the message: another way is found', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    bench.hear(at(0x30), { type: 'ack', id: requestId(1), taken: true });
    bench.step({ type: 'link-down', nodeId: at(0x30), reason: 'lost' });
    expect(bench.sent('lookup').map(({ to }) => to)).toEqual([at(0x30), at(0x20)]);
  });

  test('the same request on two paths is served once, and answered on both', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x90));
    const request = {
      type: 'routed-request' as const,
      id: requestId(7),
      target: at(0x10),
      timeoutMs: 10_000,
      service: 's',
      body: Uint8Array.of(1),
      at: 'node' as const,
      constrained: false,
    };
    bench.hear(at(0x20), { ...request, hops: [at(0x77), at(0x20)] });
    bench.hear(at(0x90), { ...request, hops: [at(0x77), at(0x90)] });
    const deliveries = bench.of('deliver');
    expect(deliveries.map(({ from }) => from)).toEqual([at(0x77)]);
    const answer = { kind: 'response', body: Uint8Array.of(2) } as const;
    bench.step({ type: 'respond', delivery: deliveries[0]!.delivery, answer });
    expect(bench.sent('reply').map(({ to }) => to)).toEqual([at(0x20), at(0x90)]);
  });

  test('a reply is taken only from those who were asked; requests are forgotten in time', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30), at(0x90));
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    const reply = {
      type: 'reply' as const,
      id: requestId(1),
      hopCount: 2,
      outcome: { kind: 'root' as const, nearest: [at(0x20)] },
    };
    bench.hear(at(0x20), reply);
    expect(bench.sent('reply')).toEqual([]);
    expect(bench.of('refused').map(({ code }) => code)).toEqual(['unexpected-reply']);
    bench.hear(at(0x30), reply);
    expect(bench.sent('reply').map(({ to }) => to)).toEqual([at(0x90)]);
    expect(bench.machine.pendingCount).toBe(1);
    bench.pass(11_000, [at(0x20), at(0x30), at(0x90)]);
    expect(bench.machine.pendingCount).toBe(0);
  });
});

describe('requests at once', () => {
  test('our own are as few as those of others: what is finished gives way to them, and with no room left they fail', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x90));
    const id = (n: number): Bytes => Uint8Array.of(n >> 8, n & 255, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (let n = 0; n < PENDING_MAX; n++)
      bench.hear(at(0x90), { ...lookup(1, at(0x11), [at(0x90)]), id: id(n) });
    expect(bench.sent('reply')).toHaveLength(PENDING_MAX);
    expect(bench.machine.pendingCount).toBe(PENDING_MAX);
    for (let call = 1; call <= PENDING_MAX + 10; call++)
      bench.step({ type: 'lookup', call, key: at(0x21), timeoutMs: 10_000 });
    expect(bench.sent('lookup')).toHaveLength(PENDING_MAX);
    expect(bench.machine.pendingCount).toBe(PENDING_MAX);
    const failed = bench.of('complete').map(({ outcome }) => outcome);
    expect(failed).toEqual(Array.from({ length: 10 }, () => ({ kind: 'failure', code: 'no-route' })));
  });
});

describe('acknowledgements and replies', () => {
  const reply = {
    type: 'reply' as const,
    id: requestId(1),
    hopCount: 2,
    outcome: { kind: 'root' as const, nearest: [at(0x30)] },
  };

  /** Linked with 0x30 and 0x90, whose round trips it has measured. */
  function measured(rttMs: number, senderRttMs = rttMs): Bench {
    const bench = new Bench(at(0x10));
    bench.link(at(0x30), at(0x90));
    for (const nodeId of [at(0x30), at(0x90)]) {
      bench.step({ type: 'lookup', call: 1, key: nodeId, timeoutMs: 10_000 });
      const { message } = bench.sent('lookup').at(-1)!;
      bench.now += nodeId[0] === 0x30 ? rttMs : senderRttMs;
      bench.hear(nodeId, { type: 'ack', id: message.id, taken: true });
      bench.hear(nodeId, { ...reply, id: message.id });
    }
    bench.effects = [];
    return bench;
  }

  test('the reply of a root nearby is the acknowledgement', () => {
    const bench = measured(20);
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    bench.pass(20);
    bench.hear(at(0x30), reply);
    bench.pass(5_000, [at(0x30), at(0x90)]);
    expect(bench.sent('reply').map(({ to }) => to)).toEqual([at(0x90)]);
    expect(bench.sent('ack')).toEqual([]);
  });

  test('without a reply it goes long before the sender suspects us', () => {
    const bench = measured(20);
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    bench.pass(ACK_WAIT_MS - 1);
    expect(bench.sent('ack')).toEqual([]);
    bench.pass(1);
    expect(bench.sent('ack').map(({ to, message }) => [to, message.taken])).toEqual([[at(0x90), true]]);
    bench.pass(5_000, [at(0x30), at(0x90)]);
    expect(bench.sent('ack')).toHaveLength(1);
    expect(ACK_WAIT_MS).toBeLessThan(RTO_MS_MIN);
  });

  test('the reply of a root measures the round trip to it, that of one beyond does not', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x30), at(0x90));
    const rttOf = (nodeId: NodeId): number | undefined =>
      bench.machine.known().find(({ contact }) => idText(contact.nodeId) === idText(nodeId))?.rttMs;
    for (const [nodeId, hopCount] of [
      [at(0x30), 1],
      [at(0x90), 2],
    ] as const) {
      bench.step({ type: 'lookup', call: 1, key: nodeId, timeoutMs: 10_000 });
      const { message } = bench.sent('lookup').at(-1)!;
      bench.pass(15);
      bench.hear(nodeId, { ...reply, id: message.id, hopCount });
    }
    expect([rttOf(at(0x30)), rttOf(at(0x90))]).toEqual([15, undefined]);
  });

  test('the same request again is acknowledged at once', () => {
    const bench = measured(20);
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    bench.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
    expect(bench.sent('ack')).toHaveLength(1);
  });

  test('over slow links, and for one message in eight, it is sent at once', () => {
    for (const slow of [measured(100, 20), measured(20, 190)]) {
      slow.hear(at(0x90), lookup(1, at(0x2f), [at(0x90)]));
      expect(slow.sent('ack')).toHaveLength(1);
    }
    const quick = measured(20);
    for (let n = 1; n <= 16; n++) quick.hear(at(0x90), lookup(n, at(0x2f), [at(0x90)]));
    expect(quick.sent('ack').map(({ message }) => message.id)).toEqual([requestId(8), requestId(16)]);
  });

  test('a message that is not on its way to the root is acknowledged at once', () => {
    const bench = measured(20);
    const request = {
      type: 'routed-request' as const,
      target: at(0x10),
      hops: [at(0x90)],
      timeoutMs: 10_000,
      service: 's',
      body: Uint8Array.of(1),
      at: 'root' as const,
      constrained: false,
    };
    bench.hear(at(0x90), { ...request, id: requestId(1) });
    expect(bench.sent('ack')).toEqual([]);
    bench.step({ type: 'wake' });
    bench.hear(at(0x90), { ...request, id: requestId(2), target: at(0x11) });
    expect(bench.of('deliver')).toHaveLength(1);
    expect(bench.sent('ack').map(({ message }) => message.id)).toEqual([requestId(2)]);
  });
});

describe('Pastry §2.4: arrival', () => {
  test('a join is answered with the root and its leaf set, even by a node that is not ready itself', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x90));
    bench.step({ type: 'wake' });
    expect(bench.machine.ready).toBe(false);
    const joiner = simulatedContact(at(0x11), 'tab');
    bench.step({ type: 'link-up', contact: joiner, direct: true });
    bench.hear(at(0x11), {
      type: 'join',
      id: requestId(1),
      target: at(0x11),
      hops: [at(0x11)],
      timeoutMs: 3_000,
      contacts: [toWire(joiner)],
    });
    const [joined] = bench.sent('joined');
    const named = joined!.message.contacts.map(({ certificate }) => idText(certificate.body.nodeId));
    expect(named.sort()).toEqual([at(0x10), at(0x20), at(0x90)].map(idText).sort());
  });

  test('a member of the leaf set whose word was lost is asked again, and its answer makes us ready', () => {
    const bench = new Bench(at(0x10));
    const [speaks, silent] = [at(0x20), at(0x30)];
    const say = (from: NodeId): void =>
      void bench.hear(from, { type: 'announce', nodes: [], gone: [], wantsReply: false });
    for (const nodeId of [speaks, silent])
      bench.step({ type: 'link-up', contact: simulatedContact(nodeId, 'tab'), direct: true });
    const [join] = bench.sent('join');
    bench.hear(join!.to, { type: 'joined', id: join!.message.id, hopCount: 1, contacts: [] });
    say(speaks);
    bench.effects = [];
    bench.pass(1_100, [speaks]);
    expect(bench.sent('announce').map(({ to, message }) => [to, message.wantsReply])).toEqual([
      [silent, true],
    ]);
    expect(bench.machine.ready).toBe(false);
    say(silent);
    expect(bench.machine.ready).toBe(true);
  });

  test('a node on the way back adds rows of its table', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30), at(0x90));
    const joiner = simulatedContact(at(0x2f), 'tab');
    const join = { type: 'join' as const, id: requestId(1), target: at(0x2f), timeoutMs: 3_000 };
    bench.hear(at(0x90), { ...join, hops: [at(0x2f), at(0x90)], contacts: [toWire(joiner)] });
    expect(bench.sent('join').map(({ to }) => to)).toEqual([at(0x30)]);
    const root = toWire(simulatedContact(at(0x30), 'tab'));
    bench.hear(at(0x30), { type: 'joined', id: requestId(1), hopCount: 2, contacts: [root] });
    const [joined] = bench.sent('joined');
    const named = joined!.message.contacts.map(({ certificate }) => idText(certificate.body.nodeId));
    expect(named).toEqual(expect.arrayContaining([at(0x10), at(0x20), at(0x90)].map(idText)));
    expect(named[0]).toBe(idText(at(0x30)));
  });
});

describe('Pastry §2.4: departure', () => {
  test('the farthest live node on the side of the one that failed is asked whom it knows', () => {
    const bench = new Bench(at(0x80));
    const above = Array.from({ length: 8 }, (_, i) => at(0x81 + i));
    const below = Array.from({ length: 8 }, (_, i) => at(0x7f - i));
    bench.link(...above, ...below);
    bench.step({ type: 'link-down', nodeId: above[2]!, reason: 'lost' });
    const asked = bench.sent('announce').filter(({ message }) => message.wantsReply);
    // With one gone, the eighth on the larger side is, the other way round, the farthest of the smaller side.
    expect(asked.map(({ to }) => to)).toEqual([below[7]]);
  });

  test('a node that cannot be reached: who named it looks for itself, and all neighbours if it would be next to us', () => {
    // Castro et al. 2004, §4.1: a failed neighbour is told to the leaf set. Ten nodes on each side leave no room for others.
    const bench = new Bench(at(0x80));
    const near = Array.from({ length: 10 }, (_, i) => [at(0x90 + 2 * i), at(0x70 - 2 * i)]).flat();
    bench.link(...near);
    const unreached = (place: number, teller: NodeId): NodeId[] => {
      const dead = simulatedContact(at(place), 'tab');
      bench.hear(teller, { type: 'announce', nodes: [dead.nodeId], gone: [], wantsReply: false });
      bench.hear(teller, { type: 'contacts', contacts: [toWire(dead, [teller])] });
      bench.pass(3_000, near);
      bench.effects = [];
      bench.step({ type: 'dial-ended', nodeId: dead.nodeId });
      return bench.sent('announce').map(({ to, message }) => {
        expect(message.gone).toContainEqual(dead.nodeId);
        return to;
      });
    };
    expect(unreached(0x93, at(0x92))).toEqual([at(0x92)]);
    expect(unreached(0x88, at(0x92))).toHaveLength(16);
  });

  test('a node that others cannot reach is probed, unless it has just spoken', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x30), at(0x90));
    const doubt: OverlayMessage = { type: 'announce', nodes: [], gone: [at(0x30)], wantsReply: false };
    bench.hear(at(0x90), doubt);
    expect(bench.sent('probe')).toEqual([]);
    bench.now += 2_000;
    bench.hear(at(0x90), doubt);
    expect(bench.sent('probe').map(({ to }) => to)).toEqual([at(0x30)]);
  });

  test('a node that said good-bye is not dialled on the word of others; one that links again is taken at once', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30));
    bench.hear(at(0x20), { type: 'leave', nodes: [at(0x30)] });
    expect(bench.machine.leafSet().map(({ nodeId }) => nodeId)).toEqual([at(0x30)]);
    for (let second = 0; second < 8; second++) {
      bench.hear(at(0x30), { type: 'announce', nodes: [at(0x20)], gone: [], wantsReply: false });
      bench.pass(1_000, [at(0x30)]);
    }
    expect(bench.of('dial')).toEqual([]);
    bench.link(at(0x20));
    expect(bench.machine.leafSet()).toHaveLength(2);
  });

  test('leaving tells all linked nodes and ends our calls', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20), at(0x30));
    bench.step({ type: 'lookup', call: 1, key: at(0x2f), timeoutMs: 5_000 });
    bench.step({ type: 'leave' });
    expect(bench.sent('leave').map(({ to }) => to)).toEqual([at(0x20), at(0x30)]);
    expect(bench.of('complete').map(({ outcome }) => outcome)).toEqual([
      { kind: 'failure', code: 'stopped' },
    ]);
  });
});

describe('the budget', () => {
  test('over 48 links the leaf set stays', () => {
    const bench = new Bench(at(0x80));
    const ids = Array.from({ length: 80 }, (_, i) => at((i * 37 + 5) % 256, i + 1));
    for (const nodeId of ids)
      bench.step({ type: 'link-up', contact: simulatedContact(nodeId, 'tab'), direct: true });
    const closed = new Set(bench.of('close').map(({ nodeId }) => idText(nodeId)));
    expect(closed.size).toBe(80 - LINKS_MAX);
    expect(bench.machine.leafSet()).toHaveLength(16);
    const up = (nodeId: NodeId): number => (nodeId[0]! - 0x80 + 256) % 256;
    const nearest = [...ids].sort((a, b) => up(a) - up(b) || a[31]! - b[31]!).slice(0, 8);
    for (const nodeId of nearest) expect(closed.has(idText(nodeId))).toBe(false);
  });

  describe('a bootstrap node that has no room for us', () => {
    const neighbours = Array.from({ length: 16 }, (_, i) => at(0x80 + (i < 8 ? i - 8 : i - 7)));

    /** Seconds after which it is dialled again: a node outside of our leaf set that closed its link with us. */
    function redialled(role: 'tab' | 'relay', othersToo: boolean): number | undefined {
      const first = simulatedContact(at(0x10), role);
      const bench = new Bench(at(0x80), [first]);
      bench.step({ type: 'link-up', contact: first, direct: true });
      bench.link(...neighbours);
      bench.step({ type: 'link-down', nodeId: first.nodeId, reason: 'closed' });
      for (const nodeId of othersToo ? neighbours : [])
        bench.step({ type: 'link-down', nodeId, reason: 'closed' });
      for (let s = 1; s <= 200; s++) {
        bench.pass(1_000, neighbours);
        const dialled = bench.of('dial').some(({ contact }) => contact === first);
        if (dialled) return s;
      }
      return undefined;
    }

    test('is left alone for minutes when it is a tab: it would close us again and again', () => {
      expect(redialled('tab', false)).toBeUndefined();
    });

    test('is dialled soon when it is always on, or when we have nobody else', () => {
      expect(redialled('relay', false)).toBeLessThan(5);
      expect(redialled('tab', true)).toBeLessThan(5);
    });
  });

  test('never more than four dials under way', () => {
    const bench = new Bench(at(0x10));
    bench.link(at(0x20));
    const contacts = Array.from({ length: 12 }, (_, i) => simulatedContact(at(0x40 + i), 'tab'));
    bench.hear(at(0x20), {
      type: 'announce',
      nodes: contacts.map(({ nodeId }) => nodeId),
      gone: [],
      wantsReply: false,
    });
    expect(bench.sent('ask-contacts')[0]?.message.nodes).toHaveLength(12);
    bench.hear(at(0x20), { type: 'contacts', contacts: contacts.map((contact) => toWire(contact)) });
    bench.pass(2_000, [at(0x20)]);
    const dialled = bench.of('dial').map(({ contact }) => contact.nodeId);
    expect(dialled).toHaveLength(DIALS_MAX);
    expect(compareDistance(at(0x10), dialled[0]!, dialled[1]!)).toBeLessThan(0);
    bench.step({ type: 'dial-ended', nodeId: dialled[0]! });
    expect(bench.of('dial')).toHaveLength(DIALS_MAX + 1);
  });
});
