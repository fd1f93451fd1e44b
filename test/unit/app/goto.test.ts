import { expect, test } from 'vitest';
import { GoTo } from '../../../src/app/shell/goto.ts';

test('G and a place lead there; too late, or another key, and it is a key like any other', () => {
  const keys = new GoTo();
  expect(keys.press('i', 0)).toBeUndefined();
  expect(keys.press('g', 0)).toBe('waits');
  expect(keys.press('i', 1_000)).toEqual({ page: 'mail', place: 'inbox', messageId: undefined });
  expect(keys.press('i', 1_100)).toBeUndefined();
  keys.press('g', 2_000);
  expect(keys.press('s', 4_000)).toBeUndefined();
  keys.press('g', 5_000);
  expect(keys.press('constructor', 5_100)).toBeUndefined();
  expect(keys.press('t', 5_200)).toBeUndefined();
});
