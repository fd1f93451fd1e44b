/** The network in words that need no explanation. */
import type { DiskView, LocationView, NetworkView, PeerView } from '../../core/node/client.ts';
import { sizeText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';

export function linkText(peer: PeerView): string {
  return peer.self ? t.network.thisDevice : t.network.links[peer.link];
}

export function roleText(peer: PeerView): string {
  return t.network.roles[peer.role];
}

/** How it goes, for the person. */
export function healthText(network: NetworkView): string {
  const others = network.peers.filter((peer) => !peer.self);
  const linked = others.filter((peer) => peer.link !== 'none');
  const relay = linked.some((peer) => peer.role === 'relay');
  if (linked.length === 0) return t.network.alone;
  const devices = linked.filter((peer) => peer.role !== 'relay').length;
  const health = keptBy(devices, relay);
  if (!network.ready) return t.network.lookingForNeighbours({ health });
  return relay ? health : t.network.relayAway({ health });
}

function keptBy(devices: number, relay: boolean): string {
  if (devices === 0) return t.network.keptByRelay;
  return relay
    ? t.network.keptByDevicesAndRelay({ count: devices })
    : t.network.keptByDevices({ count: devices });
}

export function diskText(view: DiskView): string {
  const disk = t.network.disk({ count: view.blocks, size: sizeText(view.usedBytes) });
  if (view.full) return t.network.diskFull({ disk });
  return view.persisted ? disk : t.network.diskNotPromised({ disk });
}

/** What this person stores in the ring, for which the organization gives so much space. */
export function storedText({ storedBytes, allowedBytes }: DiskView): string {
  const stored = t.network.stored({ size: sizeText(storedBytes), allowed: sizeText(allowedBytes) });
  return storedBytes < allowedBytes ? stored : t.network.storedAll({ stored });
}

/** Nodes that hold any block of the message, and nodes that hold all of them. */
export function holdersOf(location: LocationView): {
  readonly any: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
} {
  const any = new Set(location.blocks.flatMap((block) => block.holders));
  const all = new Set(
    [...any].filter((node) => location.blocks.every((block) => block.holders.includes(node))),
  );
  return { any, all };
}

export function locationText(location: LocationView): string {
  if (location.blocks.length === 0) return t.network.noBlocks;
  const fewest = Math.min(...location.blocks.map((block) => block.holders.length));
  const count = location.blocks.length;
  if (fewest === 0) return t.network.someAway({ count });
  return t.network.keptByAtLeast({ count, devices: fewest });
}
