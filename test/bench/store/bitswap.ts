/** Two libp2p nodes with Helia's bitswap, over the transport that our own nodes take. */
import { withBitswap } from '@helia/bitswap';
import type { BlockBroker } from '@helia/interface';
import { identify } from '@libp2p/identify';
import { start, stop, type Libp2p } from '@libp2p/interface';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { sha256 } from 'multiformats/hashes/sha2';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { pause } from '../overlay/process.ts';
import type { Traffic } from '../overlay/traffic.ts';
import { createPeerNode } from '../overlay/websocket-node.ts';

const PROTOCOL = '/ipfs/bitswap/1.2.0';
const LOOK_EVERY_MS = 20;

/** How bitswap waits before it sends its wants, in the hope of more of them. Default: 10 ms. */
export interface BitswapOptions {
  readonly sendWantlistDebounce?: number;
}

interface Node {
  readonly libp2p: Libp2p;
  readonly blocks: Map<string, Uint8Array>;
  readonly broker: BlockBroker;
}

/** A holder and a reader, linked. */
export class BitswapPair {
  readonly #holder: Node;
  readonly #reader: Node;

  private constructor(holder: Node, reader: Node) {
    this.#holder = holder;
    this.#reader = reader;
  }

  static async start(traffic: Traffic, options: BitswapOptions = {}): Promise<BitswapPair> {
    const [holder, reader] = [await createNode(traffic, options), await createNode(traffic, options)];
    await reader.libp2p.dial(holder.libp2p.getMultiaddrs());
    // Bitswap talks to whom `identify` has shown to speak it.
    const speaks = async (a: Node, b: Node): Promise<boolean> => {
      const known = await a.libp2p.peerStore.all();
      return known.some(({ id, protocols }) => id.equals(b.libp2p.peerId) && protocols.includes(PROTOCOL));
    };
    while (!(await speaks(reader, holder)) || !(await speaks(holder, reader))) await pause(LOOK_EVERY_MS);
    return new BitswapPair(holder, reader);
  }

  async hold(block: Bytes): Promise<CID> {
    const cid = CID.createV1(raw.code, await sha256.digest(block));
    this.#holder.blocks.set(cid.toString(), block);
    return cid;
  }

  async fetch(cid: CID): Promise<Uint8Array> {
    const { retrieve } = this.#reader.broker;
    assert(retrieve !== undefined, 'bitswap fetches');
    return retrieve.call(this.#reader.broker, cid);
  }

  async stop(): Promise<void> {
    for (const { broker, libp2p } of [this.#reader, this.#holder]) {
      await stop(broker);
      await libp2p.stop();
    }
  }
}

/** What bitswap asks of a Helia node: a libp2p node, a store of blocks, and nobody to name further providers. */
async function createNode(traffic: Traffic, options: BitswapOptions): Promise<Node> {
  const libp2p = await createPeerNode({ identify: identify() }, traffic);
  const blocks = new Map<string, Uint8Array>();
  const mixins: { start(host: unknown): Promise<void> }[] = [];
  const brokers: BlockBroker[] = [];
  const host = {
    status: 'starting',
    libp2p,
    logger: libp2p.logger,
    routing: { async *findProviders() {} },
    blockstore: {
      has: (cid: CID) => blocks.has(cid.toString()),
      *get(cid: CID) {
        yield blocks.get(cid.toString())!;
      },
    },
    hasBlockBroker: () => false,
    addBlockBroker: (broker: BlockBroker) => brokers.push(broker),
    addMixin: (mixin: { start(host: unknown): Promise<void> }) => mixins.push(mixin),
  };
  withBitswap(host as never, options);
  for (const mixin of mixins) await mixin.start(host);
  const [broker] = brokers;
  assert(broker !== undefined, 'bitswap has started');
  await start(broker);
  return { libp2p, blocks, broker };
}
