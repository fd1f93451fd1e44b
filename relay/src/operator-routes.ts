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
import { operatorPage } from './operator-page.ts';
import type { OperatorReport } from './operator-report.ts';
import { OPERATOR_STYLE } from './operator-style.ts';

export const OPERATOR_PATH = '/operator/invite';
/** Who stores how much: names are nobody else's business, so they are not among the open metrics. */
export const ACCOUNTS_PATH = '/operator/accounts';
/** The operator's page; who opens it is asked for the token by the browser. */
export const OPERATOR_PAGE_PATH = '/operator';
/** What it says, for programs. */
export const REPORT_PATH = '/operator/report';
/** Name under which a browser gives the token (RFC 7617). */
export const OPERATOR_NAME = 'operator';
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
  readonly report: () => Promise<OperatorReport>;
}

/** Answers GET `/operator` with the page. Only reading is allowed by a password that browsers send by themselves. */
export async function servePage(
  { token, counters, report }: OperatorRoutesPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('cache-control', 'no-store');
  if (!isGiven(request, `Basic ${btoa(`${OPERATOR_NAME}:${token}`)}`)) {
    // A browser asks without it first: that is no refusal worth counting.
    if (request.headers.authorization !== undefined) counters.refused('operator', NOT_ALLOWED);
    response.setHeader('www-authenticate', 'Basic realm="ePOST relay", charset="UTF-8"');
    response.writeHead(401, { 'content-type': TEXT });
    response.end(`${NOT_ALLOWED.reason} Run npm start -- operator for name and password.\n`);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(operatorPage(await report()));
}

/** Answers GET of the page's style, which is no secret. */
export function serveStyle(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/css; charset=utf-8' }).end(OPERATOR_STYLE);
}

/** Answers POST `/operator/report` with an OperatorReport. */
export async function serveReport(
  { token, counters, report }: OperatorRoutesPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (isOperator(request, token)) answerJson(response, 200, await report());
  else refuseNotAllowed(counters, response);
}

/** Answers POST `/operator/accounts` with `{ accounts: [AccountStatement] }`, who stores most first. */
export function serveAccounts(
  { token, counters, accounts }: OperatorRoutesPorts,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (isOperator(request, token)) answerJson(response, 200, { accounts: accounts() });
  else refuseNotAllowed(counters, response);
}

/** Answers POST `/operator/invite` with `{ link }`. */
export async function serveOperator(
  { token, counters, invite }: OperatorRoutesPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const terms = isOperator(request, token) ? await readTerms(request) : NOT_ALLOWED;
  if (terms === NOT_ALLOWED) return refuseNotAllowed(counters, response);
  if (!terms.ok) {
    counters.refused('operator', terms);
    response.setHeader('connection', 'close');
    return answerJson(response, 400, { error: terms.reason });
  }
  answerJson(response, 200, { link: await invite(terms.value) });
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

function refuseNotAllowed(counters: Counters, response: ServerResponse): void {
  counters.refused('operator', NOT_ALLOWED);
  response.setHeader('connection', 'close');
  answerJson(response, 403, { error: NOT_ALLOWED.reason });
}

const TEXT = 'text/plain; charset=utf-8';
const NOT_ALLOWED: Refusal = refuse('not-allowed', 'Only the operator may do this.');

function isOperator(request: IncomingMessage, token: string): boolean {
  return request.method === 'POST' && isGiven(request, `Bearer ${token}`);
}

function isGiven({ headers }: IncomingMessage, authorization: string): boolean {
  const [given, wanted] = [utf8(headers.authorization ?? ''), utf8(authorization)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
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
