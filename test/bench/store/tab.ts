/** Opens a log in a tab: the page is given the head and the blocks that it leads to, and reads them as it would from the ring. */
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { concat } from '../../../src/core/codec/bytes.ts';
import { median } from '../overlay/statistics.ts';
import { withPage } from './chromium.ts';
import type { LogPage } from './log-page.ts';

declare const logPage: LogPage;

const ROUNDS = 5;

export interface LogFiles {
  readonly device: Bytes;
  readonly head: Bytes;
  readonly blocks: readonly Bytes[];
}

export interface OpenedInTab {
  readonly entries: number;
  readonly messages: number;
  /** Medians: of all, and of what is before the first entry is opened. */
  readonly ms: number;
  readonly readMs: number;
}

export async function openInTab({ device, head, blocks }: LogFiles): Promise<OpenedInTab> {
  const files = concat(...[device, head, ...blocks].flatMap((file) => [lengthOf(file), file]));
  return withPage('test/bench/store/log-page.ts', { files }, async (page) => {
    await page.evaluate(() => logPage.load());
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await page.evaluate((round) => logPage.open(round), i));
    return {
      ...rounds[0]!,
      ms: median(rounds.map(({ ms }) => ms)),
      readMs: median(rounds.map(({ readMs }) => readMs)),
    };
  });
}

/** 4 bytes, most significant first. */
function lengthOf(file: Bytes): Bytes {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, file.length);
  return out;
}
