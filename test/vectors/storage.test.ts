/** Golden vectors of storage: what lies on disks and travels between nodes. Written by `write-storage.ts`. */
import { describe, expect, it } from 'vitest';
import { computeStorageFormats } from './storage-formats.ts';
import pinned from './storage.json' with { type: 'json' };

describe("golden vectors of storage's formats", () => {
  const formats = computeStorageFormats();

  it('pin each format that there is', () => {
    expect(Object.keys(formats)).toEqual(Object.keys(pinned));
  });

  it.each(Object.entries(pinned))('%s', (name, value) => {
    expect(formats[name]).toBe(value);
  });
});
