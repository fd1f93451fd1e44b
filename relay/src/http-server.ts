/** The relay's public door: web app, authority, health, metrics and websockets on one port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Counters } from '../../src/core/codec/counters.ts';
import type { AuthorityRoutes } from './authority-routes.ts';
import type { Metrics, RelayStatus } from './metrics.ts';
import { OperatorError } from './operator-error.ts';
import { OPERATOR_STYLE_PATH } from './operator-page.ts';
import {
  ACCOUNTS_PATH,
  OPERATOR_PAGE_PATH,
  OPERATOR_PATH,
  REPORT_PATH,
  serveAccounts,
  serveOperator,
  servePage,
  serveReport,
  serveStyle,
  type OperatorRoutesPorts,
} from './operator-routes.ts';
import { PAIRING_PATH, type PairingRoutes } from './pairing-routes.ts';
import { serveStatic, type StaticFiles } from './static-files.ts';
import type { WebsocketTunnel } from './websocket-tunnel.ts';

/** Time for a request's head, and for all of it; websockets are no requests any more. */
const REQUEST_TIMEOUT_MS = 15_000;
/** TCP connections of one listener. */
const CONNECTIONS_MAX = 8192;
const HEADERS_BYTES_MAX = 16 * 1024;

export interface HttpPorts {
  readonly files: StaticFiles;
  readonly headers: Readonly<Record<string, string>>;
  readonly authority: AuthorityRoutes;
  readonly pairing: PairingRoutes;
  readonly operator: OperatorRoutesPorts;
  readonly status: () => Promise<RelayStatus>;
  readonly metrics: Metrics;
  readonly tunnel: WebsocketTunnel;
  readonly counters: Counters;
}

/** A port that is taken; requests are answered with 503 until it is opened. */
export interface Door {
  open(ports: HttpPorts): void;
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

/**
 * Takes the port, first of all, so that a second relay stops before it touches anything. Rejects with OperatorError when
 * the port is in use or forbidden.
 */
export async function takePort(host: string, port: number): Promise<Door> {
  let handle: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  let ports: HttpPorts | undefined;
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    ports?.tunnel.close();
    await Promise.all(servers.map(closeServer));
  };
  try {
    for (const address of host === 'localhost' ? ['127.0.0.1', '::1'] : [host]) {
      const server = createServer(
        { requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: HEADERS_BYTES_MAX },
        (request, response) => (handle ? handle(request, response) : notYet(response)),
      );
      server.maxConnections = CONNECTIONS_MAX;
      server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
        if (error.code !== 'ECONNRESET')
          ports?.counters.refused('http', { code: 'malformed', reason: 'a request that is not HTTP' });
        if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
        else socket.destroy();
      });
      server.on('upgrade', (request, socket, head) => {
        if (ports) ports.tunnel.accept(request, socket, head);
        else socket.destroy();
      });
      if (await listen(server, address, port, address === '::1')) servers.push(server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    open(given) {
      ports = given;
      handle = (request, response) => void answer(given, request, response);
    },
    close,
  };
}

async function answer(ports: HttpPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(ports.headers)) response.setHeader(name, value);
  try {
    await route(ports, request, response);
  } catch (error) {
    ports.counters.refused('http', { code: 'internal', reason: `a request failed: ${String(error)}` });
    console.error('A request failed:', error);
    if (!response.headersSent) response.writeHead(500, { 'content-type': TEXT });
    response.end('The relay could not answer. Its log says why.\n');
  }
}

const TEXT = 'text/plain; charset=utf-8';

async function route(ports: HttpPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = pathOf(request);
  if (path.startsWith('/authority/')) return ports.authority.serve(path, request, response);
  if (path.startsWith(PAIRING_PATH)) return ports.pairing.serve(path, request, response);
  if (path === OPERATOR_PATH) return serveOperator(ports.operator, request, response);
  if (path === ACCOUNTS_PATH) return serveAccounts(ports.operator, request, response);
  if (path === REPORT_PATH) return serveReport(ports.operator, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(ports, response, 405, 'bad-method', 'This path is only read.');
  if (path === OPERATOR_PAGE_PATH) return servePage(ports.operator, request, response);
  if (path === OPERATOR_STYLE_PATH) return serveStyle(response);
  if (path === '/healthz')
    return send(response, 'application/json', JSON.stringify(await ports.status()) + '\n');
  if (path === '/metrics') return send(response, ports.metrics.contentType, await ports.metrics.render());
  if (serveStatic(ports.files, path, request, response)) return;
  const reason = path === '/' ? 'The web app has not been built: run npm start.' : 'There is nothing here.';
  return refuse(ports, response, 404, 'unknown-path', reason);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split(/[?#]/)[0]!;
}

function send(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}

function refuse(
  { counters }: HttpPorts,
  response: ServerResponse,
  status: number,
  code: string,
  reason: string,
): void {
  counters.refused('http', { code, reason });
  response.writeHead(status, { 'content-type': TEXT, 'cache-control': 'no-store' }).end(`${reason}\n`);
}

function notYet(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': TEXT, 'retry-after': '2' }).end('The relay is starting.\n');
}

/** False when the machine has no such address and `optional` says that it need not. */
function listen(server: Server, host: string, port: number, optional: boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (optional && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code ?? '')) resolve(false);
      else reject(new OperatorError(listenProblem(error, host, port), { cause: error }));
    });
    server.listen({ host, port }, () => resolve(true));
  });
}

function listenProblem(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use: another relay or program has it; choose another one with PORT.`;
    case 'EACCES':
      return `Port ${port} may not be used by this user: choose one over 1023 with PORT.`;
    case 'EADDRNOTAVAIL':
      return `HOST ${host} is no address of this machine.`;
    default:
      return `The relay cannot listen on ${host} port ${port} (${error.code ?? error.message}).`;
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
