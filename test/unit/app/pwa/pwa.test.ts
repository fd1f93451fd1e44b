import { describe, expect, test } from 'vitest';
import '../../../support/english.ts';
import { isNotifyAsk, isOpenMessage } from '../../../../src/adapters/notifications/protocol.ts';
import { Arrivals } from '../../../../src/app/pwa/arrivals.ts';
import { isTimeToOffer } from '../../../../src/app/pwa/install-moment.ts';
import { notificationTexts } from '../../../../src/app/pwa/notification-text.ts';
import { isWriting } from '../../../../src/app/pwa/writing.ts';
import type { MessageView } from '../../../../src/core/mail/views.ts';
import { message } from '../views.ts';

const now = message('any').at + 1_000;
const DAY_MS = 24 * 60 * 60 * 1000;

describe('arrivals', () => {
  const changed = (...messages: MessageView[]) => ({ all: false, changed: messages, removed: [] });
  const idsOf = (messages: readonly MessageView[]) => messages.map(({ id }) => id);

  test('what is there at the beginning is no news; what comes is, once', () => {
    const arrivals = new Arrivals();
    expect(arrivals.take({ all: true, changed: [message('a')], removed: [] }, now)).toEqual([]);
    expect(idsOf(arrivals.take(changed(message('a', { starred: true }), message('b')), now))).toEqual(['b']);
    expect(arrivals.take(changed(message('b', { unread: true })), now)).toEqual([]);
  });

  test.each([
    ['read already', { unread: false }],
    ['put aside by a rule', { folder: 'archive' as const }],
    ['of somebody new', { folder: 'requests' as const }],
    ['a day old', { at: now - DAY_MS }],
  ])('%s: no news', (_, changes) => {
    expect(new Arrivals().take(changed(message('a', changes)), now)).toEqual([]);
  });
});

describe('texts of notifications', () => {
  test('with content: who and what about, one by one', () => {
    expect(notificationTexts([message('a'), message('b', { subject: '' })], true)).toEqual([
      { title: 'Bob', body: 'Subject a', messageId: 'a' },
      { title: 'Bob', body: '(no subject)', messageId: 'b' },
    ]);
  });

  test('without content neither sender nor subject is in it', () => {
    const texts = notificationTexts([message('a')], false);
    expect(texts).toEqual([{ title: 'New mail', body: '', messageId: 'a' }]);
  });

  test('many at once are a number, and lead to the newest', () => {
    const messages = ['a', 'b', 'c', 'd'].map((id) => message(id));
    expect(notificationTexts(messages, true)).toEqual([
      { title: '4 new messages', body: '', messageId: 'd' },
    ]);
    expect(notificationTexts([], true)).toEqual([]);
  });
});

describe('what page and worker tell each other', () => {
  const ask = { type: 'NOTIFY', title: 'Bob', body: '', lang: 'en', messageId: '2f' };
  test('is recognised, and nothing else', () => {
    expect(isNotifyAsk(ask)).toBe(true);
    expect(isOpenMessage({ type: 'OPEN_MESSAGE', messageId: '2f' })).toBe(true);
    for (const other of [null, undefined, 'NOTIFY', {}, { ...ask, title: 1 }, { ...ask, type: 'OTHER' }]) {
      expect(isNotifyAsk(other)).toBe(false);
      expect(isOpenMessage(other)).toBe(false);
    }
  });
});

describe('installing is offered', () => {
  test.each([
    [{ visits: 2, hasSent: false, offeredAt: undefined }, false],
    [{ visits: 3, hasSent: false, offeredAt: undefined }, true],
    [{ visits: 1, hasSent: true, offeredAt: undefined }, true],
    [{ visits: 9, hasSent: true, offeredAt: now - 29 * DAY_MS }, false],
    [{ visits: 9, hasSent: true, offeredAt: now - 30 * DAY_MS }, true],
  ])('%o: %s', (facts, offered) => {
    expect(isTimeToOffer(facts, now)).toBe(offered);
  });
});

describe('nothing interrupts', () => {
  const letter = { minimised: false, sending: false, undoable: false, files: [], waiting: undefined };
  const later = { sendAt: now, sendKey: '00' };
  const file = new File(['x'], 'x.txt');
  test.each([
    ['no letter', [], false],
    ['a letter being written', [letter], true],
    ['a letter put aside', [{ ...letter, minimised: true }], false],
    [
      'a letter put aside whose files only this tab has',
      [{ ...letter, minimised: true, files: [file] }],
      true,
    ],
    ['a letter that is kept for later', [{ ...letter, waiting: later }], false],
    ['a letter that can be taken back', [{ ...letter, waiting: later, undoable: true }], true],
    ['a letter that is being sent', [{ ...letter, minimised: true, sending: true }], true],
  ])('%s', (_, letters, writing) => {
    expect(isWriting(letters)).toBe(writing);
  });
});
