/** The operator's `verify`, as a process: its words, its JSON, its exit code. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureRelayBuilt } from '../../../scripts/build.mjs';
import { openLevelKeyValueStore } from '../../../src/adapters/level/key-value-store.ts';
import { concat, utf8 } from '../../../src/core/codec/bytes.ts';
import { startRelayProcess, type RelayProcess } from '../../browser/support/relay-process.ts';

const MAIN = resolve(import.meta.dirname, '../../../dist/relay/main.js');
const TEST_MS = 90_000;
let relay: RelayProcess;

beforeAll(async () => {
  await ensureRelayBuilt();
  relay = await startRelayProcess();
}, TEST_MS);
afterAll(() => relay.dispose(), TEST_MS);

/** Exit code, standard output and standard error. */
function verify(dataDir: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, EPOST_DATA: dataDir };
  return new Promise((done) => {
    const child = execFile(process.execPath, [MAIN, 'verify', ...args], { env }, (_, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

it(
  'refuses while the relay runs, says that all is sound, and names what is not',
  async () => {
    const running = await verify(relay.dataDir);
    expect(running).toMatchObject({ code: 1, out: '' });
    expect(running.err).toMatch(/in use by another process/);
    await relay.stop();

    const sound = await verify(relay.dataDir);
    expect(sound.code).toBe(0);
    expect(sound.out).toMatch(/Everything is sound/);

    const disk = await openLevelKeyValueStore(join(relay.dataDir, 'db'));
    const key = concat(utf8('storage/d'), Uint8Array.of(5), new Uint8Array(32).fill(7));
    await disk.write([{ type: 'put', key, value: utf8('left over') }]);
    await disk.close();
    const faulty = await verify(relay.dataDir, '--json');
    expect(faulty.code).toBe(1);
    expect(JSON.parse(faulty.out)).toMatchObject({
      sound: false,
      faultCount: 1,
      faults: [{ kind: 'data', key: '07'.repeat(32), code: 'orphan' }],
    });

    const nowhere = await verify(join(relay.dataDir, 'elsewhere'));
    expect(nowhere).toMatchObject({ code: 1, out: '' });
    expect(nowhere.err).toMatch(/nothing to verify/);
  },
  TEST_MS,
);
