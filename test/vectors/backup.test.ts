/** Golden vector of the manifest of a back-up. Written by `write-backup.ts`. */
import { expect, it } from 'vitest';
import { fromHex } from '../../src/core/codec/bytes.ts';
import { backupManifestCodec } from '../../src/core/backup/manifest.ts';
import { computeBackupFormats } from './backup-formats.ts';
import pinned from './backup.json' with { type: 'json' };

it('the manifest and its CID are pinned, and decode', () => {
  expect(computeBackupFormats()).toEqual(pinned);
  const manifest = backupManifestCodec.decode(fromHex(pinned.manifest));
  expect(manifest).toMatchObject({ ok: true, value: { body: { v: 1, messages: 3, blocks: 5, bytes: 7 } } });
});
