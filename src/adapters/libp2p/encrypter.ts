/**
 * Noise as links use it. What @libp2p/noise 17 says of a packet in pieces, its length, its text and its tag, the websocket transport
 * sends as so many messages, each with its own frame, system call and event at the other end: here a packet is one piece.
 * And after each packet it asks for the length of a next one that is not there, and is told so by an error, which takes as long as
 * decrypting 1 KB: here it looks how much is there. The bytes are those of libp2p's Noise.
 */
import type { ConnectionEncrypter } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { assert } from '../../core/codec/assert.ts';

/** What we use of libp2p's classes. */
interface Encrypted {
  readonly decoder?: Decoder;
  readonly handshake?: Ciphers;
  encrypt?: (chunk: Chunk) => Uint8Array;
  decrypt?: (chunk: Chunk) => Uint8Array;
}
/** Cuts what comes into packets. `buffer`: the beginning of one that is not whole. */
interface Decoder {
  readonly buffer: Buffered;
  decode: (data: Chunk) => Iterable<Chunk>;
}
interface Buffered extends Chunk {
  append(data: Chunk): void;
  get(index: number): number;
  consume(length: number): void;
}
/** Bytes in one or more pieces; `subarray` is a view of one piece, or a copy. */
interface Chunk {
  readonly byteLength: number;
  subarray(start?: number, end?: number): Uint8Array;
}
/** Of one connection, both directions; given one piece they give one. */
interface Ciphers {
  encrypt(text: Uint8Array): Uint8Array;
  /** `room`: where the text may be written. Throws when it is not authentic. */
  decrypt(packet: Uint8Array, room: Uint8Array): Uint8Array;
}

const PREFIX_BYTES = 2;
const TAG_BYTES = 16;
/** What a length of two bytes can say (Noise Protocol Framework, section 3). */
const TEXT_BYTES_MAX = 0xffff - TAG_BYTES;
/** What may come at once; more than any transport's message. */
const BUFFERED_BYTES_MAX = 16 * 1024 * 1024;

/** For the encrypters of a libp2p node. */
export function linkEncrypter(): (
  components: Parameters<ReturnType<typeof noise>>[0],
) => ConnectionEncrypter {
  const make = noise();
  return (components) => {
    const encrypter: ConnectionEncrypter = make(components);
    for (const name of ['secureInbound', 'secureOutbound'] as const) {
      const secure = encrypter[name].bind(encrypter);
      encrypter[name] = async (...call) => {
        const secured = await secure(...call);
        const connection = secured.connection as unknown as Encrypted;
        cutCheaply(connection);
        keepPacketsWhole(connection);
        return secured;
      };
    }
    return encrypter;
  };
}

function cutCheaply({ decoder }: Encrypted): void {
  assert(decoder !== undefined, 'a Noise connection has a decoder');
  const { buffer } = decoder;
  decoder.decode = (data) => {
    buffer.append(data);
    if (buffer.byteLength > BUFFERED_BYTES_MAX) throw new Error('more than is taken at once');
    const packets: Uint8Array[] = [];
    while (buffer.byteLength >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + buffer.get(0) * 0x100 + buffer.get(1);
      if (buffer.byteLength < end) break;
      packets.push(buffer.subarray(PREFIX_BYTES, end));
      buffer.consume(end);
    }
    return packets;
  };
}

function keepPacketsWhole(connection: Encrypted): void {
  const { handshake, encrypt, decrypt } = connection;
  assert(handshake && encrypt && decrypt, 'a Noise connection has ciphers');
  connection.encrypt = (chunk) => {
    const text = chunk.subarray();
    const packets: Uint8Array[] = [];
    for (let start = 0; start < text.length; start += TEXT_BYTES_MAX)
      packets.push(handshake.encrypt(text.subarray(start, start + TEXT_BYTES_MAX)));
    return prefixed(packets);
  };
  connection.decrypt = (chunk) => {
    const packet = chunk.subarray();
    if (packet.length < TAG_BYTES) throw new Error('a packet without a tag');
    // The ciphers write a byte where they have read it.
    return handshake.decrypt(packet, packet.subarray(0, packet.length - TAG_BYTES));
  };
}

/** Each packet behind its length, all in one piece. */
function prefixed(packets: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const packet of packets) length += PREFIX_BYTES + packet.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const packet of packets) {
    out[at] = packet.length >> 8;
    out[at + 1] = packet.length & 0xff;
    out.set(packet, at + PREFIX_BYTES);
    at += PREFIX_BYTES + packet.length;
  }
  return out;
}
