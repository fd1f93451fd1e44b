/** The tabs of a profile: calls to the leader, its snapshots, and what happens when it vanishes. */
import { describe, expect, test } from 'vitest';
import type { Channel, ChannelMessage } from '../../../src/adapters/broadcast-channel/protocol.ts';
import {
  RemoteClient,
  RESEND_MS,
  TAKE_MS_MAX,
} from '../../../src/adapters/broadcast-channel/remote-client.ts';
import { serveClient } from '../../../src/adapters/broadcast-channel/serve-client.ts';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { ClientError, type Client, type NodeUpdate } from '../../../src/core/node/client.ts';
import type { Draft, MessageView } from '../../../src/core/mail/views.ts';
import { message, person, snapshot } from '../app/views.ts';

/** Like a BroadcastChannel: everybody but the sender hears a structured clone, soon. */
class Ether {
  readonly #ends = new Set<{ hear: (message: ChannelMessage) => void }>();

  open(): Channel {
    const listeners = new Set<(message: ChannelMessage) => void>();
    const end = { hear: (said: ChannelMessage) => listeners.forEach((listener) => listener(said)) };
    this.#ends.add(end);
    return {
      post: (said) => {
        const clone = structuredClone(said);
        for (const other of this.#ends) if (other !== end) queueMicrotask(() => other.hear(clone));
      },
      listen: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  }
}

/** A leader's own client: each command is answered by what the test says. */
class Commands {
  readonly calls: string[] = [];
  readonly #listeners = new Set<(update: NodeUpdate) => void>();
  answers: Partial<Record<keyof Client, (...args: never[]) => Promise<unknown>>> = {};
  messages: readonly MessageView[] = [];

  readonly client = new Proxy({} as Client, {
    get: (_, name: keyof Client) =>
      name === 'subscribe'
        ? this.#subscribe
        : (...args: never[]) => {
            this.calls.push(name);
            return this.answers[name]?.(...args) ?? Promise.resolve(undefined);
          },
  });

  /** These came or changed. */
  show(...changed: readonly MessageView[]): void {
    this.messages = [...this.messages, ...changed];
    for (const listener of this.#listeners)
      listener({ state: snapshot(), messages: { all: false, changed, removed: [] } });
  }

  readonly #subscribe = (listener: (update: NodeUpdate) => void): (() => void) => {
    this.#listeners.add(listener);
    listener({ state: snapshot(), messages: { all: true, changed: this.messages, removed: [] } });
    return () => this.#listeners.delete(listener);
  };
}

const never = (): Promise<never> => new Promise(() => undefined);
const draft = {
  to: ['bob'],
  cc: [],
  subject: 'S',
  text: 'T',
  html: undefined,
  files: [],
  forwarded: [],
  inReplyTo: undefined,
};

function profile() {
  const ether = new Ether();
  const clock = new VirtualClock();
  const commands = new Commands();
  const settle = (ms = 0): Promise<void> => clock.advanceAsync(ms);
  const follow = (tab = 'tab'): RemoteClient => new RemoteClient(ether.open(), clock, tab);
  const lead = (leader: string, by = commands): (() => void) => serveClient(by.client, ether.open(), leader);
  return { ether, clock, commands, settle, follow, lead };
}

describe('calls', () => {
  test('reach the leader and bring back its answer, its progress and its errors', async () => {
    const { commands, settle, follow, lead } = profile();
    lead('one');
    const remote = follow();
    const file = new Blob(['bytes']);
    commands.answers = {
      findPerson: async (text: string) => person(text),
      attachment: async (_id: string, _index: number, progress: (done: number) => void) => {
        progress(3);
        return file;
      },
      change: () => Promise.reject(new ClientError('not-found', 'It is gone.')),
    };
    const seen: number[] = [];
    const answers = Promise.all([
      remote.findPerson('bob'),
      remote.attachment('m', 0, (done) => seen.push(done)).then((blob) => blob.text()),
      remote.change({ kind: 'move', messages: ['m'], folder: 'trash' }).catch((error: unknown) => error),
    ]);
    await settle(10);
    expect(await answers).toEqual([person('bob'), 'bytes', new ClientError('not-found', 'It is gone.')]);
    expect(seen).toEqual([3]);
  });

  test('sent again while the leader works are done once', async () => {
    const { ether, commands, settle, lead } = profile();
    lead('one');
    commands.answers = { send: never };
    const tab = ether.open();
    const call = { kind: 'call', tab: 't', id: 0, method: 'send', args: [draft] } as const;
    tab.post(call);
    tab.post(call);
    await settle();
    expect(commands.calls).toEqual(['send']);
  });

  test('of a method that is none are refused', async () => {
    const { ether, commands, settle, lead } = profile();
    lead('one');
    const tab = ether.open();
    const heard: ChannelMessage[] = [];
    tab.listen((said) => heard.push(said));
    tab.post({ kind: 'call', tab: 't', id: 0, method: 'constructor' as 'send', args: [] });
    await settle();
    expect(heard.at(-1)).toMatchObject({ kind: 'error', code: 'failed' });
    expect(commands.calls).toEqual([]);
  });

  test('of another tab stay unanswered here', async () => {
    const { commands, settle, follow, lead } = profile();
    lead('one');
    const [a, b] = [follow('a'), follow('b')];
    commands.answers = { findPerson: async (text: string) => person(text) };
    const both = Promise.all([a.findPerson('bob'), b.findPerson('carol')]);
    await settle(5);
    expect(await both).toEqual([person('bob'), person('carol')]);
  });
});

describe('updates', () => {
  test('a tab that comes later gets all there is, then what changes; so does who listens later in that tab', async () => {
    const { commands, settle, follow, lead } = profile();
    commands.messages = [message('1')];
    lead('one');
    const remote = follow();
    const seen: string[][] = [];
    const hear = ({ messages: { all, changed } }: NodeUpdate): void =>
      void seen.push([all ? 'all' : 'changed', ...changed.map(({ id }) => id)]);
    remote.subscribe(hear);
    await settle();
    commands.show(message('2'));
    await settle();
    expect(seen).toEqual([
      ['all', '1'],
      ['changed', '2'],
    ]);
    remote.subscribe(hear);
    expect(seen.at(-1)).toEqual(['all', '1', '2']);
  });

  test('a tab that hears of changes before it was told all waits for all', async () => {
    const { commands, settle, follow, lead } = profile();
    lead('one');
    const first = follow('a');
    await settle();
    const seen: boolean[] = [];
    const late = follow('b');
    late.subscribe(({ messages }) => seen.push(messages.all));
    commands.show(message('1'));
    await settle();
    expect(seen[0]).toBe(true);
    first.subscribe(({ messages }) => expect(messages.changed.map(({ id }) => id)).toEqual(['1']));
  });

  test('the next leader tells all again', async () => {
    const { commands, settle, follow, lead } = profile();
    const end = lead('one');
    const remote = follow();
    await settle();
    const seen: string[][] = [];
    remote.subscribe(({ messages }) => seen.push(messages.changed.map(({ id }) => id)));
    end();
    commands.messages = [message('3')];
    lead('two');
    await settle();
    expect(seen.at(-1)).toEqual(['3']);
  });
});

describe('when the leader vanishes', () => {
  test('a call that nobody has taken waits for the next leader', async () => {
    const { commands, settle, follow, lead } = profile();
    const remote = follow();
    commands.answers = { send: async () => 'id' };
    const sent = remote.send(draft);
    await settle(3 * RESEND_MS);
    lead('one');
    await settle(RESEND_MS);
    expect(await sent).toBe('id');
    expect(commands.calls).toEqual(['send']);
  });

  test('a call that may be repeated goes to the next one', async () => {
    const { settle, follow, lead } = profile();
    const [dying, next] = [new Commands(), new Commands()];
    const end = lead('one', dying);
    const remote = follow();
    dying.answers = { body: never };
    next.answers = { body: async () => ({ text: 'here', html: undefined }) };
    const body = remote.body('m');
    await settle();
    end();
    lead('two', next);
    await settle();
    expect(await body).toEqual({ text: 'here', html: undefined });
  });

  test('a message that was being sent goes to the next leader with the same key: it is one message', async () => {
    const { settle, follow, lead } = profile();
    const [dying, next] = [new Commands(), new Commands()];
    const end = lead('one', dying);
    const remote = follow();
    const keys: (string | undefined)[] = [];
    dying.answers = { send: ({ sendKey }: Draft) => (keys.push(sendKey), never()) };
    next.answers = { send: async ({ sendKey }: Draft) => (keys.push(sendKey), 'id') };
    const sent = remote.send(draft);
    await settle();
    end();
    lead('two', next);
    await settle();
    expect(await sent).toBe('id');
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys).toEqual([keys[0], keys[0]]);
  });

  test('the tab that takes over does its own waiting calls itself', async () => {
    const { commands, settle, follow } = profile();
    const remote = follow();
    commands.answers = { findPerson: async (text: string) => person(text) };
    const found = remote.findPerson('bob');
    await settle();
    remote.handOver(commands.client);
    expect(await found).toEqual(person('bob'));
  });

  test('and none comes: the call ends with a sentence', async () => {
    const { settle, follow } = profile();
    const sent = follow()
      .send(draft)
      .catch((error: unknown) => error);
    await settle(TAKE_MS_MAX + 2 * RESEND_MS);
    expect(await sent).toMatchObject({ code: 'stopped' });
  });
});
