/**
 * Noise as links use it. After each packet @libp2p/noise 17 asks for the length of a next one that is not there, and is told so by a
 * new error: the record of its call stack takes as long as decrypting 1 KB. Here it is always the same error.
 */
import type { ConnectionEncrypter } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { assert } from '../../core/codec/assert.ts';

/** What we use of libp2p's classes: `lengthDecoder` throws RangeError when there is no whole prefix. */
interface Encrypted {
  readonly decoder?: { lengthDecoder: (data: Prefixed) => number };
}
interface Prefixed {
  readonly byteLength: number;
  get(index: number): number;
}

const PREFIX_BYTES = 2;
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
        readPrefixesCheaply(secured.connection as unknown as Encrypted);
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
