/**
 * One public port for everything: websocket upgrades are passed as raw TCP to libp2p's own listener on a loopback port.
 * The relay's HTTP server only reads the request's head; what follows it never parses.
 */
import { connect, type Socket } from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Counters } from '../../src/core/codec/counters.ts';

/** Open tunnels in all, and from one remote address (an organization may sit behind one). */
export const TUNNELS_MAX = 4096;
export const TUNNELS_PER_ADDRESS_MAX = 1024;
/** How long libp2p's listener may take to accept. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A machine that vanished is noticed by TCP after this and a few probes. */
const KEEP_ALIVE_MS = 30_000;

export class WebsocketTunnel {
  readonly #targetPort: () => number;
  readonly #counters: Counters;
  readonly #open = new Set<Duplex>();
  readonly #byAddress = new Map<string, number>();

  /** `targetPort`: libp2p's websocket listener on 127.0.0.1, now. */
  constructor(targetPort: () => number, counters: Counters) {
    this.#targetPort = targetPort;
    this.#counters = counters;
  }

  get size(): number {
    return this.#open.size;
  }

  /** For the `upgrade` event of an HTTP server. */
  accept(request: IncomingMessage, client: Duplex, head: Buffer): void {
    client.on('error', () => client.destroy());
    const address = (client as Socket).remoteAddress ?? 'unknown';
    const refusal = this.#refusalOf(request, address);
    if (refusal) {
      this.#counters.refused('tunnel', refusal);
      client.end(`HTTP/1.1 ${refusal.status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.#open.add(client);
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    client.once('close', () => this.#forget(client, address));
    (client as Socket).setNoDelay(true);
    (client as Socket).setKeepAlive(true, KEEP_ALIVE_MS);
    this.#join(request, client, head);
  }

  /** Cuts every tunnel. */
  close(): void {
    for (const client of this.#open) client.destroy();
  }

  #refusalOf(request: IncomingMessage, address: string) {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket')
      return { status: '400 Bad Request', code: 'not-websocket', reason: 'an upgrade to something else' };
    if (request.url !== '/')
      return { status: '404 Not Found', code: 'unknown-path', reason: 'a websocket to an unknown path' };
    if (this.#open.size >= TUNNELS_MAX)
      return { status: '503 Service Unavailable', code: 'full', reason: 'all tunnels are in use' };
    if ((this.#byAddress.get(address) ?? 0) >= TUNNELS_PER_ADDRESS_MAX)
      return {
        status: '429 Too Many Requests',
        code: 'address-full',
        reason: 'one address with too many tunnels',
      };
    return undefined;
  }

  #join(request: IncomingMessage, client: Duplex, head: Buffer): void {
    const target = connect({ host: '127.0.0.1', port: this.#targetPort(), noDelay: true });
    const timer = setTimeout(() => target.destroy(), CONNECT_TIMEOUT_MS);
    target.once('connect', () => {
      clearTimeout(timer);
      target.setKeepAlive(true, KEEP_ALIVE_MS);
      // Node reads headers as Latin-1 (RFC 9110, section 5.5, knows only octets).
      target.write(requestHead(request), 'latin1');
      if (head.length > 0) target.write(head);
      client.pipe(target);
      target.pipe(client);
    });
    target.on('error', () => target.destroy());
    // When one side goes, the other follows as soon as what is on its way has been written.
    target.once('close', () => {
      clearTimeout(timer);
      (client as Socket).destroySoon();
    });
    client.once('close', () => target.destroySoon());
  }

  #forget(client: Duplex, address: string): void {
    this.#open.delete(client);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}

/** The head as it came: `rawHeaders` are names and values in turn, already free of line breaks. */
function requestHead(request: IncomingMessage): string {
  let head = `${request.method} ${request.url} HTTP/1.1\r\n`;
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    head += `${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}\r\n`;
  return `${head}\r\n`;
}
