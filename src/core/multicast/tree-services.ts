/** What this node answers others: as a root, and as a forwarder who is asked for the sender of what it forwarded. */
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import type { Refusal } from '../codec/result.ts';
import type { NodeCertificate } from '../identity/certificates.ts';
import { ServiceRefusal, type Overlay } from '../overlay/overlay.ts';
import type { Publication } from './machine-events.ts';
import {
  PUBLISH_SERVICE,
  publishReply,
  publishRequest,
  ROOT_SERVICE,
  rootReply,
  rootRequest,
  SENDER_SERVICE,
  senderReply,
  senderRequest,
  type PublishOutcome,
} from './requests.ts';
import type { Senders } from './senders.ts';

/** `publish`: what becomes of a multicast whose sender is known; its signature is not checked yet. */
export function registerTreeServices(
  overlay: Overlay,
  senders: Senders,
  counters: Counters,
  publish: (publication: Publication) => Promise<PublishOutcome>,
): void {
  async function onPublish(body: Bytes): Promise<Bytes> {
    const request = publishRequest.decode(body);
    if (!request.ok) throw refusing(counters, request);
    const { certificate, ...publication } = request.value;
    return publishReply.encode({ v: 1, outcome: await outcomeOf(publication, certificate) });
  }

  async function outcomeOf(
    publication: Publication,
    certificate: NodeCertificate | null,
  ): Promise<PublishOutcome> {
    if (senders.known(publication.sender) === undefined) {
      if (certificate === null) return { kind: 'who' };
      const learned = await senders.learn(certificate);
      if (!learned.ok) throw refusing(counters, learned);
    }
    return publish(publication);
  }

  overlay.handle(PUBLISH_SERVICE, onPublish);

  overlay.handle(ROOT_SERVICE, async (body) => {
    const request = rootRequest.decode(body);
    if (!request.ok) throw refusing(counters, request);
    return rootReply.encode({ v: 1, root: overlay.self.nodeId });
  });

  overlay.handle(SENDER_SERVICE, async (body) => {
    const request = senderRequest.decode(body);
    if (!request.ok) throw refusing(counters, request);
    return senderReply.encode({ v: 1, certificate: senders.known(request.value.sender) ?? null });
  });
}

/** Counts a refusal and makes it what the asking node gets. */
export function refusing(counters: Counters, refusal: Refusal): ServiceRefusal {
  counters.refused('multicast', refusal);
  return new ServiceRefusal(refusal.code, refusal.reason);
}
