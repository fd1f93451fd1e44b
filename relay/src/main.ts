/** The relay's command line: see relay/README.md. */
import '../../src/adapters/libp2p/polyfill.ts';
import { nodeSha256 } from '../../src/adapters/system/node-sha256.ts';
import { usePlatformSha256 } from '../../src/core/crypto/hash.ts';
import { HELP, parseCommand, type Command } from './command-line.ts';
import { ConfigError, readConfig, type RelayConfig } from './config.ts';
import { OperatorError } from './operator-error.ts';

const EXIT_FAILED = 1;
const EXIT_BAD_CONFIGURATION = 2;
/** A relay that does not stop in this time is ended: nothing acknowledged is lost by that. */
const STOP_TIMEOUT_MS = 8_000;

const log = (line: string): void => console.error(line);

async function run(command: Command): Promise<void> {
  if (command.name === 'help') return console.log(HELP);
  const config = readConfig(process.env, process.cwd());
  if (command.name === 'start') return start(config);
  if (command.name === 'verify') {
    const { verificationText, verifyDataFolder } = await import('./verify-command.ts');
    const verification = await verifyDataFolder(config.dataDir);
    console.log(command.json ? JSON.stringify(verification) : verificationText(verification));
    if (!verification.sound) process.exitCode = EXIT_FAILED;
    return;
  }
  if (command.name === 'operator') {
    const { operatorAccess } = await import('./operator-command.ts');
    return console.log(await operatorAccess(config));
  }
  const { makeInvitation } = await import('./invite-command.ts');
  console.log(await makeInvitation(config, command, log));
}

async function start(config: RelayConfig): Promise<void> {
  // A stream of libp2p that fails where nobody waits for it is no reason to leave everybody alone.
  process.on('unhandledRejection', (reason) => console.error('Something failed unnoticed:', reason));
  let stopping = false;
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        // A terminal and npm may both send it.
        if (stopping) return;
        stopping = true;
        resolve();
      });
  });
  const { startRelay } = await import('./relay.ts');
  const starting = startRelay(config, log);
  const relay = await Promise.race([starting, interrupted]);
  if (!relay) process.exit(0);
  console.log(
    `ePOST relay for ${config.domain}\n  open    ${config.url}/\n  invite  ${await relay.invitation()}`,
  );
  await interrupted;
  setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref();
  await relay.stop();
  process.exit(0);
}

try {
  usePlatformSha256(nodeSha256);
  await run(parseCommand(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof OperatorError)) throw error;
  console.error(error.message);
  process.exit(error instanceof ConfigError ? EXIT_BAD_CONFIGURATION : EXIT_FAILED);
}
