/** A site of one page around the real service worker and the page's vault client, for the tests of the vault. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bundle } from './bundle.ts';

const html = '<!doctype html><title>vault</title><script src="/page.js"></script>';
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'";

/** What the build would list for offline use. */
const kept = ['/', '/page.js'].map((url) => ({ url, revision: '1' }));

export class VaultSite {
  readonly origin: string;
  readonly #server: Server;
  readonly #files: Map<string, string>;

  private constructor(server: Server, files: Map<string, string>) {
    this.#server = server;
    this.#files = files;
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<VaultSite> {
    const files = new Map([
      ['/', html],
      ['/page.js', await bundle('test/browser/support/vault-page.ts')],
      [
        '/service-worker.js',
        await bundle('src/service-worker/service-worker.ts', { 'self.__WB_MANIFEST': JSON.stringify(kept) }),
      ],
    ]);
    const server = createServer((request, response) => {
      const content = files.get(new URL(request.url ?? '/', 'http://localhost').pathname);
      const isPage = content === html;
      response.writeHead(content === undefined ? 404 : 200, {
        'content-type': isPage ? 'text/html' : 'text/javascript',
        'content-security-policy': policy,
        'cache-control': 'no-cache',
      });
      response.end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return new VaultSite(server, files);
  }

  /** The next version of the worker: other bytes at the same place. */
  updateWorker(): void {
    this.#files.set('/service-worker.js', `${this.#files.get('/service-worker.js')!}\n// next version\n`);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
