/** Writes formats.json anew, when a format is changed on purpose: `npx tsx test/vectors/write.ts`. Never run by a test. */
import { writeFile } from 'node:fs/promises';
import { computeFormats } from './formats.ts';

const text = JSON.stringify(await computeFormats(), undefined, 2);
await writeFile(new URL('formats.json', import.meta.url), `${text}\n`);
