/**
 * Writes secure.json anew: `npx tsx test/vectors/write-secure.ts`. Only for a new format; after a change of an old one nodes
 * do not understand each other.
 */
import { writeFile } from 'node:fs/promises';
import { computeSecureFormats } from './secure-formats.ts';

const path = new URL('secure.json', import.meta.url);
await writeFile(path, `${JSON.stringify(computeSecureFormats(), undefined, 2)}\n`);
