/** The relay's places as a browser asks for them: patience with the network, the relay's own refusals, an end on demand. */
import { expect, test } from 'vitest';
import '../../../support/english.ts';
import { VirtualClock } from '../../../../src/adapters/memory/clock.ts';
import { RendezvousClient } from '../../../../src/app/session/rendezvous-client.ts';
import { utf8 } from '../../../../src/core/codec/bytes.ts';
import { authorityRefusalCodec } from '../../../../src/core/identity/join.ts';
import { SLOT_BYTES_MAX } from '../../../../src/core/identity/rendezvous.ts';

const PLACE = 'ab'.repeat(16);

/** Answers one after another; `undefined`: the network failed. */
function relay(...answers: readonly (Response | undefined)[]) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const left = [...answers];
  const client = new RendezvousClient(clock, (input, init) => {
    asked.push(`${init?.method} ${input as string}`);
    const answer = left.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError('Failed to fetch'));
  });
  return { clock, client, asked };
}

/** Lets the pauses between attempts pass. */
async function passing<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let done = false;
  void work.finally(() => (done = true));
  while (!done) await clock.advanceAsync(1_000);
  return work;
}

function refusal(code: string, status: number): Response {
  return new Response(authorityRefusalCodec.encode({ v: 1, code, reason: 'Because.' }), { status });
}

test('waits on when nothing is there yet, and when the network or the relay has a moment', async () => {
  const { clock, client, asked } = relay(
    new Response(null, { status: 204 }),
    undefined,
    refusal('busy', 503),
    new Response('<h1>Bad gateway</h1>', { status: 502 }),
    new Response('sealed'),
  );
  expect(await passing(clock, client.wait(PLACE, 'answered'))).toEqual({ ok: true, value: utf8('sealed') });
  expect(asked).toEqual(Array<string>(5).fill(`GET /pairing/${PLACE}/answered`));
});

test('posts again what may have been lost, and gives up after a while', async () => {
  const lucky = relay(undefined, new Response(null, { status: 204 }));
  expect(await passing(lucky.clock, lucky.client.post(PLACE, 'opened', utf8('x')))).toEqual({
    ok: true,
    value: true,
  });
  const { clock, client, asked } = relay();
  expect(await passing(clock, client.post(PLACE, 'opened', utf8('x')))).toMatchObject({
    code: 'unreachable',
  });
  expect(asked).toHaveLength(5);
});

test('hands on what the relay refuses, at once', async () => {
  const { client } = relay(refusal('place-unknown', 404), refusal('slot-taken', 409));
  expect(await client.wait(PLACE, 'opened')).toEqual({
    ok: false,
    code: 'place-unknown',
    reason: 'Because.',
  });
  expect(await client.post(PLACE, 'answered', utf8('x'))).toMatchObject({ code: 'slot-taken' });
});

test('does not take more than a slot holds', async () => {
  const { clock, client } = relay(new Response(new Uint8Array(SLOT_BYTES_MAX + 1)));
  expect(await passing(clock, client.wait(PLACE, 'opened'))).toMatchObject({ code: 'unreachable' });
});

test('ends when nobody wants it any more', async () => {
  const { clock, client } = relay();
  const waiting = client.wait(PLACE, 'opened');
  client.close();
  expect(await passing(clock, waiting)).toMatchObject({ code: 'cancelled' });
});
