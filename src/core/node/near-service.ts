/**
 * The service by which a node says whom it is linked with near a place of the ring. Relays are asked: all members are linked with
 * all of them, so that two honest ones name nearly the same nodes, and one that hides the ring from somebody stands out.
 */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { ok, type Result } from '../codec/result.ts';
import { codec, idSchema, listOf } from '../codec/schema.ts';
import { sortedByDistance } from '../overlay/leaf-set.ts';
import { OverlayError, ServiceRefusal } from '../overlay/overlay.ts';
import type { OverlayNode } from '../overlay/overlay-node.ts';

export const NEAR_SERVICE = 'node.near';
/** Nodes that one answer names. */
export const NEAR_MAX = 16;
/** Relays whose words are compared. */
const RELAYS_ASKED_MAX = 4;
/** Lists of fewer nodes say nothing: people come and go while two relays are asked. */
export const NEAR_MIN = 3;

export const nearRequest = codec('near request', v.strictObject({ v: v.literal(1), key: idSchema }), 64);

export const nearReply = codec(
  'near reply',
  v.strictObject({
    v: v.literal(1),
    nodes: v.pipe(
      listOf(idSchema, NEAR_MAX),
      v.check((nodes) => new Set(nodes.map(idText)).size === nodes.length, 'a node named twice'),
    ),
  }),
  1024,
);

/** Answers for this node: its linked nodes closest to the key, relays aside. */
export function serveNear(overlay: OverlayNode): void {
  overlay.handle(NEAR_SERVICE, (body, from) => answerNear(overlay, body, from));
}

async function answerNear(overlay: OverlayNode, body: Bytes, from: NodeId): Promise<Bytes> {
  const request = nearRequest.decode(body);
  if (!request.ok) throw new ServiceRefusal(request.code, request.reason);
  const linked = overlay
    .view()
    .peers.filter(({ contact, direct }) => direct !== undefined && contact.role !== 'relay')
    .map(({ contact }) => contact)
    .filter(({ nodeId }) => idText(nodeId) !== idText(from));
  const near = sortedByDistance(request.value.key, linked).slice(0, NEAR_MAX);
  return nearReply.encode({ v: 1, nodes: near.map(({ nodeId }) => nodeId) });
}

/** Whether two of these linked relays speak of different worlds near this node. Who does not answer says nothing. */
export async function relaysDiffer(
  overlay: OverlayNode,
  relays: readonly { readonly nodeId: NodeId }[],
  counters: Counters,
): Promise<boolean> {
  if (relays.length < 2) return false;
  const near = async (relay: NodeId): Promise<readonly (readonly NodeId[])[]> => {
    try {
      const answer = await askNear(overlay, relay, overlay.self.nodeId);
      if (answer.ok) return [answer.value];
      counters.refused('world', answer);
    } catch (error) {
      if (!(error instanceof OverlayError)) throw error;
      counters.add(`world.relay-${error.code}`);
    }
    return [];
  };
  const asked = relays.slice(0, RELAYS_ASKED_MAX);
  const lists = (await Promise.all(asked.map(({ nodeId }) => near(nodeId)))).flat();
  return lists.some((a, i) => lists.slice(i + 1).some((b) => differ(a, b)));
}

/** Asks a linked node. Refusals: those of a decoder. Rejects with OverlayError. */
export async function askNear(
  overlay: OverlayNode,
  of: NodeId,
  key: Key,
): Promise<Result<readonly NodeId[]>> {
  const reply = nearReply.decode(await overlay.request(of, NEAR_SERVICE, nearRequest.encode({ v: 1, key })));
  return reply.ok ? ok(reply.value.nodes) : reply;
}

/**
 * Whether two answers about one place speak of different worlds: both name at least NEAR_MIN nodes, or one does and the other
 * none, and less than a quarter of the shorter answer is in the longer one.
 */
export function differ(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  const [fewer, more] = a.length < b.length ? [a, b] : [b, a];
  if (more.length < NEAR_MIN) return false;
  if (fewer.length === 0) return true;
  if (fewer.length < NEAR_MIN) return false;
  const names = new Set(more.map(idText));
  return 4 * fewer.filter((nodeId) => names.has(idText(nodeId))).length < fewer.length;
}
