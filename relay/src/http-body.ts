/** Reads the body of a request, never more than it may be. */
import type { IncomingMessage } from 'node:http';
import type { Bytes } from '../../src/core/codec/bytes.ts';
import { ok, refuse, type Result } from '../../src/core/codec/result.ts';

/** Refusals: `too-large` (the rest is not read), `aborted`. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Result<Bytes>> {
  const tooLarge = refuse('too-large', `The request is over the limit of ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) return tooLarge;
      chunks.push(chunk);
    }
  } catch {
    return refuse('aborted', 'The request broke off.');
  }
  return ok(new Uint8Array(Buffer.concat(chunks)));
}
