/** What a page's memory came to while something went on: the heap of its JavaScript with the buffers that it holds. */
import type { CDPSession, Page } from '@playwright/test';

/** How often it is looked at: 500 ms. */
const SAMPLE_MS = 500;

/** Bytes beyond those at the beginning, at most. */
export interface HeapPeak {
  /** That were still in use: after a garbage collection. */
  readonly liveBytes: number;
  /** With garbage that had not been collected yet. */
  readonly usedBytes: number;
}

export class HeapWatch {
  readonly #session: CDPSession;
  readonly #baselineBytes: number;
  #running: Promise<void>;
  #ended = false;
  #liveBytes = 0;
  #usedBytes = 0;

  private constructor(session: CDPSession, baselineBytes: number) {
    this.#session = session;
    this.#baselineBytes = baselineBytes;
    this.#running = this.#run();
    this.#running.catch(() => undefined); // `end` tells of it.
  }

  static async start(page: Page): Promise<HeapWatch> {
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    return new HeapWatch(session, await usedBytes(session));
  }

  async end(): Promise<HeapPeak> {
    this.#ended = true;
    await this.#running;
    await this.#session.detach();
    return { liveBytes: this.#liveBytes, usedBytes: this.#usedBytes };
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      this.#usedBytes = Math.max(this.#usedBytes, (await usedBytes(this.#session)) - this.#baselineBytes);
      await this.#session.send('HeapProfiler.collectGarbage');
      this.#liveBytes = Math.max(this.#liveBytes, (await usedBytes(this.#session)) - this.#baselineBytes);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  }
}

/** ArrayBuffers lie outside the heap proper: they are counted apart. */
async function usedBytes(session: CDPSession): Promise<number> {
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    readonly usedSize: number;
    readonly backingStorageSize?: number;
  };
  if (usage.backingStorageSize === undefined)
    throw new Error('this Chromium does not tell the size of buffers');
  return usage.usedSize + usage.backingStorageSize;
}
