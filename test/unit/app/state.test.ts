import { describe, expect, test } from 'vitest';
import '../../support/english.ts';
import { deviceLabel } from '../../../src/app/session/device-label.ts';
import { pickTwo } from '../../../src/app/join/pick-two.ts';
import { InOrder } from '../../../src/app/state/in-order.ts';
import { Patches } from '../../../src/app/state/patches.ts';
import { hrefOf, parseRoute, type Route } from '../../../src/app/state/routes.ts';
import { message } from './views.ts';

describe('routes', () => {
  const routes: readonly Route[] = [
    { page: 'join', token: 'abc234' },
    { page: 'recover' },
    { page: 'people' },
    { page: 'verify', address: 'bob@example.org' },
    { page: 'settings' },
    { page: 'compose', mailto: 'mailto:bob@example.org?subject=a/b%26c' },
    { page: 'ring' },
    { page: 'network', messageId: undefined },
    { page: 'network', messageId: '2f' },
    { page: 'mail', place: 'inbox', messageId: undefined },
    { page: 'mail', place: 'trash', messageId: '2f' },
    { page: 'mail', place: 'own-0123456789abcdef', messageId: '2f' },
    { page: 'mail', place: 'label-0123456789abcdef', messageId: undefined },
    { page: 'mail', place: 'starred', messageId: undefined },
  ];
  test.each(routes)('$page leads there and back', (route) => {
    expect(parseRoute(hrefOf(route))).toEqual(route);
  });

  test.each([
    '',
    '#',
    '#/',
    '#/mail',
    '#/mail/nonsense/2f',
    '#/elsewhere',
    '#/mail/%zz',
    '#/mail/own-zz',
    '#/mail/label-',
  ])('%s leads to the inbox', (hash) => {
    expect(parseRoute(hash)).toEqual({ page: 'mail', place: 'inbox', messageId: undefined });
  });

  test('a token may be missing or broken: the join page says so', () => {
    expect(parseRoute('#/join')).toEqual({ page: 'join', token: '' });
    expect(parseRoute('#/join/%zz')).toEqual({ page: 'join', token: '%zz' });
  });
});

describe('what was just done', () => {
  const one = message('1');
  const archived = new Map([['1', { change: { folder: 'archive' } } as const]]);
  const trashed = new Map([['1', { change: { folder: 'trash' } } as const]]);

  test('shows at once, later changes win, and the message is untouched', () => {
    const patches = new Patches();
    expect(patches.applyTo(one)).toBe(one);
    patches.add(archived);
    patches.add(trashed);
    expect(patches.applyTo(one)).toEqual({ ...one, folder: 'trash' });
    expect(one.folder).toBe('inbox');
  });

  test('a failure takes its own change back and no other, and says of which messages', () => {
    const patches = new Patches();
    const failing = patches.add(
      new Map([
        ['1', { removed: true }],
        ['2', { removed: true }],
      ]),
    );
    patches.add(archived);
    expect(patches.applyTo(one)).toBeUndefined();
    expect(patches.drop(failing)).toEqual(['1', '2']);
    expect(patches.applyTo(one)!.folder).toBe('archive');
    expect(patches.applyTo(message('2'))!.folder).toBe('inbox');
  });

  test('what has succeeded stays until the next update says it itself', () => {
    const patches = new Patches();
    const moved = patches.add(archived);
    expect(patches.dropSettled()).toEqual([]);
    patches.settle(moved);
    expect(patches.applyTo(one)!.folder).toBe('archive');
    expect(patches.dropSettled()).toEqual(['1']);
    expect(patches.applyTo(one)).toBe(one);
  });
});

test('work of one name is done in its order, also after a failure', async () => {
  const done: string[] = [];
  const order = new InOrder<string>();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const finished = new Promise<void>((resolve) => {
    order.run(
      'a',
      () => held.then(() => void done.push('first')),
      () => undefined,
    );
    order.run(
      'a',
      () => Promise.reject(new Error('no')),
      () => void done.push('failed'),
    );
    order.run(
      'a',
      async () => (done.push('last'), resolve()),
      () => undefined,
    );
    order.run(
      'b',
      async () => void done.push('other'),
      () => undefined,
    );
  });
  release();
  await finished;
  expect(done.filter((step) => step !== 'other')).toEqual(['first', 'failed', 'last']);
  expect(done).toContain('other');
});

test('two different words are asked, in order, and every pair can be', () => {
  const pairs = new Set<string>();
  for (let i = 0; i < 400; i++) {
    const [a, b] = pickTwo(4);
    expect(a).toBeLessThan(b);
    expect(b).toBeLessThan(4);
    pairs.add(`${a},${b}`);
  }
  expect(pairs.size).toBe(6);
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36', 'Chromium on Linux'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Gecko/20100101 Firefox/140.0', 'Firefox on macOS'],
  ['', 'A browser on a device'],
])('a device is called after its browser and system', (userAgent, label) => {
  expect(deviceLabel(userAgent)).toBe(label);
});
