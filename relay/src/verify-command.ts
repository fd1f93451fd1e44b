/** `verify`: proves that everything in the data folder's database is sound, or says what is not. The relay must be stopped. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { verifyStore, type StoreReport } from '../../src/core/backup/verify-store.ts';
import { ringIdOf } from '../../src/core/identity/certificates.ts';
import { loadAuthorityKey } from './authority-key.ts';
import { dataFiles, openDatabase } from './data-folder.ts';
import { OperatorError } from './operator-error.ts';

export interface Verification extends StoreReport {
  readonly sound: boolean;
}

/** Rejects with OperatorError when there is nothing to verify, or the database is in use. */
export async function verifyDataFolder(dataDir: string): Promise<Verification> {
  const database = join(dataDir, dataFiles.database);
  await access(database).catch((error: unknown) => {
    throw new OperatorError(`There is no database in ${dataDir}: nothing to verify.`, { cause: error });
  });
  const key = await loadAuthorityKey(join(dataDir, dataFiles.authorityKey));
  if (key === undefined)
    throw new OperatorError(`The authority's key is missing in ${dataDir}: nothing can be held against it.`);
  const trust = { ring: ringIdOf(key.spki), authorityKey: key.spki };
  const disk = await openDatabase(dataDir);
  try {
    const report = await verifyStore(disk, trust, systemClock.now());
    return { ...report, sound: report.faultCount === 0 };
  } finally {
    await disk.close();
  }
}

/** The same for people: what was looked at, each fault on a line, and the verdict last. */
export function verificationText({ checked, bytes, faults, faultCount, sound }: Verification): string {
  const counts = Object.entries(checked).filter(([, count]) => count > 0);
  const lines = counts.map(([kind, count]) => `${kind.padEnd(12)} ${count}`);
  const named = faults.map(({ kind, key, code, reason }) => `FAULT ${kind} ${key} (${code}): ${reason}`);
  if (faultCount > faults.length) named.push(`… and ${faultCount - faults.length} more`);
  const looked = `${(bytes / 1024 / 1024).toFixed(1)} MiB looked at`;
  const verdict = sound ? `Everything is sound: ${looked}.` : `${faultCount} faults; ${looked}.`;
  return [...lines, ...named, verdict].join('\n');
}
