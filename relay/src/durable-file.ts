/** Small files that are there as a whole or not at all, also when the machine stops in the middle. */
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Readable by the relay's own user alone. */
export const PRIVATE_MODE = 0o600;

/** Replaces `path` atomically; durable when resolved. The file has mode 0600. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  await unlink(temporary).catch(ignoreMissing);
  const file = await open(temporary, 'wx', PRIVATE_MODE);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
