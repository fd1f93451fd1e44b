/** The link machine: agreement, lanes, flow control, probes, and every way in which the other side may misbehave. */
import { describe, expect, test } from 'vitest';
import { concat } from '../../../../src/core/codec/bytes.ts';
import { MESSAGE_BYTES_MAX } from '../../../../src/core/codec/limits.ts';
import { refuse } from '../../../../src/core/codec/result.ts';
import { encodeCbor } from '../../../../src/core/codec/cbor.ts';
import { encodeFrame } from '../../../../src/core/overlay/link/frame.ts';
import {
  BULK_WINDOW_BYTES,
  FRAGMENT_BYTES_MAX,
  FRAGMENTS_MAX,
  HANDSHAKE_MS,
  IDLE_MS,
  PROBES_MISSED_MAX,
  QUEUE_BYTES_MAX,
  TICK_MS,
  UNANSWERED_MS,
} from '../../../../src/core/overlay/link/limits.ts';
import type { LinkEnd } from '../../../support/link-pair.ts';
import { encodedHello, LinkPair } from '../../../support/link-pair.ts';
import { signedByAnother } from '../../../support/other-authority.ts';

const HOUR_MS = 3_600_000;
const NOTHING = new Uint8Array(0);
const bytes = (length: number, fill = 0) => new Uint8Array(length).fill(fill);

function tick(end: LinkEnd): void {
  end.now += TICK_MS;
  end.step({ type: 'tick' });
  end.flush();
}

describe('agreement', () => {
  test('hello both ways, then the other accepts, then the arbiter, and both are up', async () => {
    const { arbiter, other } = await LinkPair.up();
    expect(arbiter.types).toEqual(['check', 'agreed', 'up']);
    expect(other.types).toEqual(['check', 'up']);
    expect(arbiter.of('up')[0]!.contact.nodeId).toEqual(other.contact.nodeId);
  });

  test('the arbiter is up only after the other has accepted its certificate', async () => {
    const pair = await LinkPair.create();
    const { arbiter, other } = pair;
    arbiter.step({ type: 'opened' });
    other.step({ type: 'opened' });
    arbiter.flush();
    other.flush();
    pair.deliver(arbiter);
    pair.deliver(other);
    arbiter.step({ type: 'checked', result: { ok: true, value: other.contact } });
    arbiter.step({ type: 'accept' });
    expect(arbiter.machine.state).toBe('agreeing');
    other.step({ type: 'checked', result: refuse('expired', 'a node certificate that expired') });
    pair.deliver(other);
    expect(arbiter.of('up')).toEqual([]);
    expect(arbiter.of('down')[0]).toMatchObject({ reason: 'refused', detail: { code: 'expired' } });
    expect(other.of('refused')[0]!.refusal.code).toBe('expired');
  });

  test('the arbiter refuses a duplicate, and the other is told', async () => {
    const pair = await LinkPair.create();
    const { arbiter, other } = pair;
    for (const end of [arbiter, other]) end.step({ type: 'opened' });
    for (const end of [arbiter, other]) end.flush();
    pair.deliver(arbiter);
    pair.deliver(other);
    other.step({ type: 'checked', result: { ok: true, value: arbiter.contact } });
    other.flush();
    pair.deliver(other);
    arbiter.step({ type: 'checked', result: { ok: true, value: other.contact } });
    expect(arbiter.types).toEqual(['check', 'agreed']);
    arbiter.step({ type: 'refuse', refusal: refuse('duplicate', 'there is a link already') });
    pair.deliver(arbiter);
    expect(other.of('down')[0]).toMatchObject({ reason: 'refused', detail: { code: 'duplicate' } });
  });

  test('a certificate of another authority, and one of another key', async () => {
    const pair = await LinkPair.create();
    const { arbiter, other } = pair;
    const forged = { ...other.contact, certificate: await signedByAnother(other.contact.certificate) };
    for (const [hello, code] of [
      [await encodedHello(forged), 'bad-signature'],
      [await encodedHello(arbiter.contact), 'wrong-peer-key'],
    ] as const) {
      const impostor = await LinkPair.create();
      impostor.arbiter.step({ type: 'opened' });
      impostor.arbiter.step({ type: 'received', bytes: encodeFrame('hello', hello) });
      await impostor.settle();
      expect(impostor.arbiter.of('refused')[0]!.refusal.code).toBe(code);
      expect(impostor.arbiter.types).not.toContain('agreed');
      expect(impostor.other.of('down')[0]!.detail?.code).toBe(code);
    }
  });

  test('a node that says nothing is given up', async () => {
    const { arbiter } = await LinkPair.create();
    arbiter.step({ type: 'opened' });
    for (let ms = 0; ms <= HANDSHAKE_MS; ms += TICK_MS) tick(arbiter);
    expect(arbiter.of('refused')[0]!.refusal.code).toBe('handshake-timeout');
    expect(arbiter.machine.state).toBe('down');
  });
});

describe('refusals', () => {
  const unknownVersion = encodeCbor({ v: 2, ring: bytes(32), future: true });
  test.each([
    ['unknown-version', encodeFrame('hello', unknownVersion)],
    ['malformed', encodeFrame('hello', bytes(10, 255))],
    ['bad-schema', encodeFrame('hello', encodeCbor({ v: 1, ring: bytes(31) }))],
    ['unexpected-frame', encodeFrame('accept', NOTHING)],
    ['unexpected-frame', encodeFrame('control-end', bytes(4))],
    ['unexpected-frame', encodeFrame('ping', bytes(8))],
    ['unknown-frame', Uint8Array.of(1, 77)],
    ['too-long', Uint8Array.of(0xff, 0xff, 0x7f)],
    ['malformed', encodeFrame('refuse', bytes(3))],
  ])('before the link is up: %s', async (code, frame) => {
    const { arbiter } = await LinkPair.create();
    arbiter.step({ type: 'opened' });
    arbiter.step({ type: 'received', bytes: frame });
    expect(arbiter.of('refused').map(({ refusal }) => refusal.code)).toEqual([code]);
    expect(arbiter.of('down')).toHaveLength(1);
    arbiter.effects.length = 0;
    arbiter.step({ type: 'received', bytes: frame });
    arbiter.step({ type: 'tick' });
    expect(arbiter.effects).toEqual([]);
  });

  const credit = (amount: number) => {
    const payload = bytes(4);
    new DataView(payload.buffer).setUint32(0, amount);
    return encodeFrame('credit', payload);
  };
  const parts = (type: 'control-part' | 'bulk-part', count: number, size = FRAGMENT_BYTES_MAX) =>
    concat(...Array.from({ length: count }, () => encodeFrame(type, bytes(size))));
  test.each([
    ['too-large', parts('control-part', Math.ceil(MESSAGE_BYTES_MAX / FRAGMENT_BYTES_MAX) + 1)],
    ['flow-control', parts('bulk-part', Math.ceil(BULK_WINDOW_BYTES / FRAGMENT_BYTES_MAX) + 1)],
    ['flow-control', credit(1)],
    ['malformed', encodeFrame('credit', bytes(3))],
    ['malformed', encodeFrame('ping', bytes(9))],
    ['malformed', encodeFrame('bulk-part', NOTHING)],
    ['malformed', parts('control-part', FRAGMENTS_MAX + 1, 1)],
    ['malformed', encodeFrame('close', bytes(2))],
    ['unexpected-frame', encodeFrame('accept', NOTHING)],
    ['unexpected-frame', encodeFrame('hello', NOTHING)],
  ])('when the link is up: %s', async (code, frames) => {
    const pair = await LinkPair.up();
    pair.arbiter.step({ type: 'received', bytes: frames });
    expect(pair.arbiter.of('refused').map(({ refusal }) => refusal.code)).toEqual([code]);
    await pair.settle();
    expect(pair.other.of('down')[0]).toMatchObject({ reason: 'refused', detail: { code } });
  });

  test('a stream that ends inside a frame', async () => {
    const { arbiter } = await LinkPair.up();
    arbiter.step({ type: 'received', bytes: encodeFrame('bulk-end', bytes(100)).subarray(0, 50) });
    arbiter.step({ type: 'ended' });
    expect(arbiter.of('refused')[0]!.refusal.code).toBe('truncated');
    expect(arbiter.of('down')[0]!.reason).toBe('lost');
    expect(arbiter.of('message')).toEqual([]);
  });
});

describe('lanes', () => {
  test('control goes before what remains of a bulk message', async () => {
    const pair = await LinkPair.up();
    const { arbiter, other } = pair;
    arbiter.send(bytes(200_000, 1), 'bulk', 1);
    arbiter.step({ type: 'writable' });
    arbiter.send(bytes(40_000, 2), 'control', 2);
    await pair.settle();
    expect(other.of('message').map(({ message }) => [message.length, message[0]])).toEqual([
      [40_000, 2],
      [200_000, 1],
    ]);
    expect(arbiter.of('taken').map(({ ticket }) => ticket)).toEqual([2, 1]);
  });

  test('at most a window of bulk is under way; control passes meanwhile; credit lets the rest go', async () => {
    const pair = await LinkPair.up();
    const { arbiter, other } = pair;
    arbiter.wire = [];
    arbiter.send(bytes(MESSAGE_BYTES_MAX, 1), 'bulk', 1);
    arbiter.flush();
    const written = arbiter.wire.reduce((sum, part) => sum + part.length, 0);
    expect(written).toBeLessThan(BULK_WINDOW_BYTES + 1_000);
    expect(written).toBeGreaterThan(BULK_WINDOW_BYTES - FRAGMENT_BYTES_MAX);
    expect(arbiter.machine.hasOutput).toBe(false);
    arbiter.send(bytes(1, 2), 'control', 2);
    expect(arbiter.machine.hasOutput).toBe(true);
    await pair.settle();
    expect(other.of('message').map(({ message }) => message.length)).toEqual([1, MESSAGE_BYTES_MAX]);
  });

  test('a full lane is congested, and only that lane', async () => {
    const { arbiter } = await LinkPair.up();
    for (let i = 0; i <= QUEUE_BYTES_MAX.bulk / MESSAGE_BYTES_MAX; i++)
      arbiter.send(bytes(MESSAGE_BYTES_MAX), 'bulk', i);
    expect(arbiter.of('rejected')).toEqual([{ type: 'rejected', ticket: 4, code: 'congested' }]);
    arbiter.send(bytes(1), 'control', 9);
    expect(arbiter.of('rejected')).toHaveLength(1);
  });

  test('closing: waiting control still goes out, waiting bulk is rejected', async () => {
    const pair = await LinkPair.up();
    const { arbiter, other } = pair;
    arbiter.send(bytes(MESSAGE_BYTES_MAX), 'bulk', 1);
    arbiter.send(bytes(70_000), 'control', 2);
    arbiter.step({ type: 'close', reason: 'not-needed' });
    await pair.settle();
    expect(arbiter.of('taken').map(({ ticket }) => ticket)).toEqual([2]);
    expect(arbiter.of('rejected')).toEqual([{ type: 'rejected', ticket: 1, code: 'no-link' }]);
    expect(arbiter.of('down')[0]!.reason).toBe('not-needed');
    expect(other.of('message').map(({ message }) => message.length)).toEqual([70_000]);
    expect(other.of('down')[0]).toMatchObject({ reason: 'closed', abort: false });
    arbiter.send(bytes(1), 'control', 3);
    expect(arbiter.of('rejected').at(-1)).toEqual({ type: 'rejected', ticket: 3, code: 'no-link' });
  });
});

describe('probes', () => {
  test('an idle link is probed, and measures its round-trip time', async () => {
    const pair = await LinkPair.up();
    for (let i = 0; i < 20; i++) {
      tick(pair.arbiter);
      pair.arbiter.now += 40;
      await pair.settle();
    }
    expect(pair.arbiter.machine.state).toBe('up');
    expect(pair.arbiter.machine.rttMs).toBeCloseTo(40);
  });

  /** The milliseconds until it is given up, after its first measurement. */
  async function silence(said: boolean): Promise<number> {
    const pair = await LinkPair.up();
    const { arbiter } = pair;
    tick(arbiter);
    await pair.settle();
    tick(arbiter);
    const since = arbiter.now;
    if (said) arbiter.send(bytes(9), 'control', 1);
    arbiter.flush();
    while (arbiter.machine.state === 'up') tick(arbiter);
    expect(arbiter.of('down')[0]).toMatchObject({ reason: 'lost', abort: true });
    return arbiter.now - since;
  }

  test('a silent one to which something was said is lost after a few probes', async () => {
    const lost = UNANSWERED_MS + PROBES_MISSED_MAX * TICK_MS;
    const ms = await silence(true);
    expect(ms).toBeGreaterThanOrEqual(lost);
    expect(ms).toBeLessThanOrEqual(lost + TICK_MS);
  });

  test('a silent one on which nothing is said is lost after its time to be idle', async () => {
    const lost = IDLE_MS + PROBES_MISSED_MAX * TICK_MS;
    const ms = await silence(false);
    expect(ms).toBeGreaterThanOrEqual(lost - TICK_MS);
    expect(ms).toBeLessThanOrEqual(lost + TICK_MS);
  });

  test('an idle link writes little: a probe and its answer in IDLE_MS, whichever end asks', async () => {
    const pair = await LinkPair.up();
    const { arbiter, other } = pair;
    const written = (): number =>
      [...arbiter.of('write'), ...other.of('write')].reduce((sum, part) => sum + part.bytes.length, 0);
    const before = written();
    for (let ms = 0; ms < HOUR_MS; ms += TICK_MS)
      for (const end of [arbiter, other]) {
        tick(end);
        while (pair.deliver(end));
        pair.peerOf(end).flush();
        while (pair.deliver(pair.peerOf(end)));
      }
    const exchange = 2 * encodeFrame('ping', bytes(8)).length;
    expect(written() - before).toBeLessThanOrEqual(exchange * (HOUR_MS / IDLE_MS + 4));
    expect(pair.arbiter.machine.state).toBe('up');
  });

  test('who answers by itself is not probed', async () => {
    const pair = await LinkPair.up();
    const { arbiter, other } = pair;
    tick(arbiter);
    await pair.settle();
    for (let ticket = 0; ticket < 20; ticket++) {
      arbiter.send(bytes(9), 'control', ticket);
      arbiter.flush();
      while (pair.deliver(arbiter));
      tick(arbiter);
      expect(arbiter.wire).toEqual([]);
      other.send(bytes(9), 'control', ticket);
      await pair.settle();
    }
  });

  test('any byte is life: a peer too busy to answer pings is kept', async () => {
    const { arbiter } = await LinkPair.up();
    const part = encodeFrame('control-part', bytes(2));
    for (let i = 0; i < 50; i++) {
      arbiter.step({ type: 'received', bytes: part.subarray(i % 2 ? 2 : 0, i % 2 ? 4 : 2) });
      tick(arbiter);
    }
    expect(arbiter.machine.state).toBe('up');
  });

  test('our own sleep is not the other side’s absence', async () => {
    const pair = await LinkPair.up();
    tick(pair.arbiter);
    await pair.settle();
    pair.arbiter.now += 3_600_000;
    tick(pair.arbiter);
    expect(pair.arbiter.machine.state).toBe('up');
    await pair.settle();
    tick(pair.arbiter);
    expect(pair.arbiter.machine.state).toBe('up');
  });

  test('a challenge is answered by its own pong only', async () => {
    const pair = await LinkPair.up();
    tick(pair.arbiter);
    await pair.settle();
    expect(pair.arbiter.of('probed')).toEqual([]);
    pair.arbiter.step({ type: 'probe' });
    await pair.settle();
    expect(pair.arbiter.of('probed')).toHaveLength(1);
  });

  test('a flood of pings makes no flood of answers', async () => {
    const { arbiter } = await LinkPair.up();
    arbiter.step({
      type: 'received',
      bytes: concat(...Array.from({ length: 10_000 }, () => encodeFrame('ping', bytes(8)))),
    });
    arbiter.wire = [];
    arbiter.flush();
    expect(arbiter.wire.reduce((sum, part) => sum + part.length, 0)).toBeLessThan(100);
  });
});
