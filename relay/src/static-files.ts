/** The web app's files, read once at start: an update of the folder never mixes two versions in one relay. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OperatorError } from './operator-error.ts';

/** All files of the app together. */
const APP_BYTES_MAX = 64 * 1024 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** Encodings in order of preference, with the suffix that the build gives to files packed so. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

interface StaticFile {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  readonly plain: Buffer;
  /** By content coding. */
  readonly packed: ReadonlyMap<string, Buffer>;
}

/** Files by URL path. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Reads the folder; empty when there is no such folder. Rejects with OperatorError when it is absurdly large. */
export async function readStaticFiles(folder: string): Promise<StaticFiles> {
  const contents = new Map<string, Buffer>();
  let bytes = 0;
  for (const name of await fileNames(folder)) {
    const content = await readFile(join(folder, name));
    bytes += content.length;
    if (bytes > APP_BYTES_MAX) throw new OperatorError(`The web app in ${folder} is over 64 MiB.`);
    contents.set(`/${name}`, content);
  }
  const files = new Map<string, StaticFile>();
  for (const [path, content] of contents)
    if (!ENCODINGS.some(([, suffix]) => contents.has(path.slice(0, -suffix.length)) && path.endsWith(suffix)))
      files.set(path, staticFile(path, content, contents));
  const index = files.get('/index.html');
  if (index) files.set('/', index);
  return files;
}

/** Answers GET and HEAD; false when there is no such file. */
export function serveStatic(
  files: StaticFiles,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const file = files.get(path);
  if (!file) return false;
  response.setHeader('etag', file.etag);
  response.setHeader('cache-control', file.cacheControl);
  if (file.packed.size > 0) response.setHeader('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304).end();
    return true;
  }
  const [encoding, content] = chooseEncoding(file, String(request.headers['accept-encoding'] ?? ''));
  if (encoding !== undefined) response.setHeader('content-encoding', encoding);
  response.writeHead(200, { 'content-type': file.type, 'content-length': content.length });
  response.end(request.method === 'HEAD' ? undefined : content);
  return true;
}

async function fileNames(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function staticFile(path: string, plain: Buffer, contents: ReadonlyMap<string, Buffer>): StaticFile {
  const packed = new Map<string, Buffer>();
  for (const [encoding, suffix] of ENCODINGS) {
    const content = contents.get(path + suffix);
    if (content && content.length < plain.length) packed.set(encoding, content);
  }
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    // Vite names what is under assets/ by its content.
    cacheControl: path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    plain,
    packed,
  };
}

function chooseEncoding(file: StaticFile, accepted: string): readonly [string | undefined, Buffer] {
  const offered = accepted
    .split(',')
    .map((part) => part.trim())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';')[0]!.trim());
  for (const [encoding] of ENCODINGS) {
    const content = file.packed.get(encoding);
    if (content && offered.includes(encoding)) return [encoding, content];
  }
  return [undefined, file.plain];
}
