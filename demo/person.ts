/** One person of the demonstration: a process with a node, which does what the command says and ends with it. */
import { nodeSha256 } from '../src/adapters/system/node-sha256.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import { usePlatformSha256 } from '../src/core/crypto/hash.ts';
import * as v from 'valibot';
import { people } from '../test/support/corpus.ts';
import { fillMailbox, until } from './mailbox.ts';
import { openMember } from './member.ts';
import { play } from './play.ts';
import { orderSchema, type Note, type Order, type Part } from './process.ts';

// A terminal sends Ctrl-C to everybody: the command says when to end. Without it there is nothing to do.
process.on('SIGINT', () => undefined);
// A stream of libp2p that fails where nobody waits for it is no reason to end.
process.on('unhandledRejection', () => undefined);
usePlatformSha256(nodeSha256);

const { index, folder, url, invitation, setting } = JSON.parse(process.argv[2]!) as Part;
const person = people[index]!;
const tell = (note: Note): void => void process.send?.(note);
const failed = (error: unknown): void => tell({ type: 'failed', reason: `${person.name}: ${String(error)}` });

const opening = openMember(folder, url, {
  invitation,
  address: person.address,
  displayName: person.name,
});
let stopPlaying = (): void => undefined;

const orders: Record<Order, () => Promise<void>> = {
  async fill() {
    await fillMailbox((await opening).client, folder, person, setting);
    tell({ type: 'filled' });
  },
  async play() {
    const say = (error: unknown): void => console.error(`${person.name} could not send: ${String(error)}`);
    stopPlaying = play((await opening).client, person, setting, systemClock, say);
  },
  async stop() {
    stopPlaying();
    await (await opening).stop();
    process.exit(0);
  },
};
process.on('message', (message) => void orders[v.parse(orderSchema, message)]().catch(failed));
process.on('disconnect', () => void orders.stop().catch(() => process.exit(1)));

try {
  await until((await opening).client, ({ state }) => state.account.reachable);
  tell({ type: 'reachable' });
} catch (error) {
  failed(error);
  process.exitCode = 1;
  process.disconnect();
}
