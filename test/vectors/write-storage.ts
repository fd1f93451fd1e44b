/**
 * Writes storage.json anew: `npx tsx test/vectors/write-storage.ts`. Only for a new format; a change of an old one makes
 * what is stored unreadable.
 */
import { writeFile } from 'node:fs/promises';
import { computeStorageFormats } from './storage-formats.ts';

const path = new URL('storage.json', import.meta.url);
await writeFile(path, `${JSON.stringify(computeStorageFormats(), undefined, 2)}\n`);
