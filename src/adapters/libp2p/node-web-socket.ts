/** Node 20 has no WebSocket of its own. Import this in Node before a node dials; drop it when Node ≥ 22 is required. */
import { WebSocket } from 'ws';
import { DIAL_MS } from './limits.ts';

/**
 * libp2p leaves a socket alone when its dial times out. In a browser that is harmless; here its later `error` event
 * would have no listener and end the process, so it gets one, and an end.
 */
class NodeWebSocket extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols, { handshakeTimeout: DIAL_MS });
    this.on('error', () => this.terminate());
  }
}

const global = globalThis as { WebSocket?: unknown };
global.WebSocket ??= NodeWebSocket;
