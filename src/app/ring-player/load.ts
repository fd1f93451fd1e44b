/** Gets a trace from the relay or from a file, a piece at a time, so that the page stays awake. */
import { refuse, type Result } from '../../core/codec/result.ts';
import { sizeText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';
import { TRACE_BYTES_MAX, type Trace } from './trace.ts';
import { TraceReader } from './trace-reader.ts';

/** Made by the build (scripts/build.mjs). */
export const DEMONSTRATION_PATH = '/ring-demonstration.jsonl';
/** Bytes that are read in one go. */
const SLICE_BYTES = 64 * 1024;
/** After this long the page gets its turn. */
const TURN_MS = 12;

export interface Reading {
  /** Called with the bytes read so far. */
  readonly progress: (bytes: number) => void;
  /** Ends it: it rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** The demonstration. Refusals: `unavailable` when the relay does not give it, and those of `readStream`. */
export async function fetchDemonstration(reading: Reading): Promise<Result<Trace>> {
  let response: Response;
  try {
    response = await fetch(DEMONSTRATION_PATH, { signal: reading.signal });
  } catch (error) {
    reading.signal.throwIfAborted();
    if (!(error instanceof TypeError)) throw error;
    return refuse('unavailable', t.ring.noRelay);
  }
  if (!response.ok || !response.body) return refuse('unavailable', t.ring.noDemonstration);
  return readStream(response.body, reading);
}

/** A file that somebody has chosen. Refusals: those of `readStream`. */
export function readFile(file: File, reading: Reading): Promise<Result<Trace>> {
  return readStream(file.stream(), reading);
}

/** Refusals, with a sentence: `bad-trace`; `unavailable` when the stream breaks off. */
export async function readStream(
  stream: ReadableStream<Uint8Array>,
  { progress, signal }: Reading,
): Promise<Result<Trace>> {
  const trace = new TraceReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let turnEndsAt = performance.now() + TURN_MS;
  try {
    for await (const slice of slicesOf(stream)) {
      bytes += slice.length;
      if (bytes > TRACE_BYTES_MAX)
        return refuse('bad-trace', t.ring.tooMuch({ size: sizeText(TRACE_BYTES_MAX) }));
      const taken = take(trace, decoder, slice);
      if (!taken.ok) return taken;
      if (performance.now() < turnEndsAt) continue;
      progress(bytes);
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
      turnEndsAt = performance.now() + TURN_MS;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof BrokenStream)) throw error;
    return refuse('unavailable', t.ring.brokeOff({ size: sizeText(bytes) }));
  }
  const taken = take(trace, decoder, undefined);
  return taken.ok ? trace.finish() : taken;
}

/** The world failed: the network, or the disk. */
class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
}

/** Who stops taking slices ends the stream. Rejects with BrokenStream. */
async function* slicesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = stream.getReader();
  let ended = false;
  const read = async (): Promise<Uint8Array | undefined> => {
    try {
      const { done, value } = await source.read();
      ended = done;
      return value;
    } catch (error) {
      ended = true;
      throw new BrokenStream('the stream broke off', { cause: error });
    }
  };
  try {
    for (let piece = await read(); piece; piece = await read())
      for (let from = 0; from < piece.length; from += SLICE_BYTES)
        yield piece.subarray(from, from + SLICE_BYTES);
  } finally {
    if (!ended) await source.cancel();
  }
}

/** `slice` undefined: there is no more. */
function take(trace: TraceReader, decoder: TextDecoder, slice: Uint8Array | undefined): Result<undefined> {
  let text: string;
  try {
    text = slice ? decoder.decode(slice, { stream: true }) : decoder.decode();
  } catch {
    // The decoder has nothing more to say: it is fatal for bytes that are not UTF-8 (WHATWG Encoding, §7.1).
    return refuse('bad-trace', t.ring.noText);
  }
  return trace.push(text);
}
