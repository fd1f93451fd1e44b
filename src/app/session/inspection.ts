/** `epost` in the console: what an engineer may look at in a running page; tests and benchmarks look there too. */
import type { ConnectionEvidence } from '../../adapters/libp2p/evidence.ts';
import type { LinkInfo } from '../../core/overlay/network.ts';
import type { Client } from '../../core/node/client.ts';

export interface Inspection {
  /** The node of this profile, be it in this tab or another. */
  readonly client: Client;
  /** Every libp2p connection as it really is; empty in a tab that does not run the node. */
  connections(): readonly ConnectionEvidence[];
  /** The overlay's links over them. */
  links(): readonly LinkInfo[];
}

const nothing = { connections: () => [], links: () => [] };

/** Publishes what the profile's session has. */
export function inspectClient(client: Client): void {
  publish({ ...nothing, client });
}

/** Publishes the network of the node that this tab runs. */
export function inspectNetwork(network: Pick<Inspection, 'connections' | 'links'>): void {
  publish({ connections: () => network.connections(), links: () => network.links() });
}

function publish(part: Partial<Inspection>): void {
  const scope = globalThis as { epost?: Partial<Inspection> };
  scope.epost = { ...scope.epost, ...part };
}
