/** The system's random bytes: as many as asked for, and none twice. */
import { expect, test } from 'vitest';
import { toHex } from '../../../src/core/codec/bytes.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';

test.each([0, 1, 16, 64, 65, 4096, 70_000])('%i bytes, no two answers alike', (length) => {
  const answers = Array.from({ length: length > 100 ? 3 : 300 }, () => systemRandom.bytes(length));
  for (const answer of answers) expect(answer.length).toBe(length);
  if (length >= 16) expect(new Set(answers.map(toHex)).size).toBe(answers.length);
});

test('small answers do not share memory', () => {
  const first = systemRandom.bytes(16);
  const copy = toHex(first);
  systemRandom.bytes(16).fill(0);
  for (let i = 0; i < 300; i++) systemRandom.bytes(16);
  expect(toHex(first)).toBe(copy);
  expect(first.buffer.byteLength).toBe(16);
});
