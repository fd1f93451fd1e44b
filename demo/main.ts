/** `npm run demo`: a relay and an organization of people on this machine, and the words with which a browser joins in. */
import '../src/adapters/libp2p/polyfill.ts';
import { join } from 'node:path';
import { nodeSha256 } from '../src/adapters/system/node-sha256.ts';
import { usePlatformSha256 } from '../src/core/crypto/hash.ts';
import type { RelayConfig } from '../relay/src/config.ts';
import { OperatorError } from '../relay/src/operator-error.ts';
import { startRelay } from '../relay/src/relay.ts';
import { people } from '../test/support/corpus.ts';
import { readWords } from './member.ts';
import { DemoError, HELP, openFolder, readOptions, relayFolder, type Options } from './options.ts';
import { PersonProcess } from './process.ts';

const GIB = 1024 ** 3;

/** Begins; what has to be ended is added to `ends` as soon as it is there. Resolves when the browser can come. */
async function begin(options: Options, ends: (() => Promise<unknown>)[]): Promise<void> {
  const { folder } = options;
  const setting = await openFolder(options, Date.now());
  const config = relayConfig(folder, setting.port);
  const relay = await startRelay(config, (line) => console.error(line));
  ends.push(() => relay.stop());
  const invitation = await relay.invitation();
  const cast = people.slice(0, setting.peopleCount);
  const folderOf = (index: number): string => join(folder, 'people', people[index]!.address.split('@')[0]!);
  console.log(`${cast.length} people of ${config.domain} come in: each is a process of its own …`);
  const processes = cast.map(
    (_, index) => new PersonProcess({ index, folder: folderOf(index), url: config.url, invitation, setting }),
  );
  ends.push(() => Promise.all(processes.map((one) => one.stop())));
  await Promise.all(processes.map((one) => one.until('reachable')));
  const [ada, ...others] = processes as [PersonProcess, ...PersonProcess[]];
  console.log(`${people[0]!.name}'s mailbox is filled with the letters of a year …`);
  for (const one of others) one.order('play');
  ada.order('fill');
  await ada.until('filled');
  console.log(welcome(config.url, readWords(folderOf(0))!, folder));
  // One after the other: the machine is the visitor's now.
  for (const one of others) {
    one.order('fill');
    await one.until('filled');
  }
}

function welcome(url: string, words: string, folder: string): string {
  return `
  open   ${url}/#/recover
  words  ${words}

Paste the words and press Recover: you are ${people[0]!.name}, with a year of mail. New letters keep coming in, and whoever you
write to answers after some seconds. It is an account for show: never use these words for anything else.
Everything is kept in ${folder}; --fresh begins anew. Ctrl-C ends it.`;
}

function relayConfig(folder: string, port: number): RelayConfig {
  return {
    port,
    host: 'localhost',
    dataDir: relayFolder(folder),
    domain: people[0]!.address.split('@')[1]!,
    url: `http://localhost:${port}`,
    replicas: 3,
    relayReplicas: 1,
    authorityBits: 2048,
    quotaBytes: GIB,
  };
}

function interruption(): Promise<void> {
  return new Promise((resolve) => {
    // A terminal and npm may both send it: heard, and heard again, without ending at once.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const ends: (() => Promise<unknown>)[] = [];
  const interrupted = interruption();
  try {
    await Promise.race([begin(options, ends), interrupted]);
    await interrupted;
    return 0;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

// A stream of libp2p that fails where nobody waits for it is no reason to end.
process.on('unhandledRejection', (reason) => console.error('Something failed unnoticed:', reason));
usePlatformSha256(nodeSha256);
try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof DemoError || error instanceof OperatorError)) throw error;
  console.error(error.message);
  process.exit(1);
}
