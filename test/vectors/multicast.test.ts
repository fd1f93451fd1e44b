/** Golden vectors of multicast: what is sent. Written by `write-multicast.ts`; what is signed is in formats.json. */
import { expect, it } from 'vitest';
import { computeMulticastFormats } from './multicast-formats.ts';
import pinned from './multicast.json' with { type: 'json' };

const formats = computeMulticastFormats();

it('pins each format that there is', () => {
  expect(Object.keys(formats)).toEqual(Object.keys(pinned));
});

it.each(Object.entries(pinned))('%s', (name, value) => {
  expect(formats[name]).toBe(value);
});
