/** The one piece of work of the page Back-up: how far it is, how it ended, and that there is never a second one. */
import { expect, test } from 'vitest';
import '../../../support/english.ts';
import { BackupWork } from '../../../../src/app/backup/work.svelte.ts';
import { ClientError } from '../../../../src/core/node/client.ts';

const good = { good: true, sentences: ['Done.'], details: [] };

test('progress shows while it runs, the outcome after it; a second one is not begun', async () => {
  const work = new BackupWork();
  let finish!: () => void;
  const until = new Promise<void>((resolve) => (finish = resolve));
  const running = work.run('save', async (onProgress) => {
    onProgress(3, 7);
    await until;
    return good;
  });
  expect([work.running, work.done, work.total]).toEqual(['save', 3, 7]);
  let begun = false;
  await work.run('check', () => {
    begun = true;
    return Promise.resolve(good);
  });
  expect(begun).toBe(false);
  finish();
  await running;
  expect(work.running).toBeUndefined();
  expect(work.outcomes).toEqual({ save: good });
});

test('who thinks better of it sees no outcome, nor that of the time before', async () => {
  const work = new BackupWork();
  await work.run('save', () => Promise.resolve(good));
  await work.run('save', () => Promise.resolve(undefined));
  expect(work.outcomes.save).toBeUndefined();
});

test('a failure is a sentence; being stopped is no failure of anything', async () => {
  const work = new BackupWork();
  await work.run('check', () => Promise.reject(new ClientError('unreachable', 'Nobody is there.')));
  expect(work.outcomes.check).toEqual({ good: false, sentences: ['Nobody is there.'], details: [] });
  await work.run('check', () => Promise.reject(new ClientError('ended', 'It was stopped.')));
  expect(work.outcomes.check?.sentences).toEqual(['Stopped. Nothing is broken by that.']);
  expect(work.running).toBeUndefined();
});
