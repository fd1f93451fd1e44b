/** Addresses to dial: with and without peer id, and those that are no addresses. */
import { expect, test } from 'vitest';
import { addressThrough, directAddresses } from '../../../../src/adapters/libp2p/addresses.ts';
import { peerIdOf } from '../../../../src/adapters/libp2p/peer-id.ts';
import { testKey } from '../../../support/ring.ts';

const peerKey = (await testKey('relay')).publicKey;
const id = peerIdOf(peerKey).toString();
const relayKey = (await testKey('another')).publicKey;

test.each([
  ['/dns4/localhost/tcp/7780/ws', `/dns4/localhost/tcp/7780/ws/p2p/${id}`],
  [`/dns4/localhost/tcp/7780/ws/p2p/${id}`, `/dns4/localhost/tcp/7780/ws/p2p/${id}`],
  ['/dns4/mail.example.org/tcp/443/wss', `/dns4/mail.example.org/tcp/443/wss/p2p/${id}`],
])('%s is dialled as %s', (address, dialled) => {
  expect(directAddresses({ peerKey, addresses: [address] }).map(String)).toEqual([dialled]);
});

test('what another peer id claims is replaced by the one that the certificate names', () => {
  const other = peerIdOf(relayKey).toString();
  const address = `/dns4/localhost/tcp/1/ws/p2p/${other}`;
  expect(directAddresses({ peerKey, addresses: [address] }).map(String)).toEqual([
    `/dns4/localhost/tcp/1/ws/p2p/${id}`,
  ]);
});

test.each(['', 'http://example.org', '/ip4/999.0.0.1/tcp/1', '/nonsense', `/p2p/${id}/p2p-circuit`])(
  '%j is left out',
  (address) => {
    expect(directAddresses({ peerKey, addresses: [address] })).toEqual([]);
  },
);

test('through a relay: the short form, for signalling and for a circuit', () => {
  const relay = peerIdOf(relayKey).toString();
  expect(addressThrough(relayKey, peerKey, true).toString()).toBe(
    `/p2p/${relay}/p2p-circuit/webrtc/p2p/${id}`,
  );
  expect(addressThrough(relayKey, peerKey, false).toString()).toBe(`/p2p/${relay}/p2p-circuit/p2p/${id}`);
});
