/** Live devices of one person tell each other that their log has grown, so that nobody has to wait for the next look. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import type { NodeId } from '../codec/id.ts';
import { ServiceRefusal, type Overlay } from '../overlay/overlay.ts';
import type { Person } from './accounts.ts';

export const LOG_HINT_SERVICE = 'post/log-grew';
const HINT_TIMEOUT_MS = 3_000;

export interface LogHintsPorts {
  readonly overlay: Overlay;
  readonly counters: Counters;
  readonly deviceKey: Bytes;
  /** The own identity block: whose hints count. */
  readonly own: () => Person | undefined;
  /** Another device's log has grown. It is only a hint: the log itself is read and checked. */
  readonly grew: () => void;
}

export class LogHints {
  readonly #ports: LogHintsPorts;

  constructor(ports: LogHintsPorts) {
    this.#ports = ports;
    ports.overlay.handle(LOG_HINT_SERVICE, (_, from) => this.#heard(from));
  }

  /** This device's log has grown in the ring. Devices that are not live find out when they come. */
  tell(): void {
    const { overlay, counters } = this.#ports;
    for (const nodeId of this.#otherDevices())
      overlay
        .request(nodeId, LOG_HINT_SERVICE, new Uint8Array(0), { timeoutMs: HINT_TIMEOUT_MS })
        .catch(() => counters.add('post.hints-unheard'));
  }

  #heard(from: NodeId): Promise<Bytes> {
    if (!this.#otherDevices().some((nodeId) => equalBytes(nodeId, from)))
      return Promise.reject(new ServiceRefusal('not-yours', 'a hint from a node that is no device of ours'));
    this.#ports.grew();
    return Promise.resolve(new Uint8Array(0));
  }

  #otherDevices(): NodeId[] {
    const { own, deviceKey } = this.#ports;
    return (own()?.block.devices ?? [])
      .map(({ certificate }) => certificate.body)
      .filter((device) => !equalBytes(device.deviceKey, deviceKey))
      .map(({ nodeId }) => nodeId);
  }
}
