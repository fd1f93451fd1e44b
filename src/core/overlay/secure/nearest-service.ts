/** The service by which a node says who lives nearest to a key, and fetches the statements of its neighbours. */
import { equalBytes, type Bytes } from '../../codec/bytes.ts';
import type { Counters } from '../../codec/counters.ts';
import { idText, type NodeId } from '../../codec/id.ts';
import type { Vault } from '../../identity/vault.ts';
import { toWire, type Contact } from '../contact.ts';
import { sortedByDistance } from '../leaf-set.ts';
import { OverlayError, ServiceRefusal, type Overlay } from '../overlay.ts';
import {
  HELD_BYTES,
  NEAREST_SERVICE,
  nearestAnswer,
  nearestRequest,
  statementBody,
  type NearestRequest,
  type SignedStatement,
} from './statements.ts';

export interface NearestServicePorts {
  /** Our own contact, with the certificate that is valid now. */
  readonly self: () => Contact;
  readonly overlay: Pick<Overlay, 'ready' | 'leafSet' | 'request'>;
  readonly vault: Pick<Vault, 'sign'>;
  readonly counters: Counters;
}

/** Nodes that a neighbour is asked to name: enough to find whom somebody has left out. */
const NEIGHBOURS_NAMED = 4;
/** A neighbour has this long to say who its neighbours are. */
export const NEIGHBOUR_MS = 800;
/** Questions that have statements of neighbours fetched at once; further ones get our own only. */
export const COLLECTIONS_MAX = 32;

export class NearestService {
  readonly #ports: NearestServicePorts;
  #collections = 0;

  constructor(ports: NearestServicePorts) {
    this.#ports = ports;
  }

  /** Rejects with ServiceRefusal: `not-ready`, or what the decoder says. */
  async answer(body: Bytes): Promise<Bytes> {
    const decoded = nearestRequest.decode(body);
    if (!decoded.ok) {
      this.#ports.counters.refused('overlay', decoded);
      throw new ServiceRefusal(decoded.code, decoded.reason);
    }
    const { overlay } = this.#ports;
    if (!overlay.ready) throw new ServiceRefusal('not-ready', 'this node has not found its place yet');
    const request = decoded.value;
    const { nearest, wanted } = namedBy(request, overlay.leafSet());
    const [own, others] = await Promise.all([this.#own(request, nearest), this.#neighbours(request, wanted)]);
    return nearestAnswer.encode({ v: 1, statements: [own, ...others] });
  }

  async #own(request: NearestRequest, nearest: readonly NodeId[]): Promise<SignedStatement> {
    const { vault } = this.#ports;
    const self = this.#ports.self();
    const body = statementBody(request, self.peerKey, nearest);
    const isHeld = request.held.some((start) => equalBytes(self.nodeId.subarray(0, HELD_BYTES), start));
    return {
      node: self.nodeId,
      nearest: body.nearest,
      signature: await vault.sign('nearest', body),
      contact: isHeld ? null : toWire(self),
    };
  }

  /** Those that answer; what they say is checked by who has asked. */
  async #neighbours(request: NearestRequest, wanted: readonly NodeId[]): Promise<readonly SignedStatement[]> {
    if (wanted.length === 0 || this.#collections >= COLLECTIONS_MAX) return [];
    this.#collections++;
    try {
      const question = neighbourQuestion(request);
      const answers = await Promise.all(wanted.map((nodeId) => this.#fetch(nodeId, question)));
      return answers.flatMap((answer) => answer ?? []);
    } finally {
      this.#collections--;
    }
  }

  async #fetch(nodeId: NodeId, question: Bytes): Promise<SignedStatement | undefined> {
    const { overlay, counters } = this.#ports;
    try {
      const reply = await overlay.request(nodeId, NEAREST_SERVICE, question, { timeoutMs: NEIGHBOUR_MS });
      const answer = nearestAnswer.decode(reply);
      if (!answer.ok) counters.refused('overlay', answer);
      const statement = answer.ok ? answer.value.statements[0] : undefined;
      return statement && equalBytes(statement.node, nodeId) ? statement : undefined;
    } catch (error) {
      if (!(error instanceof OverlayError)) throw error;
      counters.add('overlay.neighbours-silent');
      return undefined;
    }
  }
}

/** Of a leaf set, whom its owner names, the closest to the key first, and whose statements it fetches. */
export function namedBy(
  { key, count, wanted }: NearestRequest,
  leafSet: readonly Contact[],
): { readonly nearest: readonly NodeId[]; readonly wanted: readonly NodeId[] } {
  const leaves = sortedByDistance(key, leafSet).map(({ nodeId }) => nodeId);
  const nearest = leaves.slice(0, count);
  if (wanted === null) return { nearest, wanted: nearest };
  const names = new Set(wanted.map(idText));
  return { nearest, wanted: leaves.filter((nodeId) => names.has(idText(nodeId))) };
}

/** What a neighbour is asked on behalf of whoever has asked us. */
export function neighbourQuestion(request: NearestRequest): Bytes {
  return nearestRequest.encode({ ...request, count: NEIGHBOURS_NAMED, wanted: [] });
}
