/**
 * Noise as links use it. What @libp2p/noise 17 says of a packet in pieces, its length, its text and its tag, the websocket transport
 * sends as so many messages, each with its own frame, system call and event at the other end: here a packet is one piece.
 * And after each packet it asks for the length of a next one that is not there, and is told so by a new error: the record of its call
 * stack takes as long as decrypting 1 KB. Here it is always the same error. The bytes are those of libp2p's Noise.
 */
import type { ConnectionEncrypter } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { assert } from '../../core/codec/assert.ts';

/** What we use of libp2p's classes: `lengthDecoder` throws RangeError when there is no whole prefix. */
interface Encrypted {
  readonly decoder?: { lengthDecoder: (data: Prefixed) => number };
  readonly handshake?: Ciphers;
  encrypt?: (chunk: Chunk) => Uint8Array;
  decrypt?: (chunk: Chunk) => Uint8Array;
}
interface Prefixed {
  readonly byteLength: number;
  get(index: number): number;
}
/** Bytes in one or more pieces; `subarray` is a view of one piece, or a copy. */
interface Chunk {
  readonly byteLength: number;
  subarray(): Uint8Array;
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
const incomplete = new RangeError('less than a length prefix');

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
        readPrefixesCheaply(connection);
        keepPacketsWhole(connection);
        return secured;
      };
    }
    return encrypter;
  };
}

function readPrefixesCheaply({ decoder }: Encrypted): void {
  assert(decoder !== undefined, 'a Noise connection has a decoder');
  decoder.lengthDecoder = (data) => {
    if (data.byteLength < PREFIX_BYTES) throw incomplete;
    return data.get(0) * 0x100 + data.get(1);
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
