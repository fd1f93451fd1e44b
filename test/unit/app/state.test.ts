import { describe, expect, test } from 'vitest';
import '../../support/english.ts';
import { deviceLabel } from '../../../src/app/session/device-label.ts';
import { pickTwo } from '../../../src/app/join/pick-two.ts';
import { matching } from '../../../src/app/mailbox/search.ts';
import { InOrder } from '../../../src/app/state/in-order.ts';
import { Patches } from '../../../src/app/state/patches.ts';
import { hrefOf, parseRoute, type Route } from '../../../src/app/state/routes.ts';
import { message, person } from './views.ts';

describe('routes', () => {
  const routes: readonly Route[] = [
    { page: 'join', token: 'abc234' },
    { page: 'recover' },
    { page: 'people' },
    { page: 'settings' },
    { page: 'ring' },
    { page: 'network', messageId: undefined },
    { page: 'network', messageId: '2f' },
    { page: 'mail', folder: 'inbox', messageId: undefined },
    { page: 'mail', folder: 'trash', messageId: '2f' },
  ];
  test.each(routes)('$page leads there and back', (route) => {
    expect(parseRoute(hrefOf(route))).toEqual(route);
  });

  test.each(['', '#', '#/', '#/mail', '#/mail/nonsense/2f', '#/elsewhere', '#/mail/%zz'])(
    '%s leads to the inbox',
    (hash) => {
      expect(parseRoute(hash)).toEqual({ page: 'mail', folder: 'inbox', messageId: undefined });
    },
  );

  test('a token may be missing or broken: the join page says so', () => {
    expect(parseRoute('#/join')).toEqual({ page: 'join', token: '' });
    expect(parseRoute('#/join/%zz')).toEqual({ page: 'join', token: '%zz' });
  });
});

describe('what was just done', () => {
  const messages = [message('1'), message('2')];

  test('shows at once, later changes win, and the list is untouched', () => {
    const patches = new Patches();
    expect(patches.applyTo(messages)).toBe(messages);
    patches.add('1', { change: { folder: 'archive' } });
    patches.add('1', { change: { folder: 'trash' } });
    patches.add('2', { change: { unread: false } });
    expect(patches.applyTo(messages).map(({ folder, unread }) => [folder, unread])).toEqual([
      ['trash', true],
      ['inbox', false],
    ]);
    expect(messages[0]!.folder).toBe('inbox');
  });

  test('a failure takes its own change back and no other', () => {
    const patches = new Patches();
    const failing = patches.add('1', { removed: true });
    patches.add('2', { change: { unread: false } });
    expect(patches.applyTo(messages)).toHaveLength(1);
    patches.drop(failing);
    expect(patches.applyTo(messages).map(({ unread }) => unread)).toEqual([true, false]);
  });

  test('what has succeeded stays until the next snapshot says it itself', () => {
    const patches = new Patches();
    const moved = patches.add('1', { change: { folder: 'archive' } });
    patches.settle(moved);
    expect(patches.applyTo(messages)[0]!.folder).toBe('archive');
    patches.dropSettled();
    expect(patches.applyTo(messages)).toBe(messages);
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

test('search finds every word anywhere in what is seen, without case and accents', () => {
  const found = [
    message('1', { subject: 'Café in November', from: person('bob', 'Bob') }),
    message('2', { attachments: [{ index: 0, name: 'november.pdf', type: '', sizeBytes: 1 }] }),
  ];
  const ids = (query: string): string[] => matching(found, query).map((one) => one.id);
  expect(ids('')).toEqual(['1', '2']);
  expect(ids('NOVEMBER')).toEqual(['1', '2']);
  expect(ids('cafe bob')).toEqual(['1']);
  expect(ids('cafe carol')).toEqual([]);
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
