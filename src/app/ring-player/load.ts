/** Gets a trace from the relay or from a file, a piece at a time, so that the page stays awake. */
import { refuse, type Result } from '../../core/codec/result.ts';
import { sizeText } from '../format/sizes.ts';
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
    return refuse('unavailable', 'The demonstration comes from the relay, which does not answer just now.');
  }
  if (!response.ok || !response.body)
    return refuse('unavailable', 'This relay has no demonstration; a trace from a file can be opened.');
  return readStream(response.body, reading);
}

/** A file that somebody has chosen. Refusals: those of `readStream`. */
export function readFile(file: File, reading: Reading): Promise<Result<Trace>> {
  return readStream(file.stream(), reading);
}

/** Refusals: `bad-trace`, with a sentence. */
export async function readStream(
  stream: ReadableStream<Uint8Array>,
  { progress, signal }: Reading,
): Promise<Result<Trace>> {
  const source = stream.getReader();
  const trace = new TraceReader();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let bytes = 0;
  let turnEndsAt = performance.now() + TURN_MS;
  try {
    for (let piece = await source.read(); !piece.done; piece = await source.read()) {
      bytes += piece.value.length;
      if (bytes > TRACE_BYTES_MAX)
        return refuse(
          'bad-trace',
          `The file is over ${sizeText(TRACE_BYTES_MAX)}, more than this page plays.`,
        );
      for (let from = 0; from < piece.value.length; from += SLICE_BYTES) {
        const taken = trace.push(
          decoder.decode(piece.value.subarray(from, from + SLICE_BYTES), { stream: true }),
        );
        if (!taken.ok) return taken;
        if (performance.now() < turnEndsAt) continue;
        progress(bytes);
        await new Promise((resolve) => setTimeout(resolve));
        signal.throwIfAborted();
        turnEndsAt = performance.now() + TURN_MS;
      }
    }
    const taken = trace.push(decoder.decode());
    return taken.ok ? trace.finish() : taken;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TypeError) return refuse('bad-trace', 'This is not a text file, so it is no trace.');
    if (error instanceof DOMException)
      return refuse('bad-trace', `The file cannot be read: ${error.message}`);
    throw error;
  } finally {
    await source.cancel();
  }
}
