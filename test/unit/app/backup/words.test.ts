/** What the page Back-up says of each outcome: whether it is good, what happened, and what to do (look: manners). */
import { expect, test } from 'vitest';
import '../../../support/english.ts';
import {
  checkWords,
  deviceWords,
  exportWords,
  rebuildWords,
  restoreWords,
} from '../../../../src/app/backup/words.ts';
import type { MailboxCheck } from '../../../../src/core/backup/check-mailbox.ts';
import type { LogRemains } from '../../../../src/core/backup/rebuild-mailbox.ts';
import type { RestoreReport } from '../../../../src/core/backup/restore-mailbox.ts';
import type { StoreReport } from '../../../../src/core/backup/verify-store.ts';

const noProblems = { problems: [], problemCount: 0 };
const check: MailboxCheck = {
  logs: 1,
  messages: 2,
  blocks: 10,
  bytes: 2_000_000,
  whole: 10,
  thin: 0,
  lost: 0,
  unknown: 0,
  ...noProblems,
};
const restored: RestoreReport = {
  at: 0,
  device: 'Tab',
  messagesThen: 3,
  messagesNow: 4,
  restored: 1,
  present: 5,
  missing: 0,
  logs: 1,
  newerLogs: 0,
  ...noProblems,
};

test('a back-up says how much was saved; what could not be fetched makes it not good, and is named', () => {
  const report = { messages: 1, blocks: 3, bytes: 1_000_000, ...noProblems };
  expect(exportWords(report)).toEqual({
    good: true,
    sentences: ['Saved: 1 message in 977 KB.'],
    details: [],
  });
  const thin = exportWords({
    ...report,
    problems: [{ what: 'message m', reason: 'it was not found' }],
    problemCount: 3,
  });
  expect(thin.good).toBe(false);
  expect(thin.sentences[1]).toMatch(
    /^3 parts could not be fetched just now and are not in the file\. Save again/,
  );
  expect(thin.details).toEqual(['message m: it was not found', '… and 2 more']);
});

test('a restore names the file, what came back and what is missing', () => {
  const words = restoreWords(restored, '1 May');
  expect(words.good).toBe(true);
  expect(words.sentences).toEqual([
    'The file of 1 May, written by Tab, had 3 messages. Your mailbox now has 4.',
    '1 block put back, 5 there already.',
  ]);
  const worse = restoreWords({ ...restored, missing: 1, newerLogs: 1, device: '' }, '1 May');
  expect(worse.good).toBe(false);
  expect(worse.sentences[0]).toContain('written by a device of yours');
  expect(worse.sentences).toContain('What your devices did after the back-up was kept.');
  expect(worse.sentences.at(-1)).toMatch(/^1 block that the file should have is missing in it or damaged/);
  const problem = { ...restored, problems: [{ what: 'log', reason: 'broken' }], problemCount: 1 };
  expect(restoreWords(problem, '1 May').sentences.at(-1)).toContain('restore the same file again');
});

test.each([
  [{}, true, /kept by all the devices/],
  [{ whole: 9, thin: 1 }, true, /1 block not yet on all of them: copies are made by themselves/],
  [{ whole: 8, lost: 2 }, false, /2 blocks nobody has any more\. If you have a back-up, restore it/],
  [{ whole: 8, unknown: 2 }, false, /About 2 blocks nobody could be asked just now/],
  [{ problems: [{ what: 'a log', reason: 'broken' }], problemCount: 1 }, false, /could not be followed/],
])('a check that found %o is good: %s', (found, good, sentence) => {
  const words = checkWords({ ...check, ...found });
  expect(words.good).toBe(good);
  expect(words.sentences.some((one) => sentence.test(one))).toBe(true);
});

test('an empty mailbox is no achievement', () => {
  const words = checkWords({ ...check, messages: 0, blocks: 0, whole: 0, bytes: 0 });
  expect(words.sentences).toEqual(['Your mailbox is empty: there is nothing to check yet.']);
});

test('of a device it says how much was read, what is damaged, and what to do about it', () => {
  const none = { block: 0, record: 0, certificate: 0, inbox: 0, clear: 0 };
  const checked = { ...none, lease: 0, tombstone: 0, log: 1, journal: 1, index: 0, data: 0 };
  const sound: StoreReport = { checked, bytes: 2048, elsewhere: 0, faults: [], faultCount: 0 };
  expect(deviceWords(sound)).toEqual({
    good: true,
    sentences: ['Read: 2 things on this device, 2 KB of data.', 'Each is what it was when it was written.'],
    details: [],
  });
  const fault = { kind: 'journal' as const, key: 'log', code: 'broken-chain', reason: 'another history' };
  const damaged = deviceWords({ ...sound, faults: [fault], faultCount: 1 });
  expect(damaged.good).toBe(false);
  expect(damaged.sentences[1]).toMatch(/^1 thing is damaged/);
  expect(damaged.sentences[2]).toContain('Add this device to your account anew');
  expect(damaged.details).toEqual(['journal log: another history']);
});

test('a rebuild says of which device what came back, what nobody has, and what to do', () => {
  const whole: LogRemains = {
    device: 'ab'.repeat(32),
    label: 'The desk',
    entries: 160,
    missing: 0,
    changes: 0,
    forked: false,
  };
  const report = { logs: [whole], messagesBefore: 1, messagesNow: 1, ...noProblems };
  expect(rebuildWords(report)).toEqual({
    good: true,
    sentences: ['Nothing is missing: all that your other devices are known to have changed is here.'],
    details: [],
  });
  const found = { ...report, logs: [{ ...whole, missing: 32, changes: 120 }], messagesNow: 31 };
  expect(rebuildWords(found)).toMatchObject({
    good: false,
    sentences: [
      '“The desk”: 160 changes known, of which nobody has 32 any more; 120 changes came back.',
      '30 messages came back into your mailbox.',
      expect.stringMatching(/remove it under Devices; what was found stays/),
    ],
  });
  const forked = rebuildWords({ ...report, logs: [{ ...whole, label: undefined, forked: true }] });
  expect(forked.good).toBe(false);
  expect(forked.sentences).toEqual([
    'A removed device (abababab) has two different histories: nothing was taken over. A notice says what you can do.',
  ]);
  const offline = rebuildWords({
    ...report,
    problems: [{ what: 'your other devices', reason: 'offline' }],
    problemCount: 1,
  });
  expect(offline).toMatchObject({ good: false, details: ['your other devices: offline'] });
});
