/**
 * A replica of inboxes as the delegate of those who are away (POST §3.3): while an inbox holds something, its replicas are
 * members of the owner's group. They say there when it grows, and remind a device that has come and left something in it.
 */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { DEVICES_MAX } from '../codec/limits.ts';
import { MulticastError, type Multicasts } from '../multicast/multicast.ts';
import { openPolicy } from '../multicast/policies.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import type { InboxStore } from '../storage/inbox-store.ts';
import { presenceCodec, sayPresence } from './presence.ts';

/** Says that something was left in the inbox; the body is empty. */
export const INBOX_HINT_SERVICE = 'post/inbox-grew';
/** Groups that one node is a delegate in; over that the one that was joined first is left: its devices read by themselves. */
export const DELEGATED_MAX = 512;
/** Entries that come within this time are one `grew`. */
export const TELL_EVERY_MS = 2_000;
/** A device that has come reads its inbox by itself; what is left after this it is reminded of. */
export const HAND_OVER_MS = 3_000;
const HINT_TIMEOUT_MS = 5_000;

export interface DelegatesPorts {
  readonly inboxes: Pick<InboxStore, 'keys' | 'count' | 'subscribe'>;
  readonly multicast: Multicasts;
  readonly overlay: Overlay;
  readonly clock: Clock;
  readonly counters: Counters;
}

interface Delegation {
  readonly key: Key;
  readonly leave: () => void;
  /** Nodes that have come and are looked after soon. */
  readonly came: Map<string, NodeId>;
  cancelTell: (() => void) | undefined;
  cancelHandOver: (() => void) | undefined;
  toldAt: number;
}

export class Delegates {
  readonly #ports: DelegatesPorts;
  readonly #delegations = new Map<string, Delegation>();
  readonly #unsubscribe: () => void;
  #stopped = false;

  constructor(ports: DelegatesPorts) {
    this.#ports = ports;
    this.#unsubscribe = ports.inboxes.subscribe((key, change) => {
      if (change === 'grew') this.#grew(key);
      else this.#guard(this.#shrank(key));
    });
  }

  /** The network is there: joins the groups of whoever this disk holds something for. */
  start(): void {
    const { inboxes } = this.#ports;
    this.#guard(inboxes.keys(DELEGATED_MAX).then((keys) => keys.forEach((key) => this.#delegation(key))));
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    for (const delegation of [...this.#delegations.values()]) this.#end(delegation);
  }

  #grew(key: Key): void {
    const delegation = this.#delegation(key);
    if (delegation === undefined || delegation.cancelTell !== undefined) return;
    const { clock, multicast, counters } = this.#ports;
    const pauseMs = Math.max(0, delegation.toldAt + TELL_EVERY_MS - clock.now());
    delegation.cancelTell = clock.after(pauseMs, () => {
      delegation.cancelTell = undefined;
      delegation.toldAt = clock.now();
      this.#guard(sayPresence(multicast, key, 'grew', counters));
    });
  }

  async #shrank(key: Key): Promise<void> {
    const delegation = this.#delegations.get(idText(key));
    if (delegation !== undefined && (await this.#ports.inboxes.count(key)) === 0) this.#end(delegation);
  }

  #delegation(key: Key): Delegation | undefined {
    const known = this.#delegations.get(idText(key));
    if (known !== undefined || this.#stopped) return known;
    if (this.#delegations.size >= DELEGATED_MAX) this.#end(this.#delegations.values().next().value!);
    const { multicast, counters } = this.#ports;
    try {
      const leave = multicast.join(key, openPolicy, {
        multicast: ({ payload, sender }) => {
          const said = presenceCodec.decode(payload);
          if (!said.ok) counters.refused('presence', said);
          else if (said.value.kind === 'here') this.#came(key, sender.nodeId);
        },
      });
      const delegation: Delegation = {
        key,
        leave,
        came: new Map(),
        cancelTell: undefined,
        cancelHandOver: undefined,
        toldAt: -Infinity,
      };
      this.#delegations.set(idText(key), delegation);
      return delegation;
    } catch (error) {
      if (!(error instanceof MulticastError)) throw error;
      counters.add(`post.delegate-${error.code}`);
      return undefined;
    }
  }

  /** Somebody says to be a device of the owner. If it is not, it learns that the inbox is not empty, as anybody may who asks. */
  #came(key: Key, nodeId: NodeId): void {
    const delegation = this.#delegations.get(idText(key));
    if (delegation === undefined || delegation.came.size >= DEVICES_MAX) return;
    delegation.came.set(idText(nodeId), nodeId);
    delegation.cancelHandOver ??= this.#ports.clock.after(HAND_OVER_MS, () => {
      delegation.cancelHandOver = undefined;
      this.#guard(this.#handOver(delegation));
    });
  }

  async #handOver({ key, came }: Delegation): Promise<void> {
    const { inboxes, overlay, counters } = this.#ports;
    const nodes = [...came.values()];
    came.clear();
    if (this.#stopped || (await inboxes.count(key)) === 0) return;
    counters.add('post.handed-over');
    for (const nodeId of nodes)
      overlay
        .request(nodeId, INBOX_HINT_SERVICE, new Uint8Array(0), { timeoutMs: HINT_TIMEOUT_MS })
        .catch((error: unknown) => {
          if (!(error instanceof OverlayError)) throw error;
          counters.add('post.hints-unheard');
        });
  }

  #end({ key, leave, cancelTell, cancelHandOver }: Delegation): void {
    this.#delegations.delete(idText(key));
    cancelTell?.();
    cancelHandOver?.();
    leave();
  }

  #guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (this.#stopped) return; // Its disk or network has gone.
      this.#ports.counters.refused('presence', { code: 'failed', reason: String(error) });
    });
  }
}
