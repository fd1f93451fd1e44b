/** Writes backup.json anew: `npx tsx test/vectors/write-backup.ts`. A change of the format makes back-ups unreadable. */
import { writeFile } from 'node:fs/promises';
import { computeBackupFormats } from './backup-formats.ts';

const text = JSON.stringify(computeBackupFormats(), undefined, 2);
await writeFile(new URL('backup.json', import.meta.url), `${text}\n`);
