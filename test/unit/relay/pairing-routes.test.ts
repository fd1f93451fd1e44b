/** The places to meet over real HTTP: what is kept, waited for, refused and counted. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PairingRoutes, WAIT_MS } from '../../../relay/src/pairing-routes.ts';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { PLACE_MS, SLOT_BYTES_MAX } from '../../../src/core/identity/rendezvous.ts';
import { refusalIn } from './support.ts';

const PLACE = 'ab'.repeat(16);
let server: Server;
let url: string;
let clock: VirtualClock;
let counters: Counters;
/** Called when a request has come in. */
let arrived: () => void;

beforeEach(async () => {
  clock = new VirtualClock();
  counters = new Counters(() => clock.now());
  arrived = () => undefined;
  const routes = new PairingRoutes({ clock, counters });
  server = createServer((request, response) => {
    const path = request.url ?? '/';
    void routes.serve(path, request, response);
    arrived();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pairing`;
});

afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

function post(slot: string, body = 'sealed', place = PLACE): Promise<Response> {
  return fetch(`${url}/${place}/${slot}`, { method: 'POST', body });
}

/** A GET that has begun to wait. */
async function waiting(slot: string): Promise<{ readonly answer: Promise<Response> }> {
  const begun = new Promise<void>((resolve) => (arrived = resolve));
  const answer = fetch(`${url}/${PLACE}/${slot}`);
  await begun;
  return { answer };
}

describe('places to meet', () => {
  it('give one device what the other one left, also when it asked before', async () => {
    expect((await post('opened', 'hello')).status).toBe(204);
    expect(await (await fetch(`${url}/${PLACE}/opened`)).text()).toBe('hello');
    const { answer } = await waiting('answered');
    await post('answered', 'and hello');
    expect(await (await answer).text()).toBe('and hello');
    expect(counters.get('pairing.opened')).toBe(1);
    expect(counters.get('pairing.answered')).toBe(1);
  });

  it('answer 204 when nothing came for a while', async () => {
    await post('opened');
    const { answer } = await waiting('answered');
    clock.advance(WAIT_MS);
    expect((await answer).status).toBe(204);
  });

  it('end after ten minutes', async () => {
    await post('opened');
    clock.advance(PLACE_MS);
    expect(await refusalIn(await fetch(`${url}/${PLACE}/opened`))).toBe('404 place-unknown');
    expect(await refusalIn(await post('answered'))).toBe('404 place-unknown');
  });

  it('refuse what they do not hold', async () => {
    await post('opened');
    expect(await refusalIn(await post('opened', 'other'))).toBe('409 slot-taken');
    expect(await refusalIn(await post('opened', 'x'.repeat(SLOT_BYTES_MAX + 1)))).toBe('413 too-large');
    expect(await refusalIn(await post('opened', 'x', 'no-place'))).toBe('400 bad-place');
    expect(await refusalIn(await post('elsewhere'))).toBe('404 unknown-path');
    expect(await refusalIn(await fetch(`${url}/${PLACE}/opened/more`))).toBe('404 unknown-path');
    expect(await refusalIn(await fetch(`${url}/${PLACE}/opened`, { method: 'PUT' }))).toBe('405 bad-method');
    expect(counters.get('pairing.slot-taken')).toBe(1);
  });

  it('bound who waits for the same message', async () => {
    await post('opened');
    const first = await waiting('answered');
    const second = await waiting('answered');
    expect(await refusalIn(await fetch(`${url}/${PLACE}/answered`))).toBe('429 too-many-waiting');
    await post('answered', 'here');
    for (const { answer } of [first, second]) expect((await answer).status).toBe(200);
  });
});
