/** One node of the simulated world: the overlay's machine, and above it whatever else the node runs. */
import type { Key, NodeId } from '../../../src/core/codec/id.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type {
  CallId,
  CallOutcome,
  OverlayEffect,
  OverlayMachineEvent,
} from '../../../src/core/overlay/machine-events.ts';
import type { Way } from '../../../src/core/overlay/overlay.ts';

/** What routes for a node: `OverlayMachine`, or something malicious that looks like it from outside. */
export interface RingMachine {
  step(event: OverlayMachineEvent, now: number): readonly OverlayEffect[];
  readonly ready: boolean;
  /** Requests under way through the node. */
  readonly pendingCount: number;
  leafSet(): readonly Contact[];
  closest(key: Key, count: number): readonly Contact[];
  contact(nodeId: NodeId): Contact | undefined;
  nextHop(key: Key, now: number): Way;
  isLinked(nodeId: NodeId): boolean;
}

/** What the overlay hands upwards. */
export type UpwardEffect = Extract<OverlayEffect, { readonly type: 'deliver' | 'told' | 'event' }>;

/** What a layer may do with its node. */
export interface NodePort {
  readonly self: Contact;
  /** For its questions only; events go through `dispatch`, so that their effects are not lost. */
  readonly overlay: Omit<RingMachine, 'step'>;
  /** Milliseconds since 1970, as the node's machines see them. */
  now(): number;
  /** Gives the overlay's machine an event, after the effects of the present one. */
  dispatch(event: OverlayMachineEvent): void;
  /** Begins a call; `ended` is called once, unless the node dies before. */
  call(event: (call: CallId) => OverlayMachineEvent, ended: (outcome: CallOutcome) => void): void;
  /** Calls the layer's `timer` then, unless the node dies before; milliseconds since 1970. Timers do not replace one another. */
  setTimer(at: number): void;
}

/**
 * A machine above the overlay (multicast, secure look-ups), driven: it turns what comes up into the machine's events, and
 * the machine's effects into calls of its port. One object a node.
 */
export interface Layer {
  /** Whether it was for this layer; `event` goes to all layers. */
  receive(effect: UpwardEffect): boolean;
  timer(now: number): void;
}

export const NO_LAYERS: readonly Layer[] = [];

export class SimulatedNode {
  readonly index: number;
  readonly contact: Contact;
  /** Undefined while the node does not run. */
  machine: RingMachine | undefined;
  layers: readonly Layer[] = NO_LAYERS;

  constructor(index: number, contact: Contact) {
    this.index = index;
    this.contact = contact;
    this.machine = undefined;
  }
}
