/** `invite`: asks the running relay for an invitation, or opens the database itself when none runs. */
import { request } from 'node:http';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { Authority } from '../../src/core/identity/authority.ts';
import { namespace } from '../../src/core/storage/namespace.ts';
import type { RelayConfig } from './config.ts';
import { openDatabase, openRing, prepareDataFolder } from './data-folder.ts';
import { invite } from './invitations.ts';
import { StoredAuthorityLedger } from './ledger.ts';
import { OperatorError } from './operator-error.ts';
import { readOperatorToken } from './operator-command.ts';
import { OPERATOR_PATH, type InviteTerms } from './operator-routes.ts';
import { ringPolicy } from './ring-policy.ts';

const ANSWER_TIMEOUT_MS = 10_000;

/** Returns the link. Rejects with OperatorError. */
export async function makeInvitation(
  config: RelayConfig,
  terms: InviteTerms,
  log: (line: string) => void,
): Promise<string> {
  const token = await readOperatorToken(config);
  const answer = token === undefined ? undefined : await askRelay(config, token, terms);
  return answer ?? (await inviteWithoutRelay(config, terms, log));
}

async function inviteWithoutRelay(
  config: RelayConfig,
  terms: InviteTerms,
  log: (line: string) => void,
): Promise<string> {
  await prepareDataFolder(config.dataDir);
  const database = await openDatabase(config.dataDir);
  try {
    const { key, ringSecret } = await openRing(config, database, systemRandom, log);
    const ledger = new StoredAuthorityLedger(namespace(database, 'authority'));
    const ports = { key, ledger, clock: systemClock, random: systemRandom };
    const authority = new Authority(ports, ringPolicy(config), ringSecret);
    const store = namespace(database, 'relay');
    return await invite(
      { authority, store, clock: systemClock, random: systemRandom, url: config.url },
      terms,
    );
  } finally {
    await database.close();
  }
}

/** Undefined when no relay of this data folder answers. */
function askRelay(config: RelayConfig, token: string, terms: InviteTerms): Promise<string | undefined> {
  const anywhere = ['localhost', '0.0.0.0', '::'].includes(config.host);
  const body = JSON.stringify({ uses: terms.uses, days: terms.days });
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: anywhere ? '127.0.0.1' : config.host,
        port: config.port,
        path: OPERATOR_PATH,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': body.length,
        },
        timeout: ANSWER_TIMEOUT_MS,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk.slice(0, 1000)));
        response.on('end', () => {
          if (response.statusCode === 200) resolve((JSON.parse(text) as { link: string }).link);
          // Somebody else's program or relay: the database will tell whether ours runs.
          else resolve(undefined);
        });
      },
    );
    asking.on('timeout', () => asking.destroy());
    asking.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(new OperatorError(`The relay on port ${config.port} does not answer (${error.message}).`));
    });
    asking.end(body);
  });
}
