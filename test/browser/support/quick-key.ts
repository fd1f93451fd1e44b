/** A key for a relay's authority that is made at once: of ordinary primes, not of safe ones. For tests and for show. */
import { generateKeyPair } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where the relay of this data folder looks for its key; the folder is there already. */
export async function putQuickKey(dataDir: string): Promise<void> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(join(dataDir, 'authority.pem'), pem, { mode: 0o600 });
}
