/** Writes devices.json anew: `npx tsx test/vectors/write-devices.ts`. Devices of different versions could not be paired after a change. */
import { writeFile } from 'node:fs/promises';
import { computeDeviceFormats } from './device-formats.ts';

const text = JSON.stringify(await computeDeviceFormats(), undefined, 2);
await writeFile(new URL('devices.json', import.meta.url), `${text}\n`);
