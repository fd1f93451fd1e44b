/** A real relay in its own process: started on a free port with a folder of its own, killed, restarted. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.ts';
import { putQuickKey } from './quick-key.ts';

const MAIN = resolve(import.meta.dirname, '../../../dist/relay/main.js');
const START_TIMEOUT_MS = 120_000;
const OUTPUT_MAX = 200_000;

export interface RelayProcessOptions {
  /** Further settings, by the names of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** An own folder is made, and removed by `dispose`, unless one is given. */
  readonly dataDir?: string;
  readonly port?: number;
  /**
   * Whether the relay makes its authority's key itself, of safe primes: that takes seconds. Otherwise it finds an ordinary
   * RSA key in its folder, which is as good for everything that a test can see.
   */
  readonly ownKey?: boolean;
}

export interface RelayProcess {
  readonly port: number;
  readonly dataDir: string;
  /** `http://localhost:<port>`. */
  readonly url: string;
  /** Link of the standing invitation, as last printed. */
  readonly invitation: string;
  /** Everything that it has printed since its last start. */
  readonly output: string;
  /** kill -9, as a power cut would. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
  /**
   * Starts it again on the same port and folder, with further settings if given; resolves when it has printed its
   * invitation.
   */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** A counter or gauge of `/metrics`: the first line that begins so, 0 when there is none. */
  metric(prefix: string): Promise<number>;
  /** `/healthz`. */
  health(): Promise<Record<string, unknown>>;
  /** Kills it and removes its folder. */
  dispose(): Promise<void>;
}

/** Starts a relay; resolves when it has printed its invitation. Needs `dist/relay`, see scripts/build.mjs. */
export async function startRelayProcess(options: RelayProcessOptions = {}): Promise<RelayProcess> {
  const port = options.port ?? (await freePort());
  const ownDir = options.dataDir === undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'epost-relay-')));
  if (ownDir && !options.ownKey) await putQuickKey(dataDir);
  const url = `http://localhost:${port}`;
  const env = relayEnvironment({ PORT: String(port), EPOST_DATA: dataDir, ...options.env });
  let running: Running | undefined;

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const { child, exited } = running!;
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  const relay: RelayProcess = {
    port,
    dataDir,
    url,
    get invitation() {
      return /^ {2}invite {2}(\S+)$/m.exec(running!.output())![1]!;
    },
    get output() {
      return running!.output();
    },
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
    async restart(further = {}) {
      running = runRelay(['start'], { ...env, ...further }, dataDir);
      await running.printed(/^ {2}invite {2}\S+$/m);
    },
    async metric(prefix) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(prefix));
      return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
    },
    async health() {
      return (await (await fetch(`${url}/healthz`)).json()) as Record<string, unknown>;
    },
    async dispose() {
      await end('SIGKILL');
      if (ownDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
  await relay.restart();
  return relay;
}

/** Runs the relay's command line to its end. */
export async function runRelayCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const running = runRelay(args, relayEnvironment(env), folder);
  const code = await running.exited;
  return { code, output: running.output() };
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
  /** Resolves when what was printed matches; rejects when the process ends before. */
  printed(pattern: RegExp): Promise<void>;
}

function runRelay(args: readonly string[], env: NodeJS.ProcessEnv, folder: string): Running {
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_MAX);
      for (const listener of listeners) listener();
    });
  const exited = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return {
    child,
    exited,
    output: () => output,
    printed: (pattern) =>
      new Promise((done, failed) => {
        const timer = setTimeout(
          () => failed(new Error(`no ${pattern} in time:\n${output}`)),
          START_TIMEOUT_MS,
        );
        const look = (): void => {
          if (!pattern.test(output)) return;
          clearTimeout(timer);
          listeners.delete(look);
          done();
        };
        listeners.add(look);
        look();
        void exited.then((code) => {
          clearTimeout(timer);
          failed(new Error(`the relay ended with ${code}:\n${output}`));
        });
      }),
  };
}

/** The environment without settings of ours that the developer may have, with a small key: it is made faster. */
function relayEnvironment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('EPOST_') && name !== 'PORT' && name !== 'HOST',
  );
  return { ...Object.fromEntries(inherited), EPOST_AUTHORITY_BITS: '2048', ...settings };
}
