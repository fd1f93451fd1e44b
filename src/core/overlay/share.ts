/** Passing on contacts: only of nodes whose certificates were checked, with ourselves as an introducer. */
import { equalBytes } from '../codec/bytes.ts';
import type { NodeId } from '../codec/id.ts';
import type { Introduction } from './contact.ts';
import type { MachineState } from './machine-state.ts';
import { CHECKED, LINKED, type PeerIndex } from './peer-table.ts';

/** A linked node as we pass it on: we can introduce it, being its neighbour. */
export function introduced(state: MachineState, p: PeerIndex): Introduction {
  const contact = state.peers.contact(p);
  return { contact, via: contact.role === 'relay' ? [] : [state.self.nodeId] };
}

/** Adds linked peers to the list, each node once, without `except`, up to `max` contacts. */
export function addContacts(
  state: MachineState,
  list: Introduction[],
  peers: readonly PeerIndex[],
  except: NodeId,
  max: number,
): void {
  for (const p of peers) {
    if (list.length >= max) return;
    if (!state.peers.is(p, LINKED) || !state.peers.is(p, CHECKED)) continue;
    const nodeId = state.peers.nodeId(p);
    if (equalBytes(nodeId, except) || list.some(({ contact }) => equalBytes(contact.nodeId, nodeId)))
      continue;
    list.push(introduced(state, p));
  }
}
