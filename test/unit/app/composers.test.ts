/** Letters that wait: taken back, sent at their time, brought back by the next tab, and never twice. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import '../../support/english.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { localTime, tomorrowMorning } from '../../../src/app/composer/local-time.ts';
import { t } from '../../../src/app/i18n/translate.svelte.ts';
import { speaksOfFiles } from '../../../src/app/letter/forgotten.ts';
import { sealedDraftStore } from '../../../src/app/session/draft-store.ts';
import { Composers } from '../../../src/app/state/composers.svelte.ts';
import { Toasts } from '../../../src/app/state/toasts.svelte.ts';
import type { Draft } from '../../../src/core/mail/views.ts';
import { ClientError, type Client } from '../../../src/core/node/client.ts';

beforeEach(
  () => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['setTimeout', 'clearTimeout', 'Date'] }),
);
afterEach(() => void vi.useRealTimers());

/** A browser profile whose tabs come and go. */
async function profile() {
  const vault = memoryVault();
  await vault.begin();
  const disk = new MemoryKeyValueStore();
  const sent: Draft[] = [];
  const node = { failure: undefined as Error | undefined };
  const client = {
    async send(draft: Draft) {
      if (node.failure) throw node.failure;
      sent.push(draft);
      return `message ${sent.length}`;
    },
  } as unknown as Client;
  const held = new Map<string, object>();
  const tab = (undoTime = '10', signature = '') => {
    const self = {};
    const hold = async (name: string): Promise<boolean> => {
      if (held.has(name)) return false;
      held.set(name, self);
      return true;
    };
    const toasts = new Toasts();
    const shown: string[] = [];
    const composers = new Composers({
      client,
      drafts: sealedDraftStore(disk, vault, hold),
      toasts,
      preferences: { undoTime, signature },
      sent: (id) => void shown.push(id),
    });
    /** Its locks go free; no code of it runs any more. */
    const die = (): void => {
      vi.clearAllTimers();
      for (const [name, owner] of held) if (owner === self) held.delete(name);
    };
    const write = () => {
      const composer = composers.open({ to: 'bob', subject: 'Lunch' });
      composer.body = { text: 'At noon?', html: undefined };
      return composer;
    };
    return { composers, toasts, shown, die, write };
  };
  /** Resolves when the disk has this many drafts: sealing them takes no time of these clocks. */
  const kept = async (count: number): Promise<void> => {
    const all = { gte: new Uint8Array(), lt: new Uint8Array([0xff]) };
    while ((await disk.keys(all)).length !== count) await new Promise(setImmediate);
  };
  return { tab, sent, node, kept };
}

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('undo', () => {
  test('without time for it a letter is sent at once', async () => {
    const { tab, sent } = await profile();
    const { composers, write, shown } = tab('0');
    await composers.send(write());
    expect([sent.length, shown, composers.list]).toEqual([1, ['message 1'], []]);
  });

  test('a letter is taken back as it was, and sent when it is sent again', async () => {
    const { tab, sent } = await profile();
    const { composers, toasts, write } = tab();
    const letter = write();
    await composers.send(letter);
    await settle(9_900);
    expect(letter.waiting).toBeDefined();
    toasts.act(toasts.list[0]!);
    await settle(60_000);
    expect([sent.length, letter.waiting, letter.minimised, letter.body.text]).toEqual([
      0,
      undefined,
      false,
      'At noon?',
    ]);
    await composers.send(letter);
    await settle(10_000);
    expect(sent.map(({ subject, text }) => [subject, text])).toEqual([['Lunch', 'At noon?']]);
    expect(composers.list).toEqual([]);
  });

  test('comes too late when the letter is sent', async () => {
    const { tab, sent } = await profile();
    const { composers, toasts, write } = tab();
    const letter = write();
    await composers.send(letter, { sendAt: Date.now() + 1_000 });
    await settle(1_000);
    toasts.act(toasts.list[0]!);
    expect([sent.length, composers.list]).toEqual([1, []]);
  });

  test('the page goes away: it is sent at once', async () => {
    const { tab, sent } = await profile();
    const { composers, toasts, write } = tab();
    await composers.send(write());
    toasts.flush();
    await settle();
    expect(sent).toHaveLength(1);
    await settle(60_000);
    expect(sent).toHaveLength(1);
  });

  test('the tab is killed meanwhile: the next one sends it, under the same key', async () => {
    const { tab, sent, kept } = await profile();
    const first = tab();
    const letter = first.write();
    await first.composers.send(letter);
    await kept(1);
    const { sendKey } = letter.waiting!;
    first.die();
    const second = tab();
    await settle(10_000);
    await second.composers.restore();
    await settle();
    expect(sent.map((draft) => draft.sendKey)).toEqual([sendKey]);
    expect(sendKey).toMatch(/^[0-9a-f]{32}$/);
    await tab().composers.restore();
    await settle(60_000);
    expect(sent).toHaveLength(1);
  });

  test('what cannot be sent comes back, with the reason', async () => {
    const { tab, sent, node } = await profile();
    const { composers, toasts, write } = tab();
    const letter = write();
    await composers.send(letter);
    node.failure = new ClientError('no-such-recipient', 'bob is nobody here.');
    await settle(10_000);
    expect(letter.problems.to).toBe('bob is nobody here.');
    expect([letter.waiting, letter.sending, letter.minimised]).toEqual([undefined, false, false]);
    expect(toasts.list.map(({ kind }) => kind)).toEqual(['error']);
    node.failure = undefined;
    await composers.send(letter);
    await settle(10_000);
    expect(sent).toHaveLength(1);
  });

  test('a letter to nobody does not wait', async () => {
    const { tab } = await profile();
    const { composers, toasts } = tab();
    const letter = composers.open({ subject: 'To nobody' });
    await composers.send(letter);
    expect([letter.waiting, toasts.list]).toEqual([undefined, []]);
    expect(letter.problems.to).toMatch(/to whom/);
  });
});

test('what was closed does not come back from the disk', async () => {
  const { tab, kept } = await profile();
  const { composers, write } = tab();
  const letter = write();
  composers.changed(letter);
  await settle(1_000);
  await kept(1);
  composers.discard(letter);
  await composers.restore();
  expect(composers.list).toEqual([]);
});

describe('a letter that speaks of a file and has none', () => {
  test('is sent when the person says so, or attaches one', async () => {
    const { tab, sent } = await profile();
    const { composers, write } = tab('0');
    const letter = write();
    letter.body = { text: 'See the attached plan.', html: undefined };
    await composers.send(letter);
    expect([letter.asking, sent.length]).toEqual([{}, 0]);
    await composers.send(letter, { withoutFiles: true });
    expect(sent).toHaveLength(1);

    const other = write();
    other.body = { text: 'Der Plan ist anbei.', html: undefined };
    await composers.send(other);
    other.attach([new File(['plan'], 'plan.txt')]);
    expect(other.asking).toBeUndefined();
    await composers.send(other);
    expect(sent[1]!.files).toHaveLength(1);
  });

  test('waits for its time all the same', async () => {
    const { tab, sent } = await profile();
    const { composers, write } = tab();
    const letter = write();
    letter.body = { text: 'Ci-joint le plan.', html: undefined };
    const sendAt = Date.now() + 60_000;
    await composers.send(letter, { sendAt });
    expect([letter.asking, letter.waiting]).toEqual([{ sendAt }, undefined]);
    await composers.send(letter, { ...letter.asking, withoutFiles: true });
    expect([letter.asking, letter.waiting?.sendAt]).toEqual([undefined, sendAt]);
    await settle(60_000);
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['I have attached it', true],
    ['Zwei Anhänge, wie besprochen', true],
    ['Im Anhang.', true],
    ['die angehängten Bilder', true],
    ['Vous trouverez ci-joint le plan.', true],
    ['le plan en pièce jointe'.normalize('NFD'), true],
    ['the attaché of the minister', false],
    ['Anhängerkupplung', false],
    ['Yes.\n\nBob wrote:\n> I have attached it', false],
    ['Yes.\n---- Forwarded message\nSubject: attached', false],
  ])('%j: %s', (text, does) => {
    expect(speaksOfFiles(text)).toBe(does);
  });
});

test('a signature alone is no letter, and stands once above what is answered', async () => {
  const { tab } = await profile();
  const { composers } = tab('0', 'Ada\nLondon');
  expect(composers.open().empty).toBe(true);
  const { body } = composers.open({
    to: 'bob',
    quote: { text: 'Bob wrote:\n> -- \n> Bob', html: undefined },
  });
  expect(body.text).toBe('\n\n-- \nAda\nLondon\n\nBob wrote:\n> -- \n> Bob');
});

describe('later', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;

  test('a letter goes out at its time, and not before, however long that is', async () => {
    const { tab, sent } = await profile();
    const { composers, toasts, write } = tab();
    const letter = write();
    await composers.send(letter, { sendAt: Date.now() + 40 * DAY_MS });
    expect(toasts.list.map(({ text }) => text)).toEqual([expect.stringMatching(/^Will be sent: /)]);
    await settle(40 * DAY_MS - 1);
    expect([sent.length, letter.waiting?.sendAt]).toEqual([0, Date.now() + 1]);
    await settle(1);
    expect([sent.length, composers.list]).toEqual([1, []]);
  });

  test('the next tab sends it at its time; who takes it back writes on', async () => {
    const { tab, sent, kept } = await profile();
    const first = tab();
    await first.composers.send(first.write(), { sendAt: Date.now() + DAY_MS });
    await first.composers.send(first.write(), { sendAt: Date.now() + DAY_MS });
    await kept(2);
    first.die();
    const { composers } = tab();
    await composers.restore();
    expect(composers.list.map(({ waiting }) => waiting?.sendAt)).toEqual(Array(2).fill(Date.now() + DAY_MS));
    composers.takeBack(composers.list[0]!);
    await settle(DAY_MS);
    expect(sent).toHaveLength(1);
    expect(composers.list.map(({ waiting, minimised }) => [waiting, minimised])).toEqual([
      [undefined, false],
    ]);
  });

  test('with files it does not wait: they are not kept', async () => {
    const { tab } = await profile();
    const { composers, write } = tab();
    const letter = write();
    letter.attach([new File(['plan'], 'plan.txt')]);
    await composers.send(letter, { sendAt: Date.now() + DAY_MS });
    expect([letter.waiting, letter.problems.files]).toEqual([undefined, t.composer.filesCannotWait]);
  });
});

test('a letter whose files were lost with its tab is not sent without them', async () => {
  const { tab, sent, kept } = await profile();
  const first = tab();
  const letter = first.write();
  letter.attach([new File(['plan'], 'plan.txt')]);
  await first.composers.send(letter);
  await kept(1);
  first.die();
  const { composers, toasts } = tab();
  await settle(60_000);
  await composers.restore();
  await settle(60_000);
  expect(sent).toEqual([]);
  expect(composers.list.map(({ waiting, lostFiles }) => [waiting, lostFiles])).toEqual([
    [undefined, ['plan.txt']],
  ]);
  expect(toasts.list.map(({ kind }) => kind)).toEqual(['error']);
});

test('times of the field are those of this machine', () => {
  const at = new Date(2026, 10, 29, 23, 5, 59).getTime();
  expect(localTime(at)).toBe('2026-11-29T23:05');
  expect(new Date(localTime(at)).getTime()).toBe(at - 59_000);
  expect(localTime(tomorrowMorning(at))).toBe('2026-11-30T08:00');
});
