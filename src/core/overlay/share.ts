/** Passing on contacts: only of nodes whose certificates were checked, with ourselves as an introducer. */
import { equalBytes } from '../codec/bytes.ts';
import { idText, type NodeId } from '../codec/id.ts';
import { VIA_MAX, type Introduction } from './contact.ts';
import type { Peer } from './peers.ts';

/** The contact of a linked node as we pass it on: we can introduce it, being its neighbour. */
export function introduced(peer: Peer, by: NodeId): Introduction {
  const { contact } = peer;
  if (peer.link === undefined || contact.role === 'relay') return { contact, via: [] };
  const others = peer.via.filter((id) => !equalBytes(id, by));
  return { contact, via: [by, ...others].slice(0, VIA_MAX) };
}

/** Adds linked peers to the list, each node once, without `except`, up to `max` contacts. */
export function addContacts(
  list: Introduction[],
  peers: Iterable<Peer>,
  except: NodeId,
  by: NodeId,
  max: number,
): void {
  const names = new Set(list.map(({ contact }) => idText(contact.nodeId)));
  for (const peer of peers) {
    if (list.length >= max) return;
    if (!peer.link || !peer.checked || names.has(peer.name) || equalBytes(peer.nodeId, except)) continue;
    list.push(introduced(peer, by));
    names.add(peer.name);
  }
}
