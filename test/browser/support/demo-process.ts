/** `npm run demo` as a process of its own, started as that command starts it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Setting } from '../../../demo/options.ts';

const MAIN = resolve(import.meta.dirname, '../../../dist/demo/main.js');

export interface DemoProcess {
  /** Origin of the app. */
  readonly url: string;
  /** Ada's recovery words. */
  readonly words: readonly string[];
  /** What its folder remembers. */
  readonly setting: Setting;
  /** As Ctrl-C; resolves with its exit code. */
  end(): Promise<number | null>;
}

/** Resolves when it has printed the words; rejects with what it printed when it ends before. Needs `dist/demo`, see scripts/build.mjs. */
export async function startDemo(folder: string, args: readonly string[]): Promise<DemoProcess> {
  const child = spawn(process.execPath, [MAIN, '--data', folder, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let output = '';
  const [, url, words] = await new Promise<RegExpExecArray>((found, failed) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const match = /^ {2}open {3}(\S+)\n {2}words {2}([a-z ]+)$/m.exec(output);
        if (match !== null) found(match);
      });
    void exited.then(([code]) => failed(new Error(`the demonstration ended with ${code}:\n${output}`)));
  });
  return {
    url: new URL(url!).origin,
    words: words!.split(' '),
    setting: JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')) as Setting,
    async end() {
      child.kill('SIGINT');
      const [code] = await exited;
      return code;
    },
  };
}

/** Command lines of processes that name the folder: the command's and its people's do. */
export async function processesOf(folder: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'args='], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').filter((line) => line.includes(folder));
}
