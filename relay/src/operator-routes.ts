/**
 * What the operator's command line asks of a running relay: the database has one owner, so `invite` goes through it. Allowed
 * to whoever can read the token in the data folder, which is new at each start.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { fromUtf8, toHex, utf8 } from '../../src/core/codec/bytes.ts';
import type { Counters } from '../../src/core/codec/counters.ts';
import { refuse, type Refusal, type Result } from '../../src/core/codec/result.ts';
import { validate, whole } from '../../src/core/codec/schema.ts';
import type { Random } from '../../src/core/crypto/random.ts';
import { INVITATION_USES_MAX } from '../../src/core/identity/invitation.ts';
import type { AccountStatement } from '../../src/core/storage/accounts.ts';
import { readBody } from './http-body.ts';

export const OPERATOR_PATH = '/operator/invite';
/** Who stores how much: names are nobody else's business, so they are not among the open metrics. */
export const ACCOUNTS_PATH = '/operator/accounts';
/** Days an invitation may be valid: ten years. */
export const INVITATION_DAYS_MAX = 3650;
const REQUEST_BYTES_MAX = 1024;

export const inviteTerms = v.strictObject({
  uses: v.pipe(whole(INVITATION_USES_MAX), v.minValue(1)),
  days: v.pipe(whole(INVITATION_DAYS_MAX), v.minValue(1)),
});
/** How many people may join, and for how many days from now. */
export type InviteTerms = v.InferOutput<typeof inviteTerms>;

/** A fresh secret: 64 hexadecimal digits. */
export function operatorToken(random: Random): string {
  return toHex(random.bytes(32));
}

export interface OperatorRoutesPorts {
  readonly token: string;
  readonly counters: Counters;
  /** Makes an invitation and returns its link. */
  readonly invite: (terms: InviteTerms) => Promise<string>;
  readonly accounts: () => readonly AccountStatement[];
}

/** Answers POST `/operator/accounts` with `{ accounts: [{ name, blocks, bytes }] }`, who stores most first. */
export function serveAccounts(
  { token, counters, accounts }: OperatorRoutesPorts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.setHeader('content-type', 'application/json');
  response.setHeader('cache-control', 'no-store');
  if (!isOperator(request, token)) {
    counters.refused('operator', NOT_ALLOWED);
    response.writeHead(403, { connection: 'close' }).end(JSON.stringify({ error: NOT_ALLOWED.reason }));
    return;
  }
  response.writeHead(200).end(JSON.stringify({ accounts: accounts() }));
}

/** Answers POST `/operator/invite` with `{ link }`. */
export async function serveOperator(
  { token, counters, invite }: OperatorRoutesPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const terms = isOperator(request, token) ? await readTerms(request) : NOT_ALLOWED;
  response.setHeader('content-type', 'application/json');
  response.setHeader('cache-control', 'no-store');
  if (!terms.ok) {
    counters.refused('operator', terms);
    response.writeHead(terms === NOT_ALLOWED ? 403 : 400, { connection: 'close' });
    response.end(JSON.stringify({ error: terms.reason }));
    return;
  }
  response.writeHead(200).end(JSON.stringify({ link: await invite(terms.value) }));
}

const NOT_ALLOWED: Refusal = refuse('not-allowed', 'Only the operator may do this.');

function isOperator(request: IncomingMessage, token: string): boolean {
  const given = utf8(request.headers.authorization ?? '');
  const wanted = utf8(`Bearer ${token}`);
  return request.method === 'POST' && given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readTerms(request: IncomingMessage): Promise<Result<InviteTerms>> {
  const bytes = await readBody(request, REQUEST_BYTES_MAX);
  if (!bytes.ok) return bytes;
  try {
    return validate('invitation', inviteTerms, JSON.parse(fromUtf8(bytes.value)));
  } catch {
    return refuse('malformed', 'The request is not JSON.');
  }
}
