/** A node in tests of the network port: its network, and what its handlers were told. */
import type { Bytes } from '../../src/core/codec/bytes.ts';
import { idText } from '../../src/core/codec/id.ts';
import type { Contact } from '../../src/core/overlay/contact.ts';
import type { Network } from '../../src/core/overlay/network.ts';

export type LinkNote =
  | { readonly type: 'up'; readonly node: string; readonly direct: boolean }
  | { readonly type: 'down'; readonly node: string; readonly reason: string };

export class NetworkPeer<N extends Network = Network> {
  readonly network: N;
  readonly contact: Contact;
  readonly events: LinkNote[] = [];
  readonly messages: { readonly from: string; readonly message: Bytes }[] = [];
  readonly #changed: () => void;

  /** `changed` is called after every note. */
  constructor(network: N, contact: Contact, changed: () => void = () => undefined) {
    this.network = network;
    this.contact = contact;
    this.#changed = changed;
  }

  get name(): string {
    return idText(this.contact.nodeId);
  }

  get ups(): number {
    return this.events.filter(({ type }) => type === 'up').length;
  }

  get downs(): number {
    return this.events.filter(({ type }) => type === 'down').length;
  }

  /** Whether the last thing heard of `other` is that its link is up. */
  sees(other: NetworkPeer): boolean {
    return this.events.findLast(({ node }) => node === other.name)?.type === 'up';
  }

  start(): Promise<void> {
    return this.network.start({
      linkUp: ({ nodeId }, direct) => this.#note({ type: 'up', node: idText(nodeId), direct }),
      linkDown: (nodeId, reason) => this.#note({ type: 'down', node: idText(nodeId), reason }),
      message: (from, message) => {
        this.messages.push({ from: idText(from), message });
        this.#changed();
      },
    });
  }

  #note(note: LinkNote): void {
    this.events.push(note);
    this.#changed();
  }
}
