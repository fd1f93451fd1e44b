/** A file on disk of any length whose chunks are all different; and what a file's bytes hash to. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const PIECE_BYTES = 1024 * 1024;

/** Writes so many MiB to `path`; returns their SHA-256, hexadecimal. */
export async function writeLargeFile(path: string, mebibytes: number): Promise<string> {
  const file = await open(path, 'w');
  const hash = createHash('sha256');
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let i = 0; i < mebibytes; i++) {
    for (let at = 0; at < PIECE_BYTES; at += 4)
      piece.writeUInt32LE(Math.imul(i * PIECE_BYTES + at, 2654435761) >>> 0, at);
    hash.update(piece);
    await file.write(piece);
  }
  await file.close();
  return hash.digest('hex');
}

export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
