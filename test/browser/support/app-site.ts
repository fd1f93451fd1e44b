/** The built app served without a relay, in versions: the service worker of each differs, its files do not. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';

const FOLDER = resolve(import.meta.dirname, '../../../dist/app');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface AppSite {
  readonly url: string;
  /** From now on there is a newer version. */
  publish(): void;
  close(): Promise<void>;
}

export async function startAppSite(): Promise<AppSite> {
  let version = 1;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const name = pathname === '/' ? '/index.html' : pathname;
    const content = await readFile(join(FOLDER, name)).catch(() => undefined);
    if (content === undefined) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' });
    return response.end(name === '/service-worker.js' ? `${content}\n// Version ${version}` : content);
  });
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    publish: () => void version++,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
