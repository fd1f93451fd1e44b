/** Golden vectors of adding and removing devices. Written by `write-devices.ts`. */
import { expect, it } from 'vitest';
import { fromHex } from '../../src/core/codec/bytes.ts';
import { identityBlockCodec } from '../../src/core/identity/identity-block.ts';
import { keysOfCode, parseCode } from '../../src/core/identity/pairing-code.ts';
import { givenCodec, helloCodec, openMessage } from '../../src/core/identity/pairing-messages.ts';
import { expulsionsCodec } from '../../src/core/node/expulsions.ts';
import { computeDeviceFormats, vectorSecret } from './device-formats.ts';
import pinned from './devices.json' with { type: 'json' };

it('codes, keys and messages are pinned', async () => {
  expect(await computeDeviceFormats()).toEqual(pinned);
});

it('what is pinned is read', async () => {
  expect(parseCode(pinned['pairing: code'])).toEqual({ ok: true, value: vectorSecret });
  const { channelKey } = keysOfCode(vectorSecret);
  const sealed = fromHex(pinned['pairing: hello, sealed']);
  expect(await openMessage(helloCodec, sealed, 'opened', channelKey)).toMatchObject({
    ok: true,
    value: { v: 1, label: 'Chromium on Linux', account: { address: 'ann@example.org' } },
  });
  expect(await openMessage(helloCodec, sealed, 'answered', channelKey)).toMatchObject({ code: 'wrong-code' });
  expect(givenCodec.decode(fromHex(pinned['pairing: declined']))).toMatchObject({
    value: { not: 'declined' },
  });
  expect(identityBlockCodec.decode(fromHex(pinned['identity block with removed devices']))).toMatchObject({
    value: { removed: [{ head: { next: 40 } }, {}] },
  });
  expect(expulsionsCodec.decode(fromHex(pinned['disk: expulsions']))).toMatchObject({
    value: { nodes: [{ label: 'Tab' }] },
  });
});
