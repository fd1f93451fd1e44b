/** What a back-up stores besides blocks, computed from fixed values: hexadecimal encodings by name. */
import { toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { cidOf } from '../../src/core/backup/car-file.ts';
import { backupManifestCodec } from '../../src/core/backup/manifest.ts';

const fill = (length: number, value: number): Bytes => new Uint8Array(length).fill(value);
const at = Date.UTC(2026, 0, 1);
const name = 'ann@example.org';
const identityKey = fill(32, 2);

export function computeBackupFormats() {
  const manifest = backupManifestCodec.encode({
    body: {
      v: 1,
      ring: fill(32, 4),
      name,
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
      device: {
        body: {
          v: 1,
          identityKey,
          deviceKey: fill(32, 1),
          nodeId: sha256(utf8('node')),
          label: 'Tab',
          createdAt: at,
        },
        signature: fill(64, 3),
      },
      identity: utf8('identity record'),
      heads: [utf8('head of one log'), utf8('head of another')],
      messages: 3,
      blocks: 5,
      bytes: 7,
      at,
    },
    signature: fill(64, 3),
  });
  return {
    manifest: toHex(manifest),
    'CID of the manifest': cidOf(sha256(manifest), 'dag-cbor').toString(),
    'CID of a block': cidOf(sha256(utf8('a block')), 'raw').toString(),
  };
}
