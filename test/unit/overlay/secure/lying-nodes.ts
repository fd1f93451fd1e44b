/** Makes nodes of a test ring answer the services of secure routing as a coalition would. */
import type { Bytes } from '../../../../src/core/codec/bytes.ts';
import { idText, type NodeId } from '../../../../src/core/codec/id.ts';
import type { NearestBody } from '../../../../src/core/identity/signing-purposes.ts';
import { toWire, type Contact } from '../../../../src/core/overlay/contact.ts';
import { ServiceRefusal, type Overlay } from '../../../../src/core/overlay/overlay.ts';
import { FORWARD_SERVICE, forwardRequest } from '../../../../src/core/overlay/secure/forward.ts';
import {
  NEAREST_SERVICE,
  nearestAnswer,
  nearestRequest,
  statementBody,
} from '../../../../src/core/overlay/secure/statements.ts';

export interface LyingNode {
  readonly contact: Contact;
  readonly overlay: Pick<Overlay, 'handle'>;
  readonly sign: (purpose: 'nearest', body: NearestBody) => Promise<Bytes>;
}

/** All of `nodes` answer with the statements of `members`, who name each other. A node that is a member speaks first. */
export function lieAbout(nodes: readonly LyingNode[], members: readonly LyingNode[]): void {
  for (const node of nodes) {
    const others = members.filter((member) => member !== node);
    const speakers = others.length < members.length ? [node, ...others] : members;
    const answer = (body: Bytes): Promise<Bytes> => statements(body, speakers);
    node.overlay.handle(NEAREST_SERVICE, answer, { forwardable: true });
    node.overlay.handle(FORWARD_SERVICE, (body) => {
      const decoded = forwardRequest.decode(body);
      if (!decoded.ok || decoded.value.service !== NEAREST_SERVICE) throw refusal();
      return answer(decoded.value.body);
    });
  }
}

/** They have nothing to say. */
export function refuseAll(nodes: readonly LyingNode[]): void {
  for (const { overlay } of nodes)
    for (const service of [NEAREST_SERVICE, FORWARD_SERVICE])
      overlay.handle(service, () => Promise.reject(refusal()), { forwardable: true });
}

async function statements(body: Bytes, speakers: readonly LyingNode[]): Promise<Bytes> {
  const question = nearestRequest.decode(body);
  if (!question.ok) throw refusal();
  const ids = speakers.map(({ contact }) => contact.nodeId);
  const said = speakers.map(async ({ contact, sign }) => {
    const nearest: NodeId[] = ids.filter((nodeId) => idText(nodeId) !== idText(contact.nodeId));
    const signature = await sign('nearest', statementBody(question.value, contact.peerKey, nearest));
    return { node: contact.nodeId, nearest, signature, contact: toWire(contact) };
  });
  return nearestAnswer.encode({ v: 1, statements: await Promise.all(said) });
}

function refusal(): ServiceRefusal {
  return new ServiceRefusal('busy', 'not now');
}
