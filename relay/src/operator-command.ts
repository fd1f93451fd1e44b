/** `operator`: where the operator's page is, and how the relay knows that it is the operator who asks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RelayConfig } from './config.ts';
import { dataFiles } from './data-folder.ts';
import { OperatorError } from './operator-error.ts';
import { OPERATOR_NAME, OPERATOR_PAGE_PATH } from './operator-routes.ts';

/** On this machine: a proxy may keep the page from the world. Rejects with OperatorError. */
export async function operatorAccess(config: RelayConfig): Promise<string> {
  const token = await readOperatorToken(config);
  if (token === undefined)
    throw new OperatorError(`There is no relay in ${config.dataDir} yet: start it, then ask again.`);
  const host = ['localhost', '0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host;
  return `The operator's page of the running relay; the password is another one after each start.
  open      http://${host.includes(':') ? `[${host}]` : host}:${config.port}${OPERATOR_PAGE_PATH}
  name      ${OPERATOR_NAME}
  password  ${token}`;
}

/** Undefined when no relay was ever started in this data folder. Rejects with OperatorError. */
export async function readOperatorToken({ dataDir }: RelayConfig): Promise<string | undefined> {
  const path = join(dataDir, dataFiles.operatorToken);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new OperatorError(`${path} cannot be read (${code}): run this as the relay's user.`, {
      cause: error,
    });
  }
}
