/** Saves what comes piece by piece as a download of the browser's own: it asks where, shows progress, and writes to disk. */
import {
  AWAKE_MS,
  DOWNLOAD_AWAKE,
  DOWNLOAD_PATH,
  type DownloadAnswer,
  type DownloadAsk,
  type DownloadOffer,
} from '../../adapters/downloads/protocol.ts';
import type { Bytes } from '../../core/codec/bytes.ts';
import { t } from '../i18n/translate.svelte.ts';

/** The worker takes an offer, and the browser the download, within this time. */
const START_MS_MAX = 15_000;

export interface StreamedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** The piece that begins at `start`: not empty before the end. */
  readonly piece: (start: number) => Promise<Bytes>;
}

/**
 * Resolves when the browser has all of it, or the person has cancelled the download. Rejects with what `piece` rejects with,
 * or an Error with a sentence.
 */
export async function saveStream(file: StreamedFile, onProgress: (doneBytes: number) => void): Promise<void> {
  const worker = (await navigator.serviceWorker.getRegistration('/'))?.active;
  if (!worker) throw new Error(t.message.noWorker);
  const { port1: port, port2 } = new MessageChannel();
  const offer: DownloadOffer = {
    type: 'DOWNLOAD',
    id: crypto.randomUUID(),
    fileName: file.name,
    sizeBytes: file.sizeBytes,
  };
  const frame = document.createElement('iframe');
  frame.hidden = true;
  const awake = setInterval(() => worker.postMessage({ type: DOWNLOAD_AWAKE }), AWAKE_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(t.message.noDownload)), START_MS_MAX);
      const feeder = new Feeder(file, port, onProgress, resolve, reject);
      port.onmessage = ({ data }: MessageEvent<DownloadAsk>) => {
        if (data.kind === 'ready') {
          frame.src = DOWNLOAD_PATH + offer.id;
          document.body.append(frame);
          return;
        }
        clearTimeout(late);
        if (data.kind === 'cancelled') resolve();
        else void feeder.next();
      };
      worker.postMessage(offer, [port2]);
    });
  } finally {
    clearInterval(awake);
    port.close();
    frame.remove();
  }
}

/** Answers each `next`, with one piece fetched ahead. */
class Feeder {
  readonly #file: StreamedFile;
  readonly #port: MessagePort;
  readonly #onProgress: (doneBytes: number) => void;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #start = 0;
  #ahead: Promise<Bytes> | undefined;

  constructor(
    file: StreamedFile,
    port: MessagePort,
    onProgress: (doneBytes: number) => void,
    resolve: () => void,
    reject: (error: unknown) => void,
  ) {
    this.#file = file;
    this.#port = port;
    this.#onProgress = onProgress;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  async next(): Promise<void> {
    if (this.#start >= this.#file.sizeBytes) {
      this.#answer({ kind: 'end' });
      return this.#resolve();
    }
    try {
      const bytes = await (this.#ahead ?? this.#file.piece(this.#start));
      this.#start += bytes.length;
      this.#onProgress(this.#start);
      this.#ahead = this.#start < this.#file.sizeBytes ? this.#file.piece(this.#start) : undefined;
      this.#ahead?.catch(() => undefined); // Awaited at the next `next`.
      this.#answer({ kind: 'piece', bytes }, [bytes.buffer]);
    } catch (error) {
      this.#answer({ kind: 'failed', reason: String(error) });
      this.#reject(error);
    }
  }

  #answer(answer: DownloadAnswer, transfer: Transferable[] = []): void {
    this.#port.postMessage(answer, transfer);
  }
}
