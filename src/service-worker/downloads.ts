/** Downloads that a page feeds piece by piece: the browser saves them as any other, and never has more than a few in memory. */
import {
  DOWNLOAD_PATH,
  type DownloadAnswer,
  type DownloadAsk,
  type DownloadOffer,
} from '../adapters/downloads/protocol.ts';

/** Downloads that were offered and not begun; the oldest gives way. */
const OFFERED_MAX = 16;

interface Offered {
  readonly offer: DownloadOffer;
  readonly port: MessagePort;
}

export class Downloads {
  readonly #offered = new Map<string, Offered>();

  offer(offer: DownloadOffer, port: MessagePort): void {
    if (this.#offered.size >= OFFERED_MAX) this.#offered.delete(this.#offered.keys().next().value!);
    this.#offered.set(offer.id, { offer, port });
    ask(port, { kind: 'ready' });
  }

  /** The answer to a request, if it is one for a download; each is answered once. */
  respond(request: Request): Response | undefined {
    const { pathname, origin } = new URL(request.url);
    if (origin !== location.origin || !pathname.startsWith(DOWNLOAD_PATH)) return undefined;
    const id = pathname.slice(DOWNLOAD_PATH.length);
    const offered = this.#offered.get(id);
    this.#offered.delete(id);
    if (offered === undefined) return new Response(null, { status: 404 });
    const { offer, port } = offered;
    return new Response(piecesOf(port), { headers: headersOf(offer) });
  }
}

/** Pulls: a piece is asked for when the browser has written the one before. */
function piecesOf(port: MessagePort): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const answer = await new Promise<DownloadAnswer>((resolve) => {
          port.onmessage = ({ data }: MessageEvent<DownloadAnswer>) => resolve(data);
          ask(port, { kind: 'next' });
        });
        if (answer.kind === 'piece') return controller.enqueue(answer.bytes);
        port.close();
        if (answer.kind === 'end') controller.close();
        else controller.error(new Error(answer.reason));
      },
      cancel: () => ask(port, { kind: 'cancelled' }),
    },
    { highWaterMark: 0 },
  );
}

/** RFC 6266; the type is dropped, so that no browser shows it as a page of ours. */
function headersOf({ fileName, sizeBytes }: DownloadOffer): HeadersInit {
  const encoded = encodeURIComponent(fileName.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    'content-type': 'application/octet-stream',
    'content-length': String(sizeBytes),
    'content-disposition': `attachment; filename*=UTF-8''${encoded}`,
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
}

function ask(port: MessagePort, question: DownloadAsk): void {
  port.postMessage(question);
}
