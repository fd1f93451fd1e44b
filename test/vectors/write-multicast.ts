/** Writes multicast.json anew, when a format is changed on purpose: `npx tsx test/vectors/write-multicast.ts`. Never run by a test. */
import { writeFile } from 'node:fs/promises';
import { computeMulticastFormats } from './multicast-formats.ts';

const text = JSON.stringify(computeMulticastFormats(), undefined, 2);
await writeFile(new URL('multicast.json', import.meta.url), `${text}\n`);
