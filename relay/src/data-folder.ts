/** The relay's data folder: everything that has to survive, and nothing else. Copying it is a back-up. */
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openLevelKeyValueStore } from '../../src/adapters/level/key-value-store.ts';
import { fromUtf8, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import type { Random } from '../../src/core/crypto/random.ts';
import type { AuthorityKey } from '../../src/core/identity/rsa-key.ts';
import { StoreError, type KeyValueStore } from '../../src/core/storage/key-value-store.ts';
import { namespace } from '../../src/core/storage/namespace.ts';
import { createAuthorityKey, loadAuthorityKey } from './authority-key.ts';
import type { RelayConfig } from './config.ts';
import { OperatorError } from './operator-error.ts';

const RING_SECRET = utf8('ring-secret');
const RING_SECRET_BYTES = 32;
const DOMAIN = utf8('domain');

/** Names of the files in the data folder. */
export const dataFiles = {
  /** LevelDB: what is stored for others, members, invitations. */
  database: 'db',
  /** RSA private key, PKCS#8 PEM. */
  authorityKey: 'authority.pem',
  /** Keys of the relay's own node. */
  nodeKeys: 'node.keys',
  /** Secret of the operator's command line; new at each start. */
  operatorToken: 'operator.token',
};

/** Makes the folder if need be. Rejects with OperatorError when it cannot be used. */
export async function prepareDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'it is not a folder' : `it cannot be written`;
    throw new OperatorError(`The data folder ${dataDir} cannot be used: ${why} (${code}).`, { cause: error });
  }
}

/** Opens the database; one relay at a time. Rejects with OperatorError. */
export async function openDatabase(dataDir: string): Promise<KeyValueStore> {
  try {
    return await openLevelKeyValueStore(join(dataDir, dataFiles.database));
  } catch (error) {
    if (error instanceof StoreError) throw new OperatorError(error.message, { cause: error });
    throw error;
  }
}

/** What makes the ring this ring. */
export interface RingSecrets {
  readonly key: AuthorityKey;
  /** 32 bytes that members get. */
  readonly ringSecret: Bytes;
}

/**
 * The ring's key and secret; made when the folder is new. Rejects with OperatorError when the folder belongs to another
 * domain or has lost its key: a new key would be a new ring, where nobody's certificate is valid.
 */
export async function openRing(
  { dataDir, domain, authorityBits }: RelayConfig,
  database: KeyValueStore,
  random: Random,
  log: (line: string) => void,
): Promise<RingSecrets> {
  const store = namespace(database, 'relay');
  const [knownDomain, knownSecret] = await Promise.all([store.get(DOMAIN), store.get(RING_SECRET)]);
  if (knownDomain && fromUtf8(knownDomain) !== domain)
    throw new OperatorError(
      `The data folder ${dataDir} belongs to ${fromUtf8(knownDomain)}: set EPOST_ORG to that, or EPOST_DATA to another folder.`,
    );
  const keyPath = join(dataDir, dataFiles.authorityKey);
  const known = await loadAuthorityKey(keyPath);
  if (known && knownSecret) return { key: known, ringSecret: knownSecret };
  if (!known && knownSecret)
    throw new OperatorError(`The authority's key ${keyPath} is missing: put it back from a back-up.`);
  if (!known) log(`Making the authority's key (RSA, ${authorityBits} bits): this takes a few seconds, once.`);
  const key = known ?? (await createAuthorityKey(keyPath, authorityBits));
  const ringSecret = random.bytes(RING_SECRET_BYTES);
  // After the key: a folder with this secret has had its key.
  await store.write([
    { type: 'put', key: RING_SECRET, value: ringSecret },
    { type: 'put', key: DOMAIN, value: utf8(domain) },
  ]);
  return { key, ringSecret };
}
