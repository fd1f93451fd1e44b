/** One machine, its neighbours played by the test: the rules, each by its source (Castro et al., JSAC 2002). */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { CLOCK_SKEW_MS } from '../../../src/core/codec/clock.ts';
import { idText, type Id, type Key, type NodeId } from '../../../src/core/codec/id.ts';
import { ok, refuse } from '../../../src/core/codec/result.ts';
import {
  ANYCASTS_MAX,
  CHECKING_PER_NEIGHBOUR_MAX,
  CHILDREN_MAX,
  CHILDREN_TAKEN_MAX,
  DEPTH_MAX,
  GROUPS_MAX,
  FORMER_PARENT_MS,
  GROUPS_PER_NEIGHBOUR_MAX,
  HANDOVER_MS,
  HEARTBEAT_MS,
  JOIN_MS,
  LEASE_MS,
  MOVES_MAX,
  OTHERS_MAX,
  PATH_MS,
  PARENT_SILENT_MS,
  RENEW_MS,
  ROUND_MS,
  SENDER_BURST_BYTES,
  VISITS_MAX,
} from '../../../src/core/multicast/limits.ts';
import type {
  MulticastEffect,
  MulticastMachineEvent,
  Publication,
} from '../../../src/core/multicast/machine-events.ts';
import type { MessageOf, MulticastMessage } from '../../../src/core/multicast/messages.ts';
import { MulticastMachine } from '../../../src/core/multicast/multicast-machine.ts';
import { shortened, type ShortCertificate } from '../../../src/core/multicast/short-certificate.ts';
import type { Way } from '../../../src/core/overlay/overlay.ts';
import { unsignedCertificate } from '../../support/unsigned-certificate.ts';

function id(first: number, second = 0): Id {
  const bytes = new Uint8Array(32) as Id;
  bytes[0] = first;
  bytes[1] = second;
  return bytes;
}

const self = id(0x10);
const group: Key = id(0x80);
const [above, other, sender] = [id(0x70), id(0x71), id(0x72)];

class Bench {
  readonly machine: MulticastMachine;
  readonly linked = new Set<string>();
  readonly delays = new Map<string, number>();
  way: Way = { kind: 'next', nodeId: above };
  now = 1_000_000;
  effects: MulticastEffect[] = [];
  #timerAt = Infinity;

  constructor() {
    const surroundings = {
      nextHop: () => this.way,
      isLinked: (nodeId: NodeId) => this.linked.has(idText(nodeId)),
      delaysMs: () => this.delays,
    };
    this.machine = new MulticastMachine(self, surroundings, new SeededRandom('bench'));
  }

  step(event: MulticastMachineEvent): void {
    const effects = this.machine.step(event, this.now);
    for (const effect of effects) if (effect.type === 'set-timer') this.#timerAt = effect.at;
    this.effects.push(...effects);
  }

  hear(from: NodeId, message: MulticastMessage): void {
    this.step({ type: 'told', from, message });
  }

  /** Lets time pass. `meanwhile` runs after each timer. */
  pass(ms: number, meanwhile: () => void = () => undefined): void {
    const end = this.now + ms;
    while (this.#timerAt <= end) {
      this.now = Math.max(this.now, this.#timerAt);
      this.#timerAt = Infinity;
      this.step({ type: 'timer' });
      meanwhile();
    }
    this.now = end;
  }

  /** The effects since the last call. */
  take(): MulticastEffect[] {
    const effects = this.effects;
    this.effects = [];
    return effects;
  }

  /** Messages of a type since the last `take`. */
  told<T extends MulticastMessage['type']>(type: T): { to: NodeId; message: MessageOf<T> }[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'tell' && effect.message.type === type
        ? [{ to: effect.to, message: effect.message as MessageOf<T> }]
        : [],
    );
  }

  of<T extends MulticastEffect['type']>(type: T): Extract<MulticastEffect, { type: T }>[] {
    return this.effects.filter(
      (effect): effect is Extract<MulticastEffect, { type: T }> => effect.type === type,
    );
  }

  get channel(): number {
    return this.machine.group(group)!.channel;
  }

  join(): this {
    this.step({ type: 'join', group });
    return this;
  }

  /** A member with a parent. */
  attached(path: readonly NodeId[] = [above]): this {
    this.join();
    this.hear(above, { type: 'accepted', channel: this.channel, path: [...path] });
    this.take();
    return this;
  }

  child(nodeId: NodeId, channel = 1): this {
    this.linked.add(idText(nodeId));
    this.hear(nodeId, { type: 'join', group, channel });
    return this;
  }

  /** A multicast from the parent. */
  data(seq: number, from: NodeId = above, epoch = 1, certificate?: ShortCertificate): void {
    const { channel } = this;
    const [payload, signature] = [utf8(`${seq}`), new Uint8Array(64)];
    this.hear(from, { type: 'data', channel, sender, epoch, seq, payload, signature, certificate });
  }

  checkAll(verdict: 'good' | 'forged' = 'good'): void {
    for (const { ticket } of this.of('check')) this.checked(ticket, verdict);
  }

  checked(ticket: number, verdict: 'good' | 'forged'): void {
    const good = ok(unsignedCertificate(sender));
    this.step({ type: 'checked', ticket, sender: verdict === 'good' ? good : refuse('bad-signature', 'no') });
  }

  publish(call: number, changes: Partial<Publication> = {}): void {
    const publication: Publication = {
      group,
      sender,
      epoch: 1,
      seq: call,
      payload: utf8('x'),
      signature: new Uint8Array(64),
      ...changes,
    };
    this.step({ type: 'publish', call, publication, wallClock: 5_000 });
  }

  outcome(): unknown {
    return this.of('published').at(-1)?.outcome;
  }
}

describe('§2.2: joining and leaving', () => {
  test('a member joins the next hop towards the group, and knows its path when it is accepted', () => {
    const bench = new Bench().join();
    expect(bench.told('join')).toEqual([
      { to: above, message: { type: 'join', group, channel: bench.channel } },
    ]);
    bench.hear(above, { type: 'accepted', channel: bench.channel, path: [other, above] });
    expect(bench.machine.group(group)!.path).toEqual([other, above]);
    expect(bench.of('protect')).toEqual([{ type: 'protect', nodeId: above, on: true }]);
  });

  test('there is room for own groups when there is none for those of others', () => {
    const bench = new Bench();
    for (let i = 0; i <= GROUPS_MAX; i++)
      bench.hear(id(1 + (i >> 10)), { type: 'join', group: id(i >> 8, i & 255), channel: i });
    expect(bench.machine.groupCount).toBe(GROUPS_MAX);
    bench.step({ type: 'join', group: id(0xfe, 0xdc) });
    expect(bench.machine.group(id(0xfe, 0xdc))?.member).toBe(true);
  });

  test('whoever gets a JOIN becomes a forwarder: it takes the child and joins in its turn, once', () => {
    const bench = new Bench().child(id(1)).child(id(2));
    expect(bench.told('accepted').map(({ to, message }) => [to, message.path])).toEqual([
      [id(1), [self]],
      [id(2), [self]],
    ]);
    expect(bench.told('join')).toHaveLength(1);
    bench.take();
    bench.hear(above, { type: 'accepted', channel: bench.channel, path: [above] });
    expect(bench.told('accepted').map(({ to, message }) => [to, message.path])).toEqual([
      [id(1), [above, self]],
      [id(2), [above, self]],
    ]);
  });

  test('the root joins nobody', () => {
    const bench = new Bench();
    bench.way = { kind: 'here' };
    bench.join();
    expect(bench.of('tell')).toEqual([]);
    expect(bench.machine.group(group)!.root).toBe(true);
  });

  test('who leaves says so to its parent, unless children need it; then when the last of them goes', () => {
    const bench = new Bench().attached().child(id(1));
    bench.step({ type: 'leave', group });
    expect(bench.told('leave')).toEqual([]);
    const { channel } = bench;
    bench.hear(id(1), { type: 'leave', channels: [1] });
    expect(bench.told('leave')).toEqual([{ to: above, message: { type: 'leave', channels: [channel] } }]);
    expect(bench.machine.groupCount).toBe(0);
    expect(bench.of('protect').filter(({ on }) => !on)).toHaveLength(2);
    bench.take();
    bench.pass(10 * ROUND_MS);
    expect(bench.take()).toEqual([]);
  });

  test('an unanswered join is repeated, ever more rarely', () => {
    const bench = new Bench().join();
    const times: number[] = [];
    bench.take();
    bench.pass(60_000, () => {
      if (bench.told('join').length > 0) times.push(bench.now);
      bench.take();
    });
    const pauses = times.slice(1).map((time, i) => time - times[i]!);
    expect(pauses.length).toBeGreaterThan(3);
    expect(pauses.every((pause) => pause >= JOIN_MS)).toBe(true);
    expect(pauses.at(-1)).toBeGreaterThan(2 * pauses[0]!);
  });

  test('without a way it waits for one, and takes it as soon as the ring says so', () => {
    const bench = new Bench();
    bench.way = { kind: 'none' };
    bench.join();
    expect(bench.of('tell')).toEqual([]);
    bench.way = { kind: 'next', nodeId: other };
    bench.step({ type: 'routes-changed' });
    expect(bench.told('join').map(({ to }) => to)).toEqual([other]);
  });

  test('a root that is none any more joins the new one and keeps its children; a new root leaves its parent', () => {
    const bench = new Bench();
    bench.way = { kind: 'here' };
    bench.join().child(id(1));
    bench.take();
    bench.way = { kind: 'next', nodeId: other };
    bench.step({ type: 'routes-changed' });
    expect(bench.told('join').map(({ to }) => to)).toEqual([other]);
    bench.hear(other, { type: 'accepted', channel: bench.channel, path: [other] });
    expect(bench.machine.group(group)!.children.size).toBe(1);
    bench.pass(PATH_MS);
    bench.take();
    bench.way = { kind: 'here' };
    bench.step({ type: 'routes-changed' });
    expect(bench.told('leave').map(({ to }) => to)).toEqual([other]);
    expect(bench.told('accepted').map(({ message }) => message.path)).toEqual([[self]]);
  });
});

describe('§2.2: multicasts', () => {
  test('what the parent says is checked, then forwarded to all children and delivered; the second copy is not', () => {
    const bench = new Bench().attached().child(id(1), 7).child(id(2), 8);
    bench.take();
    bench.data(0);
    expect(bench.effects.map(({ type }) => type)).toEqual(['check']);
    bench.checkAll();
    expect(bench.told('data').map(({ to, message }) => [to, message.channel, message.seq])).toEqual([
      [id(1), 7, 0],
      [id(2), 8, 0],
    ]);
    expect(bench.of('deliver')).toHaveLength(1);
    bench.take();
    bench.data(0);
    expect(bench.effects).toEqual([{ type: 'count', name: 'duplicates', amount: 1 }]);
  });

  test('two copies that are checked at the same time are delivered once', () => {
    const bench = new Bench().attached();
    bench.data(0);
    bench.data(0);
    bench.checkAll();
    expect(bench.of('deliver')).toHaveLength(1);
  });

  test('what fails the check goes nowhere, and does not stand in the way of the true one', () => {
    const bench = new Bench().attached().child(id(1));
    bench.take();
    bench.data(0);
    bench.checkAll('forged');
    expect(bench.of('tell')).toEqual([]);
    expect(bench.of('refused').map(({ code }) => code)).toEqual(['bad-signature']);
    bench.take();
    bench.data(0);
    bench.checkAll();
    expect(bench.of('deliver')).toHaveLength(1);
  });

  test('our own begins here when the root has it, and is not sent back to the child that said it', () => {
    const bench = new Bench().attached().child(id(1)).child(sender, 2);
    bench.take();
    const said = { group, sender: self, epoch: 1, seq: 0, payload: utf8('x'), signature: new Uint8Array(64) };
    for (let i = 0; i < 2; i++)
      bench.step({ type: 'sent', publication: said, sender: unsignedCertificate(self) });
    expect(bench.told('data').map(({ to }) => to)).toEqual([id(1), sender]);
    expect(bench.of('deliver')).toHaveLength(1);
    bench.take();
    bench.data(0);
    bench.checkAll();
    expect(bench.told('data').map(({ to }) => to)).toEqual([id(1)]);
  });

  test('the first multicast of a sender brings its certificate to the children, later ones do not', () => {
    const bench = new Bench().attached().child(id(1)).child(id(2), 2);
    bench.take();
    for (const seq of [0, 1]) {
      bench.data(seq);
      bench.checkAll();
      const certificates = bench.told('data').map(({ message }) => message.certificate);
      const first = seq === 0 ? shortened(unsignedCertificate(sender)) : undefined;
      expect(certificates).toEqual([first, first]);
      bench.take();
    }
    const said = { group, sender: self, epoch: 1, seq: 0, payload: utf8('x'), signature: new Uint8Array(64) };
    bench.step({ type: 'sent', publication: said, sender: unsignedCertificate(self) });
    const own = shortened(unsignedCertificate(self));
    expect(bench.told('data').map(({ message }) => message.certificate)).toEqual([own, own]);
  });

  test('what a parent says of the sender is to be checked with the multicast', () => {
    const bench = new Bench().attached();
    const certificate = shortened(unsignedCertificate(sender));
    bench.data(0, above, 1, certificate);
    bench.data(1);
    expect(bench.of('check').map((check) => [check.from, check.certificate])).toEqual([
      [above, certificate],
      [above, undefined],
    ]);
  });

  test('a forwarder delivers nothing and reports no gaps', () => {
    const bench = new Bench().child(id(1));
    bench.hear(above, { type: 'accepted', channel: bench.channel, path: [above] });
    bench.data(0);
    bench.data(5);
    bench.checkAll();
    bench.pass(10_000);
    expect(bench.told('data')).toHaveLength(2);
    expect([...bench.of('deliver'), ...bench.of('gap')]).toEqual([]);
  });

  test('a member is told of the gap', () => {
    const bench = new Bench().attached();
    bench.data(0);
    bench.data(3);
    bench.checkAll();
    bench.pass(10_000);
    expect(bench.of('gap')).toEqual([{ type: 'gap', gap: { group, sender, epoch: 1, first: 1, count: 2 } }]);
  });

  test('who is not the parent is refused and told so; a former parent is heard for a while', () => {
    const bench = new Bench().attached();
    const { channel } = bench;
    bench.data(0, other);
    expect(bench.of('check')).toEqual([]);
    expect(bench.told('leave')).toEqual([{ to: other, message: { type: 'leave', channels: [channel] } }]);
    bench.linked.add(idText(other));
    bench.hear(above, { type: 'elsewhere', channel, others: [{ node: other, delayMs: 1 }] });
    bench.hear(other, { type: 'accepted', channel, path: [above, other] });
    bench.data(1, above);
    expect(bench.of('check')).toHaveLength(1);
    bench.pass(FORMER_PARENT_MS);
    bench.data(2, above);
    expect(bench.of('check')).toHaveLength(1);
  });

  test('one neighbour fills only its share of what is being checked', () => {
    const bench = new Bench().attached();
    for (let seq = 0; seq <= CHECKING_PER_NEIGHBOUR_MAX; seq++) bench.data(seq);
    expect(bench.of('check')).toHaveLength(CHECKING_PER_NEIGHBOUR_MAX);
    expect(bench.of('refused').map(({ code }) => code)).toEqual(['busy']);
    bench.checked(bench.of('check')[0]!.ticket, 'good');
    bench.data(CHECKING_PER_NEIGHBOUR_MAX);
    expect(bench.of('check')).toHaveLength(CHECKING_PER_NEIGHBOUR_MAX + 1);
  });
});

describe('§2.2: the root', () => {
  function root(): Bench {
    const bench = new Bench();
    bench.way = { kind: 'here' };
    bench.join().child(id(1));
    bench.take();
    return bench;
  }

  test('forwards what it is given, once', () => {
    const bench = root();
    bench.publish(1);
    bench.checkAll();
    expect(bench.outcome()).toEqual({ kind: 'sent' });
    bench.publish(2, { seq: 1 });
    expect(bench.outcome()).toEqual({ kind: 'sent' });
    expect(bench.told('data')).toHaveLength(1);
  });

  test('says who it is not, that nobody is there, and what it refuses', () => {
    const bench = root();
    bench.publish(1, { group: id(0x99) });
    expect(bench.outcome()).toEqual({ kind: 'nobody' });
    bench.publish(2);
    bench.checkAll('forged');
    expect(bench.outcome()).toMatchObject({ kind: 'refused', code: 'bad-signature' });
    bench.publish(3, { epoch: 5_000 + CLOCK_SKEW_MS + 1 });
    expect(bench.outcome()).toMatchObject({ kind: 'refused', code: 'bad-epoch' });
    bench.way = { kind: 'next', nodeId: above };
    bench.step({ type: 'routes-changed' });
    bench.publish(4);
    expect(bench.outcome()).toEqual({ kind: 'not-root' });
  });

  test('names the epoch that an earlier one must follow', () => {
    const bench = root();
    bench.publish(1, { epoch: 9 });
    bench.checkAll();
    bench.publish(2, { epoch: 8 });
    expect(bench.outcome()).toEqual({ kind: 'stale', epoch: 9 });
  });

  test('takes only so much of one sender; others and later times are free', () => {
    const bench = root();
    const payload = new Uint8Array(64 * 1024);
    let call = 0;
    const say = (from: NodeId): unknown => {
      bench.take();
      bench.publish(++call, { payload, sender: from });
      bench.checkAll();
      return bench.outcome();
    };
    for (let bytes = 0; bytes < SENDER_BURST_BYTES; bytes += payload.length)
      expect(say(sender)).toEqual({ kind: 'sent' });
    expect(say(sender)).toMatchObject({ kind: 'refused', code: 'too-fast' });
    expect(say(other)).toEqual({ kind: 'sent' });
    bench.pass(1_000);
    expect(say(sender)).toEqual({ kind: 'sent' });
  });
});

describe('§2.3: repair', () => {
  test('a parent with nothing to forward says that it is alive; a multicast says it too', () => {
    const bench = new Bench().attached().child(id(1), 7).child(id(2), 8);
    const keepParent = (): void => bench.hear(above, { type: 'alive', channels: [bench.channel] });
    bench.pass(HEARTBEAT_MS - ROUND_MS, keepParent);
    expect(bench.told('alive')).toEqual([]);
    bench.data(0);
    bench.checkAll();
    bench.pass(2 * ROUND_MS, keepParent);
    expect(bench.told('alive')).toEqual([]);
    bench.pass(HEARTBEAT_MS, keepParent);
    expect(bench.told('alive').map(({ to, message }) => [to, message.channels])).toEqual([
      [id(1), [7]],
      [id(2), [8]],
    ]);
  });

  test('one message speaks of all groups that two nodes share', () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i++) bench.hear(id(1), { type: 'join', group: id(0x80, i), channel: i });
    for (let i = 0; i < 3; i++) {
      const { channel } = bench.machine.group(id(0x80, i))!;
      bench.hear(above, { type: 'accepted', channel, path: [above] });
    }
    bench.take();
    bench.pass(RENEW_MS + ROUND_MS);
    expect(bench.told('renew').map(({ message }) => message.channels.length)).toEqual([3]);
    expect(bench.told('alive').map(({ message }) => message.channels)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  test('a child that heard nothing for too long joins anew, and keeps its children', () => {
    const bench = new Bench().attached().child(id(1));
    bench.take();
    bench.way = { kind: 'next', nodeId: other };
    bench.pass(PARENT_SILENT_MS + ROUND_MS);
    expect(bench.told('leave')[0]!.to).toEqual(above);
    expect(bench.told('join')[0]!.to).toEqual(other);
    expect(bench.machine.group(group)!.children.size).toBe(1);
  });

  test('when the link to the parent ends it joins at once; a child whose link ends is forgotten', () => {
    const bench = new Bench().attached().child(id(1));
    bench.take();
    bench.way = { kind: 'next', nodeId: other };
    bench.step({ type: 'links', up: [], down: [above, id(1)] });
    expect(bench.told('join').map(({ to }) => to)).toEqual([other]);
    expect(bench.machine.group(group)!.children.size).toBe(0);
  });

  test('a child that does not renew its lease is dropped, and told so', () => {
    const bench = new Bench().attached().child(id(1), 7).child(id(2), 8);
    bench.take();
    bench.pass(LEASE_MS + ROUND_MS, () => {
      bench.hear(above, { type: 'alive', channels: [bench.channel] });
      bench.hear(id(2), { type: 'renew', channels: [8] });
    });
    expect(bench.told('gone')).toEqual([{ to: id(1), message: { type: 'gone', channels: [7] } }]);
    expect([...bench.machine.group(group)!.children.keys()]).toEqual([idText(id(2))]);
  });

  test('each end tells the other what it has forgotten', () => {
    const bench = new Bench().attached();
    bench.hear(id(1), { type: 'renew', channels: [5, 6] });
    expect(bench.told('gone')).toEqual([{ to: id(1), message: { type: 'gone', channels: [5, 6] } }]);
    bench.hear(other, { type: 'alive', channels: [bench.channel, 99_999] });
    expect(bench.told('leave')).toEqual([
      { to: other, message: { type: 'leave', channels: [bench.channel, 99_999] } },
    ]);
    bench.take();
    bench.hear(above, { type: 'gone', channels: [bench.channel] });
    expect(bench.told('join').map(({ to }) => to)).toEqual([above]);
  });

  test('a link that came anew: the parent is asked whether it still knows us', () => {
    const bench = new Bench().attached();
    bench.step({ type: 'links', up: [above], down: [] });
    expect(bench.told('renew').map(({ to }) => to)).toEqual([above]);
  });

  test('after sleep nobody is given up at once; the parent is asked', () => {
    const bench = new Bench().attached().child(id(1));
    bench.take();
    bench.now += 3_600_000;
    bench.step({ type: 'timer' });
    expect(bench.told('renew').map(({ to }) => to)).toEqual([above]);
    expect([...bench.told('gone'), ...bench.told('leave'), ...bench.told('join')]).toEqual([]);
  });

  test('who stops leaves its parents', () => {
    const bench = new Bench().attached();
    bench.step({ type: 'stop' });
    expect(bench.told('leave').map(({ to }) => to)).toEqual([above]);
    bench.take();
    bench.child(id(1));
    expect(bench.effects).toEqual([]);
  });
});

describe('§2.4: the bottleneck remover', () => {
  function full(): Bench {
    const bench = new Bench().attached();
    for (let i = 1; i <= CHILDREN_MAX; i++) {
      bench.delays.set(idText(id(i)), i === 5 ? 900 : i);
      bench.child(id(i), i);
    }
    bench.take();
    return bench;
  }

  test('one child too many: the farthest is told the others and their delays', () => {
    const bench = full().child(id(50), 50);
    const [message] = bench.told('elsewhere');
    expect(message!.to).toEqual(id(5));
    expect(message!.message.others).toHaveLength(CHILDREN_MAX);
    expect(message!.message.others.slice(0, 2)).toEqual([
      { node: id(50), delayMs: 0 },
      { node: id(1), delayMs: 1 },
    ]);
  });

  test('one at a time; who cannot go stays, and the next farthest is asked', () => {
    const bench = full().child(id(50), 50).child(id(51), 51);
    expect(bench.told('elsewhere')).toHaveLength(1);
    bench.hear(id(5), { type: 'stay', channel: 5 });
    expect(bench.told('elsewhere').map(({ to }) => to)).toEqual([id(5), id(16)]);
    bench.hear(id(16), { type: 'leave', channels: [16] });
    expect(bench.told('elsewhere').map(({ to }) => to)).toEqual([id(5), id(16), id(15)]);
    bench.pass(HANDOVER_MS);
    expect(bench.told('elsewhere').at(-1)!.to).toEqual(id(14));
  });

  test('more than can be taken at all are sent away', () => {
    const bench = new Bench().attached();
    for (let i = 1; i <= CHILDREN_TAKEN_MAX; i++) bench.child(id(1 + (i >> 8), i & 255), i);
    bench.take();
    bench.child(id(0x60), 9_999);
    expect(bench.told('accepted')).toEqual([]);
    expect(bench.told('elsewhere').at(-1)!.to).toEqual(id(0x60));
    expect(bench.told('elsewhere').at(-1)!.message.others).toHaveLength(OTHERS_MAX);
    expect(bench.machine.group(group)!.children.size).toBe(CHILDREN_TAKEN_MAX);
  });

  test('the child goes to the linked one with the smallest way to the old parent, and leaves that only then', () => {
    const bench = new Bench().attached();
    const { channel } = bench;
    for (const node of [id(2), id(3)]) bench.linked.add(idText(node));
    bench.delays.set(idText(id(2)), 50).set(idText(id(3)), 10);
    const others = [
      { node: id(1), delayMs: 0 },
      { node: id(2), delayMs: 5 },
      { node: id(3), delayMs: 20 },
    ];
    bench.hear(above, { type: 'elsewhere', channel, others });
    expect(bench.told('join').map(({ to }) => to)).toEqual([id(3)]);
    expect(bench.told('leave')).toEqual([]);
    bench.hear(id(3), { type: 'accepted', channel, path: [above, id(3)] });
    expect(bench.told('leave').map(({ to }) => to)).toEqual([above]);
    expect(bench.machine.group(group)!.parent!.nodeId).toEqual(id(3));
  });

  test('without a link to any of them it stays; so it does when the new parent does not answer', () => {
    const bench = new Bench().attached();
    const { channel } = bench;
    bench.hear(above, { type: 'elsewhere', channel, others: [{ node: id(1), delayMs: 0 }] });
    expect(bench.told('stay').map(({ to }) => to)).toEqual([above]);
    bench.take();
    bench.linked.add(idText(id(1)));
    bench.hear(above, { type: 'elsewhere', channel, others: [{ node: id(1), delayMs: 0 }] });
    bench.pass(JOIN_MS);
    expect(bench.told('stay').map(({ to }) => to)).toEqual([above]);
    expect(bench.machine.group(group)!.parent!.nodeId).toEqual(above);
  });

  test('nobody is sent round for ever', () => {
    const bench = new Bench().join();
    const { channel } = bench;
    for (const node of [id(1), id(2)]) bench.linked.add(idText(node));
    bench.hear(above, { type: 'elsewhere', channel, others: [{ node: id(1), delayMs: 0 }] });
    for (let i = 0; i < 3 * MOVES_MAX; i++) {
      const to = bench.told('join').at(-1)!.to;
      const next = idText(to) === idText(id(1)) ? id(2) : id(1);
      bench.hear(to, { type: 'elsewhere', channel, others: [{ node: next, delayMs: 0 }] });
    }
    expect(bench.told('join').length).toBeLessThanOrEqual(MOVES_MAX + 1);
  });
});

describe('§2.4: loops', () => {
  test('who finds itself in the path from the root leaves that parent and joins anew', () => {
    const bench = new Bench().attached();
    bench.hear(above, { type: 'accepted', channel: bench.channel, path: [other, self, above] });
    expect(bench.told('leave').map(({ to }) => to)).toEqual([above]);
    expect(bench.of('count').map(({ name }) => name)).toEqual(['loops']);
    bench.way = { kind: 'next', nodeId: other };
    bench.pass(1_000);
    expect(bench.told('join').map(({ to }) => to)).toEqual([other]);
  });

  test('so does who is too deep', () => {
    const bench = new Bench().attached();
    const path = Array.from({ length: DEPTH_MAX }, (_, i) => id(0x20, i));
    bench.hear(above, { type: 'accepted', channel: bench.channel, path });
    expect(bench.told('leave')).toHaveLength(1);
  });

  test('a parent whose path changes all the time does not flood the tree below', () => {
    const bench = new Bench().attached().child(id(1));
    bench.pass(PATH_MS);
    bench.take();
    for (let i = 0; i < 100; i++)
      bench.hear(above, { type: 'accepted', channel: bench.channel, path: [id(0x20, i), above] });
    expect(bench.told('accepted').map(({ message }) => message.path[0])).toEqual([id(0x20, 0)]);
    bench.take();
    bench.pass(PATH_MS);
    expect(bench.told('accepted').map(({ message }) => message.path[0])).toEqual([id(0x20, 99)]);
  });

  test('an ancestor that joins has lost its way: it is taken, and we look for another', () => {
    const bench = new Bench().attached([other, above]);
    bench.way = { kind: 'next', nodeId: id(0x7f) };
    bench.child(other, 3);
    expect(bench.told('accepted').map(({ to }) => to)).toEqual([other]);
    expect(bench.told('leave').map(({ to }) => to)).toEqual([above]);
    expect(bench.told('join').map(({ to }) => to)).toEqual([id(0x7f)]);
  });

  test('a next hop that is our child is given time to find the root by itself, then turned round', () => {
    const bench = new Bench();
    bench.way = { kind: 'here' };
    bench.join().child(id(1), 7);
    bench.take();
    bench.way = { kind: 'next', nodeId: id(1) };
    bench.step({ type: 'routes-changed' });
    expect(bench.told('join')).toEqual([]);
    bench.pass(1_000);
    expect(bench.told('gone')).toEqual([{ to: id(1), message: { type: 'gone', channels: [7] } }]);
    expect(bench.told('join').map(({ to }) => to)).toEqual([id(1)]);
  });
});

describe('numbers of groups', () => {
  test('the same number for another group: the child has started again and forgotten the first', () => {
    const bench = new Bench().attached().child(id(1), 7);
    bench.hear(id(1), { type: 'join', group: id(0x90), channel: 7 });
    expect(bench.machine.group(group)!.children.size).toBe(0);
    expect(bench.machine.group(id(0x90))!.children.size).toBe(1);
  });

  test('the same group under another number: the child has started again', () => {
    const bench = new Bench().attached().child(id(1), 7).child(id(1), 8);
    bench.take();
    bench.hear(id(1), { type: 'leave', channels: [7] });
    expect(bench.machine.group(group)!.children.size).toBe(1);
    bench.hear(id(1), { type: 'leave', channels: [8] });
    expect(bench.machine.group(group)!.children.size).toBe(0);
  });

  test('one neighbour is a child in so many groups and no more', () => {
    const bench = new Bench();
    for (let i = 0; i <= GROUPS_PER_NEIGHBOUR_MAX; i++)
      bench.hear(id(1), { type: 'join', group: id(i >> 8, i & 255), channel: i });
    expect(bench.machine.groupCount).toBe(GROUPS_PER_NEIGHBOUR_MAX);
    expect(bench.of('refused').map(({ code }) => code)).toEqual(['too-many-groups']);
    bench.hear(id(2), { type: 'join', group: id(0xff), channel: 0 });
    expect(bench.machine.groupCount).toBe(GROUPS_PER_NEIGHBOUR_MAX + 1);
  });
});

describe('anycast: NGC 2003, §4', () => {
  const origin = id(0x01);

  function arrive(bench: Bench, visited: readonly NodeId[] = [origin], call = 1): void {
    bench.take();
    bench.step({ type: 'anycast', call, group, visited, timeoutMs: 10_000 });
  }

  function passedTo(bench: Bench): NodeId | undefined {
    return bench.of('pass').at(-1)?.to;
  }

  test('outside of the tree it goes on towards the root', () => {
    const bench = new Bench();
    arrive(bench);
    expect(bench.of('pass')).toMatchObject([{ to: above, visited: [origin, self] }]);
  });

  test('in the tree: the member, then the children, then up; what was visited is not visited again', () => {
    const bench = new Bench().attached().child(id(2), 2).child(id(3), 3);
    arrive(bench);
    expect(bench.of('offer')).toHaveLength(1);
    bench.step({ type: 'offered', call: 1, answer: undefined });
    expect(passedTo(bench)).toEqual(id(2));
    bench.step({
      type: 'passed',
      call: 1,
      walk: { taken: undefined, visited: [origin, self, id(2), id(3)] },
    });
    expect(passedTo(bench)).toEqual(above);
    bench.step({ type: 'passed', call: 1, walk: undefined });
    expect(bench.of('walked')).toMatchObject([{ walk: { taken: undefined } }]);
    expect(bench.of('walked')[0]!.walk.visited).toEqual([origin, self, id(2), id(3), above]);
  });

  test('who takes it ends the walk', () => {
    const bench = new Bench().attached().child(id(2), 2);
    arrive(bench);
    bench.step({ type: 'offered', call: 1, answer: utf8('me') });
    expect(bench.of('walked')[0]!.walk.taken).toEqual({ by: self, answer: utf8('me') });
    arrive(bench, [origin], 2);
    bench.step({ type: 'offered', call: 2, answer: undefined });
    const taken = { by: id(2), answer: utf8('you') };
    bench.step({ type: 'passed', call: 2, walk: { taken, visited: [] } });
    expect(bench.of('walked')[0]!.walk.taken).toEqual(taken);
  });

  test('our own is not offered to ourselves', () => {
    const bench = new Bench().attached();
    arrive(bench, [self]);
    expect(bench.of('offer')).toEqual([]);
    expect(passedTo(bench)).toEqual(above);
  });

  test('who has seen it, or finds its list full, sends it back', () => {
    const bench = new Bench().attached();
    arrive(bench, [origin, self, other]);
    expect(bench.of('walked')).toHaveLength(1);
    arrive(
      bench,
      Array.from({ length: VISITS_MAX }, (_, i) => id(0x30, i)),
    );
    expect(bench.of('walked')).toHaveLength(1);
  });

  test('without time left it goes back', () => {
    const bench = new Bench();
    bench.step({ type: 'anycast', call: 1, group, visited: [origin], timeoutMs: 100 });
    expect(bench.of('walked')).toHaveLength(1);
  });

  test('so many at once and no more', () => {
    const bench = new Bench();
    for (let call = 0; call <= ANYCASTS_MAX; call++)
      bench.step({ type: 'anycast', call, group, visited: [origin], timeoutMs: 10_000 });
    expect(bench.of('pass')).toHaveLength(ANYCASTS_MAX);
    expect(bench.of('walked').map(({ call }) => call)).toEqual([ANYCASTS_MAX]);
    expect(bench.of('refused').map(({ code }) => code)).toEqual(['busy']);
  });
});
