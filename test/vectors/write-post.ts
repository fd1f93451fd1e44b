/**
 * Writes post-formats.json and mail-formats.json anew: `npx tsx test/vectors/write-post.ts`. Only for a new format; a change of
 * an old one makes what is stored unreadable.
 */
import { writeFile } from 'node:fs/promises';
import { computeMailFormats, computePostFormats } from './post-formats.ts';

const files = { 'post-formats.json': computePostFormats(), 'mail-formats.json': computeMailFormats() };
for (const [name, formats] of Object.entries(files))
  await writeFile(new URL(name, import.meta.url), `${JSON.stringify(formats, undefined, 2)}\n`);
