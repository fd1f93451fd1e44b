/** Tab and worker together, joined by their messages: a mailbox is told, texts come one by one, words are found. */
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../../src/adapters/memory/random.ts';
import { SearchEngine } from '../../../../src/app/search/engine.ts';
import { Feeder, type FedClient, type Progress } from '../../../../src/app/search/feeder.ts';
import { IndexHost, SAVE_MS } from '../../../../src/app/search/index-host.ts';
import type { FromWorker } from '../../../../src/app/search/protocol.ts';
import { parseQuery } from '../../../../src/app/search/query.ts';
import { sealKey } from '../../../../src/core/crypto/seal.ts';
import { ClientError, type NodeUpdate } from '../../../../src/core/node/client.ts';
import type { MessageView } from '../../../../src/core/mail/views.ts';
import { message, snapshot } from '../views.ts';

/** The node, as far as it is asked: texts by message; those that are not there are out of reach. */
class Node implements FedClient {
  readonly texts = new Map<string, string>();
  readonly asked: string[] = [];
  #tell: (update: NodeUpdate) => void = () => undefined;

  subscribe(listener: (update: NodeUpdate) => void): () => void {
    this.#tell = listener;
    return () => (this.#tell = () => undefined);
  }

  async body(id: string) {
    this.asked.push(id);
    const text = this.texts.get(id);
    if (text === undefined) throw new ClientError('unreachable', 'not now');
    return { text, html: undefined };
  }

  tell(changed: readonly MessageView[], more: Partial<NodeUpdate['messages']> = {}, online = true): void {
    const state = snapshot();
    const connection = { ...state.connection, state: online ? ('online' as const) : ('offline' as const) };
    this.#tell({
      state: { ...state, connection },
      messages: { all: false, changed, removed: [], ...more },
    });
  }
}

const key = await sealKey(new Uint8Array(32));

/** A tab over a disk, with the node in it. */
class Tab {
  readonly clock = new VirtualClock();
  readonly node: Node;
  readonly engine: SearchEngine;
  readonly feeder: Feeder;
  readonly notKept: string[] = [];
  progress: Progress = { searched: 0, total: 0 };
  readonly stop: () => void;

  constructor(disk: MemoryKeyValueStore, node = new Node()) {
    this.node = node;
    const listeners: ((event: { readonly data: FromWorker }) => void)[] = [];
    const host = new IndexHost({
      openStore: () => Promise.resolve(disk),
      clock: this.clock,
      random: new SeededRandom(1),
      post: (data) => listeners.forEach((listener) => listener({ data: structuredClone(data) })),
      writing: Promise.resolve(),
    });
    const port = {
      postMessage: (data: Parameters<IndexHost['handle']>[0]) => host.handle(structuredClone(data)),
      addEventListener: (_: 'message', listener: (typeof listeners)[number]) => void listeners.push(listener),
    };
    this.engine = new SearchEngine(port, key, (reason) => this.notKept.push(reason));
    this.feeder = new Feeder(node, this.engine, this.clock, (progress) => (this.progress = progress));
    this.stop = this.feeder.start();
  }

  async find(typed: string): Promise<(string | undefined)[]> {
    const numbers = await this.engine.find(parseQuery(typed).text);
    return Array.from(numbers, (number) => this.feeder.idOf(number)).sort();
  }

  /** Until all that is under way is done, and written. */
  async settle(ms = 2 * SAVE_MS): Promise<void> {
    await this.clock.advanceAsync(ms, async () => void (await this.engine.find([])));
    await this.engine.find([]);
  }
}

const big = { index: 0, name: 'film.mp4', type: 'video/mp4', sizeBytes: 2_000_000 };

describe('the index follows the mailbox', () => {
  test('what the list says is found at once, texts newest first, then all', async () => {
    const tab = new Tab(new MemoryKeyValueStore());
    for (const id of ['old', 'new']) tab.node.texts.set(id, `the whole text of ${id}`);
    tab.node.tell([message('old', { at: 1 }), message('new', { at: 2 })], { all: true });
    expect(await tab.find('"first words"')).toEqual(['new', 'old']);
    expect(await tab.find('whole')).toEqual([]);
    await tab.settle();
    expect(tab.node.asked).toEqual(['new', 'old']);
    expect(await tab.find('whole')).toEqual(['new', 'old']);
    expect(tab.progress).toEqual({ searched: 2, total: 2 });
  });

  test('texts of large messages are not asked for: they come when they are opened', async () => {
    const tab = new Tab(new MemoryKeyValueStore());
    tab.node.tell([message('1', { attachments: [big] })], { all: true });
    await tab.settle();
    expect(tab.node.asked).toEqual([]);
    expect(await tab.find('film')).toEqual(['1']);
    expect(tab.progress).toEqual({ searched: 1, total: 1 });
  });

  test('flags and folders are none of its business; names are', async () => {
    const tab = new Tab(new MemoryKeyValueStore());
    tab.node.texts.set('1', 'text');
    tab.node.tell([message('1')], { all: true });
    await tab.settle();
    tab.node.tell([message('1', { unread: false, folder: 'archive' })]);
    tab.node.tell([message('1', { from: { ...message('1').from, name: 'Robert' } })]);
    await tab.settle();
    expect(tab.node.asked).toEqual(['1']);
    expect(await tab.find('from:robert text')).toEqual(['1']);
  });

  test('removed messages are not found, and neither are those that a whole mailbox does not have', async () => {
    const tab = new Tab(new MemoryKeyValueStore());
    tab.node.tell([message('1'), message('2'), message('3')], { all: true });
    await tab.settle();
    tab.node.tell([], { removed: ['1'] });
    tab.node.tell([message('3')], { all: true });
    expect(await tab.find('subject')).toEqual(['3']);
    expect(tab.progress.total).toBe(1);
  });

  test('texts out of reach are asked for again when the node is online, not all the time', async () => {
    const tab = new Tab(new MemoryKeyValueStore());
    const ids = ['1', '2', '3', '4', '5'];
    tab.node.tell(
      ids.map((id) => message(id)),
      { all: true },
      false,
    );
    await tab.settle();
    expect(tab.node.asked.length).toBe(3);
    expect(tab.progress).toEqual({ searched: 0, total: 5 });
    for (const id of ids) tab.node.texts.set(id, 'here');
    tab.node.tell([]);
    await tab.settle();
    expect(await tab.find('here')).toEqual(ids);
    expect(tab.progress).toEqual({ searched: 5, total: 5 });
  });
});

describe('on the disk of this device', () => {
  test('a start without network has everything, and asks for no text', async () => {
    const disk = new MemoryKeyValueStore();
    const tab = new Tab(disk);
    tab.node.texts.set('1', 'whole text');
    tab.node.tell([message('1')], { all: true });
    await tab.settle();
    tab.stop();
    const next = new Tab(disk);
    next.node.tell([message('1')], { all: true }, false);
    await next.settle();
    expect(next.node.asked).toEqual([]);
    expect(await next.find('whole')).toEqual(['1']);
  });

  test('what was removed while no tab was open is gone from it', async () => {
    const disk = new MemoryKeyValueStore();
    const tab = new Tab(disk);
    tab.node.tell([message('1')], { all: true });
    await tab.settle();
    tab.stop();
    const next = new Tab(disk);
    next.node.tell([], { all: true });
    await next.settle();
    expect(await disk.keys({ gte: new Uint8Array(0), lt: new Uint8Array([0xff]) })).toEqual([]);
  });

  test('a full disk is said, and searching goes on', async () => {
    const tab = new Tab(new MemoryKeyValueStore({ quotaBytes: 10 }));
    tab.node.texts.set('1', 'whole text');
    tab.node.tell([message('1')], { all: true });
    await tab.settle();
    expect(tab.notKept.length).toBe(1);
    expect(await tab.find('whole')).toEqual(['1']);
  });
});
