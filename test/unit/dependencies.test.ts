/** Each dependency is listed with its reason in ARCHITECTURE.md; none is installed by a range. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const architecture = readFileSync(resolve(root, 'ARCHITECTURE.md'), 'utf8');
const list = architecture.slice(architecture.indexOf('## Dependencies'));

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

describe.each(['package.json', 'relay/package.json'])('%s', (path) => {
  const manifest = JSON.parse(readFileSync(resolve(root, path), 'utf8')) as Manifest;
  const packages = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });

  it.each(packages)('names %s with a reason and a version', (name, version) => {
    const words = list.split(/[^\w@/.-]+/);
    const isNamed = words.includes(name) || words.includes(name.slice(name.indexOf('/') + 1));
    expect(isNamed || name.startsWith('@types/'), `${name} is missing in ARCHITECTURE.md`).toBe(true);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
