/** The relay put together: data folder, authority, peer, and the public door. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { toHex } from '../../src/core/codec/bytes.ts';
import { Counters } from '../../src/core/codec/counters.ts';
import { Authority } from '../../src/core/identity/authority.ts';
import { namespace } from '../../src/core/storage/namespace.ts';
import { propose } from '../../src/core/storage/proposal.ts';
import { AuthorityRoutes } from './authority-routes.ts';
import type { RelayConfig } from './config.ts';
import { dataFiles, openDatabase, openRing, prepareDataFolder } from './data-folder.ts';
import { writeDurably } from './durable-file.ts';
import { takePort } from './http-server.ts';
import { invite, standingInvitation, type InvitationPorts } from './invitations.ts';
import { StoredAuthorityLedger } from './ledger.ts';
import { createMetrics, type RelayStatus } from './metrics.ts';
import { operatorReport, type OperatorReport } from './operator-report.ts';
import { operatorToken } from './operator-routes.ts';
import { PairingRoutes } from './pairing-routes.ts';
import { Peer } from './peer.ts';
import { PresenceWatch } from './presence-watch.ts';
import { websocketOrigin } from './public-address.ts';
import { ringPolicy, TAB_QUOTA_BYTES } from './ring-policy.ts';
import { securityHeaders } from './security-headers.ts';
import { readStaticFiles } from './static-files.ts';
import { WebsocketTunnel } from './websocket-tunnel.ts';

/** Where the build puts the web app, seen from the relay's bundle. */
const APP_FOLDER = fileURLToPath(new URL('../app', import.meta.url));

export interface Relay {
  /** Link of the standing invitation. */
  invitation(): Promise<string>;
  /** Says good-bye to the peers, and closes the database. */
  stop(): Promise<void>;
}

/** Resolves when people can join. Rejects with OperatorError. `log` takes lines for the operator. */
export async function startRelay(config: RelayConfig, log: (line: string) => void): Promise<Relay> {
  const closing: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    return { ...(await assemble(config, log, closing)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  config: RelayConfig,
  log: (line: string) => void,
  closing: (() => Promise<void>)[],
): Promise<Pick<Relay, 'invitation'>> {
  const startedAt = systemClock.now();
  const counters = new Counters(() => systemClock.now());
  await prepareDataFolder(config.dataDir);
  const door = await takePort(config.host, config.port);
  closing.push(() => door.close());
  const database = await openDatabase(config.dataDir);
  // Closed last: requests and peers use it to the end.
  closing.unshift(() => database.close());

  const { key, ringSecret } = await openRing(config, database, systemRandom, log);
  const ledger = new StoredAuthorityLedger(namespace(database, 'authority'));
  const authority = new Authority(
    { key, ledger, clock: systemClock, random: systemRandom },
    ringPolicy(config),
    ringSecret,
  );
  const invitations: InvitationPorts = {
    authority,
    store: namespace(database, 'relay'),
    clock: systemClock,
    random: systemRandom,
    url: config.url,
  };

  const peer = await Peer.open({ config, authority, database, counters, log });
  closing.push(() => peer.stop());
  const watch = await PresenceWatch.open({
    store: namespace(database, 'presence'),
    clock: systemClock,
    counters,
    devices: () => peer.devices(),
  });
  closing.push(() => watch.stop());
  const tunnel = new WebsocketTunnel(() => peer.listenPort, counters);

  const status = async (): Promise<RelayStatus> => {
    const presence = watch.presence();
    const { k, a, relays } = peer.descriptor;
    const proposed = propose({ presence, inForce: { k, a }, relays: relays.length })?.proposed;
    return {
      ...(await peer.status()),
      domain: config.domain,
      ring: toHex(authority.ring),
      tunnels: tunnel.size,
      uptimeSeconds: Math.max(0, Math.round((systemClock.now() - startedAt) / 1000)),
      devices: presence.devices,
      deviceAvailability: presence.meanShare,
      replicas: k,
      relayReplicas: a,
      proposedReplicas: proposed?.k ?? 0,
      proposedRelayReplicas: proposed?.a ?? 0,
    };
  };
  const report = async (): Promise<OperatorReport> => {
    const { k, a, relays } = peer.descriptor;
    return operatorReport({
      now: systemClock.now(),
      status: await status(),
      presence: watch.presence(),
      inForce: { k, a },
      relays: relays.length,
      blockBytes: peer.blockBytes(),
      deviceQuotaBytes: TAB_QUOTA_BYTES,
      accounts: peer.accounts(),
      counters,
    });
  };
  const token = operatorToken(systemRandom);
  await writeDurably(join(config.dataDir, dataFiles.operatorToken), token);
  const files = await readStaticFiles(APP_FOLDER);
  if (!files.has('/')) log(`The web app is missing in ${APP_FOLDER}: build it with npm start.`);
  door.open({
    files,
    headers: securityHeaders(config.url, [websocketOrigin(config.url)]),
    authority: new AuthorityRoutes({
      authority,
      publish: (certificate) => peer.publish(certificate),
      counters,
      clock: systemClock,
    }),
    pairing: new PairingRoutes({ counters, clock: systemClock }),
    operator: {
      token,
      counters,
      invite: (terms) => invite(invitations, terms),
      accounts: () => peer.accounts(),
      report,
    },
    status,
    metrics: createMetrics(counters, status),
    tunnel,
    counters,
  });
  return { invitation: () => standingInvitation(invitations) };
}
