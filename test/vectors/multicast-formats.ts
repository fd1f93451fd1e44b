/** What multicast sends, computed from fixed values: hexadecimal encodings by name. What it signs is in formats.ts. */
import { toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { asId } from '../../src/core/codec/id.ts';
import { encodeMessage } from '../../src/core/multicast/messages.ts';
import {
  anycastReply,
  anycastRequest,
  publishReply,
  publishRequest,
  rootReply,
  rootRequest,
  senderReply,
  senderRequest,
} from '../../src/core/multicast/requests.ts';
import { shortened } from '../../src/core/multicast/short-certificate.ts';

const fill = (byte: number, length = 32): Bytes => new Uint8Array(length).fill(byte);
const id = (byte: number) => asId(fill(byte));
const at = Date.UTC(2026, 0, 1);
const v = 1 as const;

const certificate = {
  body: {
    v,
    ring: id(1),
    nodeId: id(2),
    peerKey: fill(3),
    name: 'ann@example.org',
    role: 'tab' as const,
    quotaBytes: 1,
    notBefore: at,
    notAfter: at + 1,
  },
  signature: fill(4, 384),
};
const said = { payload: utf8('to all'), signature: fill(5, 64) };
const group = id(6);
const sender = id(2);

export function computeMulticastFormats(): Readonly<Record<string, string>> {
  const messages = {
    data: encodeMessage({ type: 'data', channel: 7, sender, epoch: at, seq: 8, ...said }),
    'first data': encodeMessage({
      type: 'data',
      channel: 7,
      sender,
      epoch: at,
      seq: 8,
      ...said,
      certificate: shortened(certificate),
    }),
    join: encodeMessage({ type: 'join', group, channel: 7 }),
    accepted: encodeMessage({ type: 'accepted', channel: 7, path: [id(9), id(10)] }),
    elsewhere: encodeMessage({ type: 'elsewhere', channel: 7, others: [{ node: id(9), delayMs: 11 }] }),
    stay: encodeMessage({ type: 'stay', channel: 7 }),
    leave: encodeMessage({ type: 'leave', channels: [7, 70_000] }),
    gone: encodeMessage({ type: 'gone', channels: [7] }),
    alive: encodeMessage({ type: 'alive', channels: [7] }),
    renew: encodeMessage({ type: 'renew', channels: [7] }),
    'publish request': publishRequest.encode({ v, group, sender, epoch: at, seq: 8, ...said, certificate }),
    'publish reply': publishReply.encode({ v, outcome: { kind: 'stale', epoch: at } }),
    'root request': rootRequest.encode({ v, group }),
    'root reply': rootReply.encode({ v, root: id(9) }),
    'sender request': senderRequest.encode({ v, sender }),
    'sender reply': senderReply.encode({ v, certificate }),
    'anycast request': anycastRequest.encode({
      v,
      group,
      ...said,
      at,
      certificate,
      visited: [id(9)],
      timeoutMs: 12,
    }),
    'anycast reply': anycastReply.encode({
      v,
      taken: { by: id(9), answer: utf8('here') },
      visited: [id(9), id(10)],
    }),
  };
  return Object.fromEntries(Object.entries(messages).map(([name, bytes]) => [name, toHex(bytes)]));
}
