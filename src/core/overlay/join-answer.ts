/** The answer to a join. Rowstron & Druschel 2001, §2.4. */
import type { Bytes } from '../codec/bytes.ts';
import { sharedDigits, type NodeId } from '../codec/id.ts';
import { CONTACTS_MAX } from '../codec/limits.ts';
import { toWire, type Introduction } from './contact.ts';
import type { MachineState } from './machine-state.ts';
import type { MessageOf } from './messages.ts';
import { addContacts } from './share.ts';

/** At the root itself and its leaf set (`contacts` is empty there); each node on the way back adds itself and its rows. */
export function joinAnswer(
  state: MachineState,
  id: Bytes,
  target: NodeId,
  contacts: readonly Introduction[],
  hopCount: number,
): MessageOf<'joined'> {
  const { self, leafSet, table, constrained } = state;
  const gathered = [...contacts];
  const named = contacts.some(({ contact }) => state.isSelf(contact.nodeId));
  if (!named && gathered.length < CONTACTS_MAX) gathered.push({ contact: self, via: [] });
  if (contacts.length === 0) addContacts(state, gathered, leafSet.members(), target, CONTACTS_MAX);
  const rowMax = Math.min(sharedDigits(self.nodeId, target), table.rowCount - 1);
  for (let row = rowMax; row >= 0; row--) {
    addContacts(state, gathered, constrained.row(row), target, CONTACTS_MAX);
    addContacts(state, gathered, table.row(row), target, CONTACTS_MAX);
  }
  return { type: 'joined', id, hopCount, contacts: gathered.map(({ contact, via }) => toWire(contact, via)) };
}
