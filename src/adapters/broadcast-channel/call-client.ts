/** One call on a Client, by the name of its method: what the leader does for others, and a follower for itself. */
import { ClientError, type Client, type ClientErrorCode, type Progress } from '../../core/node/client.ts';
import type { MethodName } from './protocol.ts';

const methods: Readonly<Record<MethodName, true>> = {
  snapshot: true,
  findPerson: true,
  people: true,
  send: true,
  importMail: true,
  source: true,
  body: true,
  attachmentPart: true,
  attachment: true,
  change: true,
  evidence: true,
  retry: true,
  dismiss: true,
  network: true,
  locate: true,
  devices: true,
  renameDevice: true,
  removeDevice: true,
  backUp: true,
  restoreBackup: true,
  checkMailbox: true,
  checkDevice: true,
  rebuildMailbox: true,
  endBackup: true,
};

/** How many arguments stand before the one that is told of progress. */
const argumentsBeforeProgress: Partial<Readonly<Record<MethodName, number>>> = {
  send: 1,
  attachment: 2,
  backUp: 1,
  restoreBackup: 1,
  checkMailbox: 0,
  checkDevice: 0,
  rebuildMailbox: 0,
};

/** Rejects with a ClientError. */
export async function callClient(
  client: Client,
  method: MethodName,
  args: readonly unknown[],
  progress: Progress,
): Promise<unknown> {
  if (!Object.hasOwn(methods, method))
    throw new ClientError('failed', `There is no command ${String(method)}.`);
  const before = argumentsBeforeProgress[method];
  const given: unknown[] = before === undefined ? [...args] : [...firstOf(args, before), progress];
  const command = client[method] as (...args: unknown[]) => Promise<unknown>;
  return command.apply(client, given);
}

function firstOf(args: readonly unknown[], count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => args[i]);
}

/** Code and sentence of what a command was rejected with. */
export function failureOf(error: unknown): { readonly code: ClientErrorCode; readonly message: string } {
  if (error instanceof ClientError) return { code: error.code, message: error.message };
  return { code: 'failed', message: error instanceof Error ? error.message : String(error) };
}
