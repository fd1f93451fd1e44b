/** Passing on contacts: only of nodes whose certificates were checked, with ourselves as an introducer. */
import { equalBytes } from '../codec/bytes.ts';
import { idText, type NodeId } from '../codec/id.ts';
import type { Contact } from './contact.ts';
import type { Peer } from './peers.ts';

/** Introducers that a contact may name on the wire. */
const VIA_MAX = 8;

/** The contact of a linked node as we pass it on: we can introduce it, being its neighbour. */
export function introduced(peer: Peer, by: NodeId): Contact {
  if (peer.link === undefined || peer.contact.role === 'relay') return peer.contact;
  const others = peer.contact.via.filter((id) => !equalBytes(id, by));
  return { ...peer.contact, via: [by, ...others].slice(0, VIA_MAX) };
}

/** Adds linked peers to the list, each node once, without `except`, up to `max` contacts. */
export function addContacts(
  list: Contact[],
  peers: Iterable<Peer>,
  except: NodeId,
  by: NodeId,
  max: number,
): void {
  const names = new Set(list.map(({ nodeId }) => idText(nodeId)));
  for (const peer of peers) {
    if (list.length >= max) return;
    if (!peer.link || !peer.checked || names.has(peer.name) || equalBytes(peer.nodeId, except)) continue;
    list.push(introduced(peer, by));
    names.add(peer.name);
  }
}
