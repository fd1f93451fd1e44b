/** A node's network that keeps the large messages which pass over it, so that a test can tell what moved twice. */
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import type { NodeId } from '../../../src/core/codec/id.ts';
import type { MemberNetwork } from '../../../src/core/node/member.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { Lane, LinkInfo, NetworkHandlers } from '../../../src/core/overlay/network.ts';

/** Long enough to be found by, in bytes. */
const PIECE_BYTES = 32;

export class RecordingNetwork implements MemberNetwork {
  readonly #network: MemberNetwork;
  readonly #overBytes: number;
  readonly #sent: Buffer[] = [];
  readonly #received: Buffer[] = [];

  /** `overBytes`: shorter messages are not kept. */
  constructor(network: MemberNetwork, overBytes: number) {
    this.#network = network;
    this.#overBytes = overBytes;
  }

  /** Names of the blocks that were sent so far, each as often as it was. */
  sent(blocks: ReadonlyMap<string, Bytes>): string[] {
    return blocksIn(this.#sent, blocks);
  }

  /** Names of the blocks that came so far, each as often as it did. */
  received(blocks: ReadonlyMap<string, Bytes>): string[] {
    return blocksIn(this.#received, blocks);
  }

  get self(): NodeId {
    return this.#network.self;
  }

  start(handlers: NetworkHandlers): Promise<void> {
    return this.#network.start({
      linkUp: (contact, direct) => handlers.linkUp(contact, direct),
      linkDown: (nodeId, reason) => handlers.linkDown(nodeId, reason),
      message: (from, message) => {
        this.#keep(this.#received, message);
        handlers.message(from, message);
      },
    });
  }

  connect(contact: Contact, via?: readonly NodeId[]): Promise<void> {
    return this.#network.connect(contact, via);
  }

  send(to: NodeId, message: Bytes, lane: Lane): Promise<void> {
    this.#keep(this.#sent, message);
    return this.#network.send(to, message, lane);
  }

  close(nodeId: NodeId, reason: string): void {
    this.#network.close(nodeId, reason);
  }

  links(): readonly LinkInfo[] {
    return this.#network.links();
  }

  renew(contact: Contact): void {
    this.#network.renew(contact);
  }

  stop(): Promise<void> {
    return this.#network.stop();
  }

  #keep(messages: Buffer[], message: Bytes): void {
    if (message.length > this.#overBytes) messages.push(Buffer.from(message));
  }
}

function blocksIn(messages: readonly Buffer[], blocks: ReadonlyMap<string, Bytes>): string[] {
  const pieces = [...blocks].map(([name, bytes]) => ({ name, piece: middleOf(bytes) }));
  return messages.flatMap((message) =>
    pieces.filter(({ piece }) => message.includes(piece)).map(({ name }) => name),
  );
}

/** Lies within the block also where a disk puts something before it. */
function middleOf(bytes: Bytes): Buffer {
  const middle = bytes.length >> 1;
  return Buffer.from(bytes.subarray(middle, middle + PIECE_BYTES));
}
