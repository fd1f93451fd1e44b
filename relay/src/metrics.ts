/** What an operator's Prometheus and health checks see of the relay. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Counters } from '../../src/core/codec/counters.ts';

/** A moment of the relay; the same figures for `/healthz` and `/metrics`. */
export interface RelayStatus {
  /** `ok`: the replica answers; `joining`: the leaf set is not confirmed yet. */
  readonly status: 'ok' | 'joining';
  readonly domain: string;
  /** Hexadecimal. */
  readonly ring: string;
  readonly nodeId: string;
  /** Links to other nodes, and those of them whose bytes do not pass through a circuit. */
  readonly peers: number;
  readonly directPeers: number;
  /** Held for others. */
  readonly blocks: number;
  readonly bytes: number;
  readonly quotaBytes: number;
  /** Who hold leases on blocks here; who they are the operator's page says. */
  readonly members: number;
  /** Bytes over the open links. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Websockets from outside. */
  readonly tunnels: number;
  /** Circuits between other nodes that are open through this relay. */
  readonly circuits: number;
  readonly uptimeSeconds: number;
  /** Devices that were linked in the last 30 days, and the share of time that one of them is. */
  readonly devices: number;
  readonly deviceAvailability: number;
  /** Copies on devices (k) and on relays (a): in force, and proposed; 0: not measured for long enough yet. */
  readonly replicas: number;
  readonly relayReplicas: number;
  readonly proposedReplicas: number;
  readonly proposedRelayReplicas: number;
}

const gauges: readonly (readonly [name: string, help: string, of: keyof RelayStatus])[] = [
  ['epost_peers', 'Links to other nodes', 'peers'],
  ['epost_direct_peers', 'Links whose bytes do not pass through a circuit', 'directPeers'],
  ['epost_blocks', 'Content blocks on disk', 'blocks'],
  ['epost_stored_bytes', 'Bytes of stored things on disk', 'bytes'],
  ['epost_quota_bytes', 'Bytes that may be stored', 'quotaBytes'],
  ['epost_storing_members', 'Members who hold leases on blocks here', 'members'],
  ['epost_links_sent_bytes', 'Bytes sent over the links that are open now', 'sentBytes'],
  ['epost_links_received_bytes', 'Bytes received over the links that are open now', 'receivedBytes'],
  ['epost_tunnels', 'Open websockets', 'tunnels'],
  ['epost_circuits', 'Circuits between other nodes that are open through this relay', 'circuits'],
  ['epost_uptime_seconds', 'Seconds since the relay started', 'uptimeSeconds'],
  ['epost_devices', 'Devices that were linked in the last 30 days', 'devices'],
  ['epost_device_availability', 'Mean share of time that a device is linked', 'deviceAvailability'],
  ['epost_replicas', 'Copies on devices that are in force', 'replicas'],
  ['epost_relay_replicas', 'Copies on relays that are in force', 'relayReplicas'],
  ['epost_proposed_replicas', 'Copies on devices that are proposed, 0: not yet', 'proposedReplicas'],
  [
    'epost_proposed_relay_replicas',
    'Copies on relays that are proposed, 0: not yet',
    'proposedRelayReplicas',
  ],
];

/** Renders everything in Prometheus' text format. */
export function createMetrics(counters: Counters, status: () => Promise<RelayStatus>) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: 'epost_events_total',
    help: 'Refusals and other events since the start, by layer and code',
    labelNames: ['area', 'code'],
    registers: [registry],
  });
  const ready = new Gauge({
    name: 'epost_ready',
    help: 'Whether the leaf set is confirmed',
    registers: [registry],
  });
  const figures = gauges.map(
    ([name, help, of]) => [new Gauge({ name, help, registers: [registry] }), of] as const,
  );
  return {
    contentType: registry.contentType,
    async render(): Promise<string> {
      const now = await status();
      ready.set(now.status === 'ok' ? 1 : 0);
      for (const [gauge, of] of figures) gauge.set(Number(now[of]));
      events.reset();
      for (const [name, count] of counters.counts()) {
        const [area, ...code] = name.split('.');
        events.inc({ area: area!, code: code.join('.') }, count);
      }
      return registry.metrics();
    },
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
