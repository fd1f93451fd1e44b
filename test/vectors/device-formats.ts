/** What adding and removing a device sends and stores, computed from fixed values: hexadecimal encodings by name. */
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { identityBlockCodec } from '../../src/core/identity/identity-block.ts';
import { codeText, CODE_BYTES, keysOfCode } from '../../src/core/identity/pairing-code.ts';
import { givenCodec, helloCodec, sealMessage, takenCodec } from '../../src/core/identity/pairing-messages.ts';
import { expulsionsCodec } from '../../src/core/node/expulsions.ts';

const fill = (length: number, value: number): Bytes => new Uint8Array(length).fill(value);
const at = Date.UTC(2026, 0, 1);
const name = 'ann@example.org';
const identityKey = fill(32, 2);

/** Of the code whose secret is the bytes 0 to 9. */
export const vectorSecret: Bytes = Uint8Array.from({ length: CODE_BYTES }, (_, i) => i);
const hello = { v: 1 as const, label: 'Chromium on Linux', account: { address: name, identityKey } };

export async function computeDeviceFormats(): Promise<Readonly<Record<string, string>>> {
  const { place, channelKey, accountKey } = keysOfCode(vectorSecret);
  const sealed = { encapsulated: fill(32, 5), ciphertext: fill(48, 6) };
  const random = new SeededRandom('pairing vectors');
  const block = identityBlockCodec.encode({
    v: 1,
    name,
    displayName: 'Ann',
    identityCertificate: {
      body: {
        v: 1,
        ring: fill(32, 4),
        name,
        signKey: identityKey,
        serial: 1,
        notBefore: at,
        notAfter: at + 1,
      },
      signature: fill(384, 6),
    },
    devices: [],
    removed: [
      { deviceKey: fill(32, 7), at, head: { next: 40, chain: sha256(utf8('chain')) } },
      { deviceKey: fill(32, 8), at },
    ],
  });
  return {
    'pairing: code': codeText(vectorSecret),
    'pairing: place': place,
    'pairing: channel key': toHex(channelKey),
    'pairing: account key': toHex(accountKey),
    'pairing: hello of who gives': toHex(helloCodec.encode(hello)),
    'pairing: hello of who takes': toHex(helloCodec.encode({ v: 1, label: 'Tab', key: fill(32, 3) })),
    'pairing: hello, sealed': toHex(await sealMessage(helloCodec, hello, 'opened', channelKey, random)),
    'pairing: gift': toHex(givenCodec.encode({ v: 1, sealed })),
    'pairing: declined': toHex(givenCodec.encode({ v: 1, not: 'declined' })),
    'pairing: end': toHex(takenCodec.encode({ v: 1, done: true })),
    'identity block with removed devices': toHex(block),
    'disk: expulsions': toHex(
      expulsionsCodec.encode({ v: 1, nodes: [{ nodeId: sha256(utf8('node')), label: 'Tab' }] }),
    ),
  };
}
