/** What routing asks of messages: small questions without state. */
import { equalBytes } from '../codec/bytes.ts';
import type { NodeId } from '../codec/id.ts';
import type { MessageOf, OverlayMessage } from './messages.ts';

export function includes(nodes: readonly NodeId[], nodeId: NodeId): boolean {
  for (const other of nodes) if (other === nodeId || equalBytes(other, nodeId)) return true;
  return false;
}

/** A request that nodes on its way may answer. */
export function isForRoot(message: OverlayMessage): message is MessageOf<'routed-request'> {
  return message.type === 'routed-request' && message.at === 'root' && !message.constrained;
}
