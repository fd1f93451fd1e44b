/**
 * Certificates of nodes whose multicasts came: from what the overlay knows, else what came with the multicast, else from the
 * neighbour who sent it on.
 */
import type { Clock } from '../codec/clock.ts';
import { idText, type NodeId } from '../codec/id.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import {
  checkDates,
  verifyNodeCertificate,
  type NodeCertificate,
  type RingTrust,
} from '../identity/certificates.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { SENDERS_ASKED_MAX, SENDERS_MAX } from './limits.ts';
import { lengthened, type ShortCertificate } from './short-certificate.ts';
import { SENDER_SERVICE, senderReply, senderRequest } from './requests.ts';

const ASK_MS = 5_000;

export class Senders {
  readonly #overlay: Overlay;
  readonly #trust: RingTrust;
  readonly #clock: Clock;
  /** Checked, by the node's name, the longest unused first. */
  readonly #known = new Map<string, NodeCertificate>();
  /** Those being learned: at most SENDERS_ASKED_MAX are asked for, the others have come with multicasts that are being checked. */
  readonly #asked = new Map<string, Promise<Result<NodeCertificate>>>();

  constructor(overlay: Overlay, trust: RingTrust, clock: Clock) {
    this.#overlay = overlay;
    this.#trust = trust;
    this.#clock = clock;
  }

  /** The certificate of a node, if it is known and valid. */
  known(nodeId: NodeId): NodeCertificate | undefined {
    const name = idText(nodeId);
    const found = this.#known.get(name) ?? this.#overlay.contact(nodeId)?.certificate;
    if (!found || !checkDates('node certificate', found.body, this.#clock.now()).ok) return undefined;
    this.#remember(name, found);
    return found;
  }

  /** Takes what `from` said of it, or asks `from`, if it is not known. Refusals: `unknown-sender`, `busy`, those of verifyNodeCertificate. */
  async find(
    nodeId: NodeId,
    from: NodeId | undefined,
    told: ShortCertificate | undefined,
  ): Promise<Result<NodeCertificate>> {
    const known = this.known(nodeId);
    if (known) return ok(known);
    if (from === undefined) return refuse('unknown-sender', 'a multicast of a node that nobody knows');
    const name = `${idText(nodeId)}/${idText(from)}`;
    const asked = this.#asked.get(name);
    if (asked) return asked;
    if (!told && this.#asked.size >= SENDERS_ASKED_MAX) return refuse('busy', 'too many senders to ask for');
    const found = told ? this.learn(lengthened(told, this.#trust.ring, nodeId)) : this.#ask(nodeId, from);
    const asking = found.finally(() => this.#asked.delete(name));
    this.#asked.set(name, asking);
    return asking;
  }

  /** Checks a certificate and keeps it. Refusals: those of verifyNodeCertificate. */
  async learn(certificate: NodeCertificate): Promise<Result<NodeCertificate>> {
    const checked = await verifyNodeCertificate(certificate, this.#trust, this.#clock.now());
    if (!checked.ok) return checked;
    this.#remember(idText(certificate.body.nodeId), certificate);
    return ok(certificate);
  }

  async #ask(nodeId: NodeId, from: NodeId): Promise<Result<NodeCertificate>> {
    const body = senderRequest.encode({ v: 1, sender: nodeId });
    let answer: Uint8Array;
    try {
      answer = await this.#overlay.request(from, SENDER_SERVICE, body, { timeoutMs: ASK_MS });
    } catch (error) {
      return refuse('unknown-sender', `the sender of a multicast was not named: ${String(error)}`);
    }
    const reply = senderReply.decode(answer);
    if (!reply.ok) return reply;
    const { certificate } = reply.value;
    if (certificate === null || idText(certificate.body.nodeId) !== idText(nodeId))
      return refuse('unknown-sender', 'a multicast of a node that its forwarder does not know');
    return this.learn(certificate);
  }

  #remember(name: string, certificate: NodeCertificate): void {
    this.#known.delete(name);
    if (this.#known.size >= SENDERS_MAX) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(name, certificate);
  }
}
