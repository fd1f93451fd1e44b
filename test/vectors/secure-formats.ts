/** What secure routing sends and signs, computed from fixed values: hexadecimal encodings by name. */
import { toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { signedBytes } from '../../src/core/crypto/sign.ts';
import { forwardRequest } from '../../src/core/overlay/secure/forward.ts';
import { nearestAnswer, nearestRequest, statementBody } from '../../src/core/overlay/secure/statements.ts';

const fill = (length: number, value: number): Bytes => new Uint8Array(length).fill(value);
const key = sha256(utf8('a key'));
const nonce = fill(16, 1);
const node = sha256(utf8('a node'));
const other = sha256(utf8('another node'));
const by = fill(32, 2);
const certificate = {
  body: {
    v: 1 as const,
    ring: fill(32, 4),
    nodeId: node,
    peerKey: by,
    name: 'ann@example.org',
    role: 'tab' as const,
    quotaBytes: 1,
    notBefore: Date.UTC(2026, 0, 1),
    notAfter: Date.UTC(2026, 0, 31),
  },
  signature: fill(384, 5),
};

/** A good message of each format. */
export const secureMessages = {
  'nearest request': nearestRequest.encode({
    v: 1,
    key,
    nonce,
    count: 8,
    wanted: [other],
    held: [fill(8, 3)],
  }),
  'nearest request, all neighbours': nearestRequest.encode({
    v: 1,
    key,
    nonce,
    count: 16,
    wanted: null,
    held: [],
  }),
  'nearest answer': nearestAnswer.encode({
    v: 1,
    statements: [
      {
        node,
        nearest: [other],
        signature: fill(64, 6),
        contact: { certificate, addresses: [], via: [other] },
      },
      { node: other, nearest: [node], signature: fill(64, 7), contact: null },
    ],
  }),
  'forward request': forwardRequest.encode({
    v: 1,
    stops: [
      { to: 'root', id: key },
      { to: 'node', id: other },
    ],
    service: 'overlay.nearest',
    body: utf8('a question'),
    timeoutMs: 2_000,
  }),
};

export function computeSecureFormats(): Record<string, string> {
  const signed = signedBytes('nearest', statementBody({ key, nonce }, by, [other]));
  const encodings = { 'signed: nearest': signed, ...secureMessages };
  return Object.fromEntries(Object.entries(encodings).map(([name, bytes]) => [name, toHex(bytes)]));
}
