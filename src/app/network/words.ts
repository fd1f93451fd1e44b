/** The network in words that need no explanation. */
import type { DiskView, LocationView, NetworkView, PeerView } from '../../core/node/client.ts';
import { countText, sizeText } from '../format/sizes.ts';

const linkTexts: Readonly<Record<PeerView['link'], string>> = {
  direct: 'direct',
  relayed: 'through a relay',
  none: 'known, not linked',
};

export function linkText(peer: PeerView): string {
  return peer.self ? 'this device' : linkTexts[peer.link];
}

export function roleText(peer: PeerView): string {
  return { tab: 'browser', relay: 'relay', bridge: 'bridge' }[peer.role];
}

/** How it goes, for the person. */
export function healthText(network: NetworkView): string {
  const others = network.peers.filter((peer) => !peer.self);
  const linked = others.filter((peer) => peer.link !== 'none');
  const relay = linked.some((peer) => peer.role === 'relay');
  if (linked.length === 0)
    return 'This device is alone at the moment. What you send waits here, safely, until others are back.';
  const devices = linked.filter((peer) => peer.role !== 'relay').length;
  const keepers =
    devices === 0
      ? 'The relay keeps'
      : `${countText(devices, 'other device')}${relay ? ' and the relay' : ''} ${devices === 1 && !relay ? 'keeps' : 'keep'}`;
  const health = `${keepers} your mail with you, sealed.`;
  if (!network.ready) return `${health} Neighbours are still being looked for.`;
  return relay ? health : `${health} The relay is away; mail goes on without it.`;
}

export function diskText(disk: DiskView): string {
  const kept = `This browser keeps ${countText(disk.blocks, 'sealed block')} (${sizeText(disk.usedBytes)}) for your organization.`;
  if (disk.full) return `${kept} Its disk is full: free some space, or what you write may not be kept.`;
  return disk.persisted ? kept : `${kept} It has not promised to keep them: install the app, and it will.`;
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
  if (location.blocks.length === 0)
    return 'This message has no blocks in the network: it is on this device only.';
  const fewest = Math.min(...location.blocks.map((block) => block.holders.length));
  const blocks = countText(location.blocks.length, 'sealed block');
  if (fewest === 0) return `It is in ${blocks}; at the moment nobody answers for some of them.`;
  return `It is in ${blocks}, each kept by at least ${countText(fewest, 'device')}.`;
}
