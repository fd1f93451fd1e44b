/** When something is installed or built again. */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprint, isFresh, markFresh } from '../../../scripts/fingerprint.mjs';
import { isInstalled } from '../../../scripts/install.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'epost-fresh-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('staleness', () => {
  it('follows names and contents, not dates', async () => {
    await mkdir(join(folder, 'src/deep'), { recursive: true });
    await writeFile(join(folder, 'src/deep/a.ts'), 'one');
    const before = fingerprint(folder, ['src', 'missing.ts']);
    await utimes(join(folder, 'src/deep/a.ts'), 0, 0);
    expect(fingerprint(folder, ['src', 'missing.ts'])).toBe(before);
    await writeFile(join(folder, 'src/deep/a.ts'), 'two');
    const changed = fingerprint(folder, ['src', 'missing.ts']);
    await writeFile(join(folder, 'src/b.ts'), '');
    expect(new Set([before, changed, fingerprint(folder, ['src', 'missing.ts'])]).size).toBe(3);
  });

  it('is remembered by a stamp', () => {
    const stamp = join(folder, 'dist/app.stamp');
    expect(isFresh(stamp, 'x')).toBe(false);
    markFresh(stamp, 'x');
    expect([isFresh(stamp, 'x'), isFresh(stamp, 'y')]).toEqual([true, false]);
  });
});

describe('installation', () => {
  const lock = (packages: object): string => JSON.stringify({ packages });
  const wanted = {
    '': { version: '1.0.0' },
    relay: { version: '1.0.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  };
  const write = async (installed: object): Promise<void> => {
    await mkdir(join(folder, 'node_modules'), { recursive: true });
    await writeFile(join(folder, 'package-lock.json'), lock(wanted));
    await writeFile(join(folder, 'node_modules/.package-lock.json'), lock(installed));
  };

  it('is missing without node_modules', async () => {
    await writeFile(join(folder, 'package-lock.json'), lock(wanted));
    expect(isInstalled(folder)).toBe(false);
  });

  it.each([
    ['complete', { 'node_modules/a': { version: '1.0.0' } }, true],
    ['of another version', { 'node_modules/a': { version: '1.0.1' } }, false],
    ['incomplete', {}, false],
  ])('is %s', async (_, installed, complete) => {
    await write(installed);
    expect(isInstalled(folder)).toBe(complete);
  });
});
