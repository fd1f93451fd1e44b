/** The tunnel between the public port and libp2p: nothing stays open when either side goes. */
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebsocketTunnel } from '../../../relay/src/websocket-tunnel.ts';
import { Counters } from '../../../src/core/codec/counters.ts';

const UPGRADE =
  'GET / HTTP/1.1\r\nHost: relay\r\nX-Odd: Ä\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
let target: Server;
let front: HttpServer;
let tunnel: WebsocketTunnel;
const accepted: Socket[] = [];

beforeEach(async () => {
  accepted.length = 0;
  target = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    accepted.push(socket);
  }).listen(0, '127.0.0.1');
  front = createHttpServer().listen(0, '127.0.0.1');
  await Promise.all([target, front].map((one) => new Promise((done) => one.once('listening', done))));
  const port = portOf(target);
  tunnel = new WebsocketTunnel(() => port, new Counters(() => 0));
  front.on('upgrade', (request, socket, head) => tunnel.accept(request, socket, head));
});
afterEach(() => {
  tunnel.close();
  target.close();
  front.close();
});

describe('websocket tunnel', () => {
  it('passes the request as it came, then bytes both ways', async () => {
    const client = connect(portOf(front), '127.0.0.1');
    client.write(Buffer.from(UPGRADE + 'early bytes', 'latin1'));
    await expect.poll(() => accepted.length).toBe(1);
    expect(await heard(accepted[0]!, UPGRADE.length + 11)).toBe(UPGRADE + 'early bytes');
    accepted[0]!.write('welcome');
    expect(await heard(client, 7)).toBe('welcome');
    expect(tunnel.size).toBe(1);
    client.destroy();
    await expect.poll(() => tunnel.size).toBe(0);
    await expect.poll(() => accepted[0]!.destroyed).toBe(true);
  });

  it('delivers what libp2p says last, then closes', async () => {
    const client = connect(portOf(front), '127.0.0.1');
    client.write(Buffer.from(UPGRADE, 'latin1'));
    await expect.poll(() => accepted.length).toBe(1);
    const closed = new Promise((done) => client.once('close', done));
    const last = 'HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(1000);
    accepted[0]!.end(last);
    expect(await heard(client, last.length)).toBe(last);
    await closed;
    await expect.poll(() => tunnel.size).toBe(0);
  });

  it('closes at once when libp2p does not listen', async () => {
    await new Promise((done) => target.close(done));
    const client = connect(portOf(front), '127.0.0.1');
    const closed = new Promise((done) => client.once('close', done));
    client.on('error', () => client.destroy());
    client.write(Buffer.from(UPGRADE, 'latin1'));
    await closed;
    await expect.poll(() => tunnel.size).toBe(0);
  });

  it('closes everything with the relay', async () => {
    const clients = [0, 1, 2].map(() => connect(portOf(front), '127.0.0.1'));
    for (const client of clients) client.on('error', () => client.destroy());
    for (const client of clients) client.write(Buffer.from(UPGRADE, 'latin1'));
    await expect.poll(() => accepted.length).toBe(3);
    tunnel.close();
    await expect.poll(() => tunnel.size).toBe(0);
    await expect.poll(() => clients.every((client) => client.destroyed)).toBe(true);
  });
});

function heard(socket: Socket, length: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (text.length >= length) resolve(text);
    });
  });
}

function portOf(server: Server | HttpServer): number {
  return (server.address() as AddressInfo).port;
}
