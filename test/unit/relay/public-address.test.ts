/** The relay's public URL as peers dial it. */
import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { websocketMultiaddr, websocketOrigin } from '../../../relay/src/public-address.ts';

describe('public address', () => {
  it.each([
    ['http://localhost:7780', '/dns4/localhost/tcp/7780/ws', 'ws://localhost:7780'],
    ['http://127.0.0.1:7780', '/ip4/127.0.0.1/tcp/7780/ws', 'ws://127.0.0.1:7780'],
    ['http://[::1]:7780', '/ip6/::1/tcp/7780/ws', 'ws://[::1]:7780'],
    ['http://post.example.org', '/dns4/post.example.org/tcp/80/ws', 'ws://post.example.org'],
    ['https://post.example.org', '/dns4/post.example.org/tcp/443/tls/ws', 'wss://post.example.org'],
    [
      'https://post.example.org:8443',
      '/dns4/post.example.org/tcp/8443/tls/ws',
      'wss://post.example.org:8443',
    ],
  ])('%s is %s', (url, address, origin) => {
    expect(websocketMultiaddr(url)).toBe(address);
    expect(multiaddr(address).toString()).toBe(address);
    expect(websocketOrigin(url)).toBe(origin);
  });
});
