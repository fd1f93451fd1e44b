/** The web app's files as a browser asks for them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStaticFiles, serveStatic } from '../../../relay/src/static-files.ts';

const script = 'console.log("a fairly repetitive script");\n'.repeat(50);
let folder: string;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'epost-app-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'service-worker.js'), 'self;');
  await writeFile(join(folder, 'assets/app-1a2b.js'), script);
  await writeFile(join(folder, 'assets/app-1a2b.js.br'), brotliCompressSync(script));
  await writeFile(join(folder, 'assets/app-1a2b.js.gz'), gzipSync(script));
  const files = await readStaticFiles(folder);
  server = createServer((request, response) => {
    if (!serveStatic(files, request.url!, request, response)) response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

describe('static files', () => {
  it('keeps hashed assets for ever, and asks again for everything else', async () => {
    for (const [path, type, caching] of [
      ['/', 'text/html; charset=utf-8', 'no-cache'],
      ['/service-worker.js', 'text/javascript; charset=utf-8', 'no-cache'],
      ['/assets/app-1a2b.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ]) {
      const { headers } = await fetch(url + path);
      expect([headers.get('content-type'), headers.get('cache-control')]).toEqual([type, caching]);
    }
  });

  it.each([
    ['br, gzip', 'br'],
    ['gzip, deflate, br;q=0', 'gzip'],
    ['gzip;q=0.5', 'gzip'],
    ['identity', null],
    ['br;q=0, gzip;q=0.0', null],
  ])('answers Accept-Encoding %s with %s', async (accepted, encoding) => {
    const response = await fetch(`${url}/assets/app-1a2b.js`, { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.headers.get('vary')).toBe('accept-encoding');
    expect(await response.text()).toBe(script);
  });

  it('sends nothing again that the browser has', async () => {
    const etag = (await fetch(`${url}/`)).headers.get('etag')!;
    const again = await fetch(`${url}/`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${url}/index.html`, { method: 'HEAD' });
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['15', '']);
  });

  it('has nothing but its own files, the packed ones under their plain names only', async () => {
    for (const path of ['/assets/app-1a2b.js.br', '/assets', '/package.json'])
      expect((await fetch(url + path)).status).toBe(404);
  });

  it('is empty without a folder', async () => {
    expect((await readStaticFiles(join(folder, 'nowhere'))).size).toBe(0);
  });
});
