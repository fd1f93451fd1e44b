/** The leader's side: answers the other tabs' calls with its own client, and tells them what changes. */
import { sentence } from '../../core/node/sentences.ts';
import type { Client } from '../../core/node/client.ts';
import { callClient, failureOf } from './call-client.ts';
import type { Channel, TabMessage } from './protocol.ts';

/** Calls of other tabs under way at once; more are refused. */
export const CALLS_MAX = 256;
/** Finished calls remembered, so that one sent again is not done again. */
const FINISHED_MAX = 1024;

/** `leader` is this tab's name, new for each turn. Serves until the returned function is called. */
export function serveClient(client: Client, channel: Channel, leader: string): () => void {
  const running = new Set<string>();
  const finished = new Set<string>();
  let ended = false;

  const post: Channel['post'] = (message) => {
    if (!ended) channel.post(message);
  };

  let unfollow = (): void => undefined;
  /** From the beginning: there is a follower that knows nothing yet. */
  const follow = (): void => {
    unfollow();
    unfollow = client.subscribe((update) => post({ kind: 'update', leader, update }));
  };

  const perform = async (call: Extract<TabMessage, { kind: 'call' }>): Promise<void> => {
    const { tab, id, method, args } = call;
    const name = `${tab}/${id}`;
    if (finished.has(name)) return;
    if (!running.has(name) && running.size >= CALLS_MAX)
      return post({
        kind: 'error',
        tab,
        id,
        code: 'failed',
        message: sentence('client/too-much'),
      });
    post({ kind: 'taken', tab, id });
    if (running.has(name)) return;
    running.add(name);
    try {
      const value = await callClient(client, method, args, (done, total = 0) =>
        post({ kind: 'progress', tab, id, done, total }),
      );
      post({ kind: 'result', tab, id, value });
    } catch (error) {
      post({ kind: 'error', tab, id, ...failureOf(error) });
    }
    running.delete(name);
    remember(finished, name);
  };

  const stopListening = channel.listen((message) => {
    if (message.kind === 'hello') {
      post({ kind: 'leader', leader });
      follow();
    } else if (message.kind === 'call') void perform(message);
  });
  post({ kind: 'leader', leader });

  return () => {
    ended = true;
    stopListening();
    unfollow();
  };
}

/** Keeps the newest FINISHED_MAX names. */
function remember(names: Set<string>, name: string): void {
  names.add(name);
  if (names.size > FINISHED_MAX) names.delete(names.values().next().value!);
}
