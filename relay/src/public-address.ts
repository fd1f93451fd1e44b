/** Where peers dial the relay: its public URL as multiaddr and as websocket origin. */

/** `http://localhost:7780` becomes `/dns4/localhost/tcp/7780/ws`, `https://mail.example.org` `/dns4/…/tcp/443/tls/ws`. */
export function websocketMultiaddr(publicUrl: string): string {
  const url = new URL(publicUrl);
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return `/${hostProtocol(url.hostname)}/tcp/${port}${secure ? '/tls/ws' : '/ws'}`;
}

/** `ws://localhost:7780`, `wss://mail.example.org`. */
export function websocketOrigin(publicUrl: string): string {
  return publicUrl.replace(/^http/, 'ws');
}

function hostProtocol(hostname: string): string {
  if (hostname.startsWith('[')) return `ip6/${hostname.slice(1, -1)}`;
  return /^\d+(\.\d+){3}$/.test(hostname) ? `ip4/${hostname}` : `dns4/${hostname}`;
}
