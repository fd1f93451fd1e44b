/** One call on a Client, by the name of its method: what the leader does for others, and a follower for itself. */
import { ClientError, type Client, type ClientErrorCode } from '../../core/node/client.ts';
import type { MethodName } from './protocol.ts';

const methods: Readonly<Record<MethodName, true>> = {
  snapshot: true,
  findPerson: true,
  people: true,
  send: true,
  body: true,
  attachment: true,
  markRead: true,
  move: true,
  remove: true,
  retry: true,
  dismiss: true,
  allowReadReceipts: true,
  network: true,
  locate: true,
};

/** Rejects with a ClientError; `progress` is told of `attachment`. */
export async function callClient(
  client: Client,
  method: MethodName,
  args: readonly unknown[],
  progress: (doneBytes: number) => void,
): Promise<unknown> {
  if (!Object.hasOwn(methods, method))
    throw new ClientError('failed', `There is no command ${String(method)}.`);
  const given: unknown[] = method === 'attachment' ? [args[0], args[1], progress] : [...args];
  const command = client[method] as (...args: unknown[]) => Promise<unknown>;
  return command.apply(client, given);
}

/** Code and sentence of what a command was rejected with. */
export function failureOf(error: unknown): { readonly code: ClientErrorCode; readonly message: string } {
  if (error instanceof ClientError) return { code: error.code, message: error.message };
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) };
}
