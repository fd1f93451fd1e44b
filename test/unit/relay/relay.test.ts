/** A real relay in its own process: what it prints, serves, refuses, and what it still knows after kill -9. */
import { mkdtemp, rm, writeFile, chmod, stat, unlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { REQUESTS_MAX } from '../../../relay/src/authority-routes.ts';
import { freePort } from '../../browser/support/free-port.ts';
import { ensureRelayBuilt } from '../../../scripts/build.mjs';
import { toHex } from '../../../src/core/codec/bytes.ts';
import {
  ringDescriptorCodec,
  verifyIdentityCertificate,
  verifyNodeCertificate,
  verifyRingDescriptor,
} from '../../../src/core/identity/certificates.ts';
import {
  runRelayCommand,
  startRelayProcess,
  type RelayProcess,
} from '../../browser/support/relay-process.ts';
import {
  bytesOf,
  candidate,
  checkRequest,
  DAG_CBOR,
  enrolRequest,
  joinRequest,
  membershipIn,
  post,
  refusalIn,
  tokenOf,
} from './support.ts';

/** Long enough for safe primes on a busy machine. */
const START_MS = 120_000;
let relay: RelayProcess;
let folder: string;

beforeAll(async () => {
  await ensureRelayBuilt();
  folder = await mkdtemp(join(tmpdir(), 'epost-relay-test-'));
  relay = await startRelayProcess({ ownKey: true });
}, START_MS);
afterAll(async () => {
  await relay.dispose();
  await rm(folder, { recursive: true });
});

describe('what it prints and serves', () => {
  it('prints where to go', () => {
    const lines = [
      'ePOST relay for example.org',
      `  open    ${relay.url}/`,
      `  invite  ${relay.url}/#/join/[a-z2-7]{32}`,
    ];
    expect(relay.output).toMatch(new RegExp(`^${lines.join('\n')}$`, 'm'));
  });

  it('answers on both loopback addresses', async () => {
    for (const host of ['127.0.0.1', '[::1]'])
      expect((await fetch(`http://${host}:${relay.port}/healthz`)).status).toBe(200);
  });

  it('says how it is, for machines', async () => {
    expect(await relay.health()).toMatchObject({
      status: 'ok',
      domain: 'example.org',
      ring: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      peers: 0,
      blocks: expect.any(Number) as number,
      bytes: expect.any(Number) as number,
    });
    const metrics = await (await fetch(`${relay.url}/metrics`)).text();
    expect(metrics).toMatch(/^epost_peers 0$/m);
    expect(metrics).toMatch(/^process_cpu_seconds_total /m);
  });

  it('sends a strict policy with every answer', async () => {
    for (const path of ['/', '/healthz', '/nothing', '/authority/ring']) {
      const { headers } = await fetch(relay.url + path);
      const policy = headers.get('content-security-policy')!.split('; ');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("style-src 'self'");
      expect(policy).toContain(`connect-src 'self' ws://localhost:${relay.port}`);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    }
  });

  it('describes its ring, signed, with its own place', async () => {
    const response = await fetch(`${relay.url}/authority/ring`);
    expect(response.headers.get('content-type')).toBe(DAG_CBOR);
    const descriptor = ringDescriptorCodec.decode(await bytesOf(response));
    if (!descriptor.ok) throw new Error(descriptor.reason);
    const body = await verifyRingDescriptor(descriptor.value);
    expect(body).toMatchObject({ ok: true, value: { domain: 'example.org', k: 3, a: 1 } });
    expect(descriptor.value.body.relays).toHaveLength(1);
    expect(descriptor.value.body.relays[0]!.addresses).toEqual([`/dns4/localhost/tcp/${relay.port}/ws`]);
  });
});

describe('joining', () => {
  it('admits a person, the same person again, and their next device', async () => {
    const ada = await candidate();
    const request = await joinRequest(ada, tokenOf(relay.invitation), 'ada');
    const membership = await membershipIn(await post(relay.url, 'join', request));
    const { ring, authorityKey } = membership.descriptor.body;
    const trust = { ring, authorityKey };
    const person = await verifyIdentityCertificate(membership.identityCertificate, trust, Date.now());
    expect(person).toMatchObject({
      ok: true,
      value: { name: 'ada@example.org', signKey: ada.keys.identityKey },
    });
    const node = await verifyNodeCertificate(membership.nodeCertificate, trust, Date.now());
    expect(node).toMatchObject({ ok: true, value: { role: 'tab', peerKey: ada.keys.peerKey } });

    const again = await membershipIn(await post(relay.url, 'join', request));
    expect(again.identityCertificate).toEqual(membership.identityCertificate);
    const renewed = await membershipIn(await post(relay.url, 'enrol', await enrolRequest(ada, ring)));
    expect(renewed.nodeCertificate.body.nodeId).toEqual(membership.nodeCertificate.body.nodeId);
  });

  it('says before the words are shown whether an address is free', async () => {
    const token = tokenOf(relay.invitation);
    expect((await post(relay.url, 'check', checkRequest(token, 'free'))).status).toBe(204);
    await post(relay.url, 'join', await joinRequest(await candidate(), token, 'taken'));
    expect(await refusalIn(await post(relay.url, 'check', checkRequest(token, 'Taken')))).toBe(
      '409 address-taken',
    );
  });

  it('gives out an invitation for one, and notices when it is used up', async () => {
    const env = { PORT: String(relay.port), EPOST_DATA: relay.dataDir };
    const { code, output } = await runRelayCommand(['invite'], env, folder);
    expect(code).toBe(0);
    const link = output.trim();
    expect(link).toMatch(new RegExp(`^${relay.url}/#/join/[a-z2-7]{32}$`));
    const join = async (name: string) =>
      post(relay.url, 'join', await joinRequest(await candidate(), tokenOf(link), name));
    expect((await join('first')).status).toBe(200);
    expect(await refusalIn(await join('second'))).toBe('410 invitation-used-up');
  });
});

describe('what it refuses, and counts', () => {
  const counted = (area: string, code: string) =>
    relay.metric(`epost_events_total{area="${area}",code="${code}"}`);

  it.each([
    ['nothing', new Uint8Array(), '400 bad-request'],
    ['no CBOR', Uint8Array.of(0xff, 0xff), '400 bad-request'],
    ['another message', checkRequest('x'), '400 bad-request'],
    ['too much', new Uint8Array(9000), '413 too-large'],
  ])('a body that is %s', async (_, body, refusal) => {
    const code = refusal.split(' ')[1]!;
    const before = await counted('authority', code);
    expect(await refusalIn(await post(relay.url, 'join', body))).toBe(refusal);
    expect(await counted('authority', code)).toBe(before + 1);
  });

  it('a join with a typing mistake in the token, an unknown one, a bad address, a wrong clock, a forged signature', async () => {
    const bob = await candidate();
    const token = tokenOf(relay.invitation);
    const refused = async (request: Promise<Uint8Array<ArrayBuffer>>) =>
      refusalIn(await post(relay.url, 'join', await request));
    const mistyped = (token.startsWith('a') ? 'b' : 'a') + token.slice(1);
    expect(await refused(joinRequest(bob, mistyped, 'bob'))).toBe('400 invitation-malformed');
    expect(await refused(joinRequest(bob, token, 'bob smith'))).toBe('400 bad-address');
    expect(await refused(joinRequest(bob, token, 'postmaster'))).toBe('400 bad-address');
    expect(await refused(joinRequest(bob, token, 'bob', { at: Date.now() - 3 * 86_400_000 }))).toBe(
      '400 clock',
    );
    const forged = await joinRequest(bob, token, 'bob');
    forged[forged.length - 1]! ^= 1;
    expect(await refused(Promise.resolve(forged))).toBe('403 bad-signature');
  });

  it('nobody because of senders that never finish their request', async () => {
    const head = [
      'POST /authority/join HTTP/1.1',
      'host: x',
      `content-type: ${DAG_CBOR}`,
      'content-length: 100',
      'expect: 100-continue',
    ];
    const slow = Array.from({ length: REQUESTS_MAX + 1 }, () => connect(relay.port, '127.0.0.1'));
    // The relay has begun with a request when it says that the body may come.
    await Promise.all(slow.map((socket) => firstLineOn(socket, `${head.join('\r\n')}\r\n\r\n`)));
    const check = await post(relay.url, 'check', checkRequest(tokenOf(relay.invitation)));
    for (const socket of slow) socket.destroy();
    expect(check.status).toBe(204);
  });

  it('a recovery of somebody who never joined', async () => {
    const { ring } = await relay.health();
    const request = await enrolRequest(await candidate(), new Uint8Array(Buffer.from(String(ring), 'hex')));
    expect(await refusalIn(await post(relay.url, 'enrol', request))).toBe('404 unknown-identity');
  });

  it('another type, another method, another path', async () => {
    const body = checkRequest('x');
    expect(await refusalIn(await post(relay.url, 'join', body, 'text/plain'))).toBe('415 bad-type');
    expect(await refusalIn(await fetch(`${relay.url}/authority/join`))).toBe('405 bad-method');
    expect(await refusalIn(await post(relay.url, 'key', body))).toBe('404 unknown-path');
    expect((await fetch(`${relay.url}/../../etc/passwd`)).status).toBe(404);
    expect((await fetch(`${relay.url}/%2e%2e/package.json`)).status).toBe(404);
    expect((await fetch(`${relay.url}/`, { method: 'DELETE' })).status).toBe(405);
  });

  it('what is not HTTP', async () => {
    const before = await counted('http', 'malformed');
    expect(await firstLine(relay.port, 'EHLO relay\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request');
    expect(await counted('http', 'malformed')).toBe(before + 1);
  });

  it('an operator without the token', async () => {
    const response = await fetch(`${relay.url}/operator/invite`, {
      method: 'POST',
      headers: { authorization: 'Bearer 00' },
      body: '{"uses":1,"days":1}',
    });
    expect(response.status).toBe(403);
    expect(await counted('operator', 'not-allowed')).toBe(1);
    for (const path of ['accounts', 'report']) {
      const refused = await fetch(`${relay.url}/operator/${path}`, { method: 'POST' });
      expect(refused.status).toBe(403);
      expect(await refused.text()).not.toContain('accounts');
    }
  });
});

describe("the operator's page", () => {
  const access = async () => {
    const env = { PORT: String(relay.port), EPOST_DATA: relay.dataDir };
    const { code, output } = await runRelayCommand(['operator'], env, folder);
    expect(code).toBe(0);
    const said = (name: string) => new RegExp(`^ {2}${name} +(\\S+)$`, 'm').exec(output)![1]!;
    return { open: said('open'), name: said('name'), password: said('password') };
  };
  const page = (password: string) =>
    fetch(`${relay.url}/operator`, { headers: { authorization: `Basic ${btoa(`operator:${password}`)}` } });

  it('is shown to whoever has the password that the command line tells', async () => {
    const { open, name, password } = await access();
    expect([open, name]).toEqual([`${relay.url}/operator`, 'operator']);
    const response = await page(password);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).toContain('<h1>example.org</h1>');
    const style = await fetch(`${relay.url}/operator/page.css`);
    expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8');
  });

  it('is shown to nobody else, who is asked for it', async () => {
    const before = await relay.metric('epost_events_total{area="operator",code="not-allowed"}');
    const { password } = await access();
    const mistyped = (password.startsWith('a') ? 'b' : 'a') + password.slice(1);
    for (const response of [await fetch(`${relay.url}/operator`), await page(mistyped)]) {
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Basic realm="ePOST relay", charset="UTF-8"');
      expect(await response.text()).not.toContain('<h1>');
    }
    expect(await relay.metric('epost_events_total{area="operator",code="not-allowed"}')).toBe(before + 1);
  });

  it('tells programs the same, and lets a password from a browser change nothing', async () => {
    const { password } = await access();
    const report = await fetch(`${relay.url}/operator/report`, {
      method: 'POST',
      headers: { authorization: `Bearer ${password}` },
    });
    expect(await report.json()).toMatchObject({
      inForce: { k: 3, a: 1 },
      presence: { devices: 0, isMeasured: false },
      accounts: [],
    });
    const invite = await fetch(`${relay.url}/operator/invite`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`operator:${password}`)}` },
      body: '{"uses":1,"days":1}',
    });
    expect(invite.status).toBe(403);
    expect(await relay.metric('epost_replicas ')).toBe(3);
    expect(await relay.metric('epost_proposed_replicas ')).toBe(0);
  });
});

/** The first line of the answer to bytes sent as they are. */
function firstLine(port: number, request: string): Promise<string> {
  return firstLineOn(connect(port, '127.0.0.1'), request);
}

function firstLineOn(socket: Socket, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (data) => resolve(data.toString('latin1').split('\r\n')[0]!));
    socket.write(request);
  });
}

describe('websockets', () => {
  it('reach libp2p through the public port, and are forgotten when they end', async () => {
    const socket = new WebSocket(`ws://localhost:${relay.port}`);
    let heard = '';
    socket.on('open', () => socket.send(Buffer.from('\x13/multistream/1.0.0\n', 'latin1')));
    socket.on('message', (data) => (heard += (data as Buffer).toString('latin1')));
    await expect.poll(() => heard).toBe('\x13/multistream/1.0.0\n');
    expect((await relay.health())['tunnels']).toBe(1);
    socket.terminate();
    await expect.poll(async () => (await relay.health())['tunnels']).toBe(0);
  });

  it('to another path, and upgrades to something else, are refused', async () => {
    const status = (path: string, upgrade: string) =>
      firstLine(
        relay.port,
        `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${upgrade}\r\n\r\n`,
      );
    expect(await status('/metrics', 'websocket')).toBe('HTTP/1.1 404 Not Found');
    expect(await status('/', 'h2c')).toBe('HTTP/1.1 400 Bad Request');
  });
});

describe('stopping and starting', () => {
  it(
    'knows everything again after kill -9: invitation, ring, node, people',
    async () => {
      const cleo = await candidate();
      const token = tokenOf(relay.invitation);
      const joined = await membershipIn(
        await post(relay.url, 'join', await joinRequest(cleo, token, 'cleo')),
      );
      const before = { invitation: relay.invitation, health: await relay.health() };
      await relay.kill();
      await relay.restart();
      expect(relay.invitation).toBe(before.invitation);
      const { ring, nodeId } = await relay.health();
      expect({ ring, nodeId }).toEqual({ ring: before.health['ring'], nodeId: before.health['nodeId'] });
      expect(await refusalIn(await post(relay.url, 'check', checkRequest(token, 'cleo')))).toBe(
        '409 address-taken',
      );
      const enrolled = await membershipIn(
        await post(relay.url, 'enrol', await enrolRequest(cleo, joined.descriptor.body.ring)),
      );
      expect(toHex(enrolled.identityCertificate.signature)).toBe(toHex(joined.identityCertificate.signature));
      expect(enrolled.ringSecret).toEqual(joined.ringSecret);
      expect(enrolled.nodeCertificate.body.nodeId).toEqual(joined.nodeCertificate.body.nodeId);
    },
    START_MS,
  );

  it(
    'signs a new descriptor, with a higher serial, only when something has changed',
    async () => {
      const descriptor = async () => {
        const decoded = ringDescriptorCodec.decode(
          await bytesOf(await fetch(`http://127.0.0.1:${relay.port}/authority/ring`)),
        );
        if (!decoded.ok) throw new Error(decoded.reason);
        return decoded.value;
      };
      const before = await descriptor();
      await relay.kill();
      await relay.restart();
      expect(await descriptor()).toEqual(before);
      await relay.kill();
      await relay.restart({ EPOST_URL: `http://127.0.0.1:${relay.port}` });
      const after = await descriptor();
      expect(after.body.serial).toBeGreaterThan(before.body.serial);
      expect(after.body.relays[0]!.addresses).toEqual([`/ip4/127.0.0.1/tcp/${relay.port}/ws`]);
      await relay.kill();
      await relay.restart();
    },
    START_MS,
  );

  it(
    'stops on SIGTERM with exit code 0, and makes invitations while it is stopped',
    async () => {
      expect(await relay.stop()).toBe(0);
      const env = { PORT: String(relay.port), EPOST_DATA: relay.dataDir };
      const { code, output } = await runRelayCommand(['invite', '--uses', '2'], env, folder);
      expect(code).toBe(0);
      await relay.restart();
      const check = checkRequest(tokenOf(output.trim()));
      expect((await post(relay.url, 'check', check)).status).toBe(204);
    },
    START_MS,
  );
});

describe('what the operator has to put right', () => {
  const settings = (changes: Readonly<Record<string, string>>) => ({
    PORT: String(relay.port),
    EPOST_DATA: join(folder, 'data'),
    ...changes,
  });
  const start = async (changes: Readonly<Record<string, string>>) => {
    const { code, output } = await runRelayCommand(['start'], settings(changes), folder);
    const said = output.trim().split('\n').at(-1)!;
    expect(said).toMatch(/^\S.*\.$/);
    return { code, said };
  };

  it('a bad setting: one sentence that names it, exit code 2', async () => {
    const { code, said } = await start({ PORT: 'seven' });
    expect(code).toBe(2);
    expect(said).toBe('PORT must be a whole number from 1 to 65535, not "seven".');
    await writeFile(join(folder, 'epost.toml'), 'prot = 1\n');
    expect(await start({})).toMatchObject({ code: 2, said: expect.stringMatching(/^prot in /) as string });
    await unlink(join(folder, 'epost.toml'));
    const unknown = await runRelayCommand(['stop'], settings({}), folder);
    expect(unknown).toMatchObject({ code: 2, output: expect.stringMatching(/^stop is not/) as string });
  });

  it('a port that is in use', async () => {
    const { code, said } = await start({});
    expect(code).toBe(1);
    expect(said).toMatch(new RegExp(`^Port ${relay.port} is in use: `));
  });

  it('a data folder that another relay uses', async () => {
    const { code, said } = await start({ PORT: String(await freePort()), EPOST_DATA: relay.dataDir });
    expect(code).toBe(1);
    expect(said).toMatch(/is in use by another process\.$/);
  });

  it('a data folder that is a file, or below one', async () => {
    await writeFile(join(folder, 'file'), '');
    for (const path of ['file', 'file/data']) {
      const { code, said } = await start({ EPOST_DATA: join(folder, path) });
      expect(code).toBe(1);
      expect(said).toMatch(/^The data folder .* cannot be used: /);
    }
  });

  it(
    'a data folder of another domain, or without its key',
    async () => {
      await relay.stop();
      const own = { EPOST_DATA: relay.dataDir };
      expect((await start({ ...own, EPOST_ORG: 'other.example' })).said).toMatch(/belongs to example\.org/);
      const key = join(relay.dataDir, 'authority.pem');
      expect((await stat(key)).mode & 0o777).toBe(0o600);
      await writeFile(key, 'not a key');
      await chmod(key, 0o600);
      expect((await start(own)).said).toMatch(/is damaged: put it back/);
      await unlink(key);
      const { code, said } = await start(own);
      expect(code).toBe(1);
      expect(said).toMatch(/is missing: put it back from a back-up\.$/);
    },
    START_MS,
  );
});
