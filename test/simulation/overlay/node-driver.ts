/**
 * Drives the machines of all nodes: an event goes to the overlay's machine, its effects go to the transport, to the layers
 * above, and to whoever waits for a call. The counterpart of src/core/overlay/overlay-node.ts for the simulated world.
 */
import { assert } from '../../../src/core/codec/assert.ts';
import { equalBytes } from '../../../src/core/codec/bytes.ts';
import type {
  CallId,
  CallOutcome,
  OverlayEffect,
  OverlayMachineEvent,
} from '../../../src/core/overlay/machine-events.ts';
import { overlayCodec, type OverlayMessage } from '../../../src/core/overlay/messages.ts';
import type { Calls } from './calls.ts';
import type { Directory } from './directory.ts';
import type { EventQueue } from './event-queue.ts';
import { InvariantBroken, type Invariants } from './invariants.ts';
import type { LinkTable } from './link-table.ts';
import type { NodePort, RingMachine, SimulatedNode, UpwardEffect } from './node.ts';
import { NEVER, type Population } from './population.ts';
import type { TraceSink } from './trace.ts';
import type { Transport } from './transport.ts';
import type { Truth } from './truth.ts';

/** The machines' clock at the beginning: milliseconds since 1970. */
export const START_MS = Date.UTC(2026, 0, 1);

/** Kinds of events in the queue that are the driver's. */
export const TIMER = 4;
export const LAYER_TIMER = 5;

export interface DriverParts {
  readonly directory: Directory;
  readonly population: Population;
  readonly queue: EventQueue;
  readonly links: LinkTable;
  readonly transport: Transport;
  readonly truth: Truth;
  readonly calls: Calls;
  readonly invariants: Invariants;
  readonly trace: TraceSink | undefined;
  /** Every message goes through the codec. */
  readonly encode: boolean;
}

interface Waiting {
  readonly node: SimulatedNode;
  readonly life: number;
  readonly event: OverlayMachineEvent;
}

export class NodeDriver {
  /** Refusals that machines have counted, by code. */
  readonly refusals = new Map<string, number>();
  /** Nodes that lie: nothing is expected of them. */
  readonly malicious = new Set<number>();
  /** Steps of machines so far. */
  steps = 0;
  readonly #parts: DriverParts;
  /** What effects caused at once: it waits until all effects of the step are performed. */
  readonly #backlog: Waiting[] = [];
  #stepping = false;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  /** Gives a node's machine an event, at once unless another step is under way. */
  dispatch(node: SimulatedNode, event: OverlayMachineEvent): void {
    if (this.#stepping) {
      this.#backlog.push({ node, life: this.#lifeOf(node), event });
      return;
    }
    this.#stepping = true;
    try {
      if (node.machine !== undefined) this.#step(node, node.machine, event);
      for (let next = this.#backlog.shift(); next; next = this.#backlog.shift())
        if (next.node.machine !== undefined && this.#lifeOf(next.node) === next.life)
          this.#step(next.node, next.node.machine, next.event);
    } finally {
      this.#stepping = false;
    }
  }

  /** Begins a call of a node. `died`: the caller is gone, so that there will be no end. */
  call(
    node: SimulatedNode,
    timeoutMs: number,
    event: (call: CallId) => OverlayMachineEvent,
    ended: (outcome: CallOutcome) => void,
    died?: () => void,
  ): void {
    const { calls, queue } = this.#parts;
    const call = calls.begin(node.index, queue.now + timeoutMs, ended, died);
    this.dispatch(node, event(call));
  }

  /** What a layer of a node that runs may do. */
  port(node: SimulatedNode): NodePort {
    const { machine } = node;
    assert(machine !== undefined, 'a node that runs');
    const { queue } = this.#parts;
    return {
      self: node.contact,
      overlay: machine,
      now: () => START_MS + queue.now,
      dispatch: (event) => this.dispatch(node, event),
      call: (event, ended) => this.call(node, NEVER, event, ended),
      setTimer: (at) => {
        const { index, layers } = node;
        queue.add(Math.ceil(at - START_MS), LAYER_TIMER, index, this.#lifeOf(node), 0, layers);
      },
    };
  }

  /** Sets the timer of a node's machine; one that moves to a later time leaves its place in the queue as it is. */
  setTimer(index: number, at: number): void {
    const { population, queue } = this.#parts;
    const { timerAt, timerQueued } = population;
    timerAt[index] = Math.max(at, queue.now + 1);
    if (timerAt[index]! >= timerQueued[index]!) return;
    timerQueued[index] = timerAt[index]!;
    queue.add(timerAt[index]!, TIMER, index);
  }

  /** The timer event of a node has come. Whether its machine was due. */
  timer(node: SimulatedNode): boolean {
    const { population, queue } = this.#parts;
    const { timerAt, timerQueued, wakesAt } = population;
    const { index } = node;
    // An earlier one has taken its place.
    if (timerQueued[index] !== queue.now) return false;
    timerQueued[index] = NEVER;
    const at = timerAt[index]!;
    if (at === NEVER || wakesAt[index] !== 0) return false;
    if (at > queue.now) {
      this.setTimer(index, at);
      return false;
    }
    timerAt[index] = NEVER;
    this.dispatch(node, { type: 'timer' });
    return true;
  }

  layerTimer(node: SimulatedNode, life: number, layers: SimulatedNode['layers']): void {
    if (node.machine === undefined || this.#lifeOf(node) !== life || node.layers !== layers) return;
    for (const layer of layers) layer.timer(START_MS + this.#parts.queue.now);
  }

  /** Keeps the observer's list of ready nodes. Who is ready because it reaches nobody is in no ring with others. */
  noteReady(node: SimulatedNode): void {
    const { population, links, truth, trace, queue } = this.#parts;
    const { index } = node;
    const reaches = links.count(index) > 0 || population.aliveCount === 1;
    const ready = node.machine?.ready === true && population.isAwake(index) && reaches ? 1 : 0;
    if (ready === population.ready[index]) return;
    population.ready[index] = ready;
    if (population.isAwake(index)) trace?.node(queue.now, ready ? 'ready' : 'unready', index);
    if (ready) truth.enter(index);
    else truth.exit(index);
  }

  #lifeOf({ index }: SimulatedNode): number {
    return this.#parts.population.lives[index]!;
  }

  #step(node: SimulatedNode, machine: RingMachine, event: OverlayMachineEvent): void {
    const { queue, invariants } = this.#parts;
    this.steps++;
    const effects = machine.step(event, START_MS + queue.now);
    this.noteReady(node);
    for (const effect of effects) this.#perform(node, effect);
    if (node.machine !== machine || this.malicious.has(node.index)) return;
    this.#checkAnswers(node, event, effects);
    invariants.afterStep(node.index, machine, queue.now);
  }

  #checkAnswers(
    { index }: SimulatedNode,
    event: OverlayMachineEvent,
    effects: readonly OverlayEffect[],
  ): void {
    const { directory, invariants, queue } = this.#parts;
    for (const effect of effects) {
      if (effect.type !== 'send' || effect.message.type !== 'reply') continue;
      const { id, outcome } = effect.message;
      if (outcome.kind !== 'root' || directory.indexOf(outcome.nearest[0]!) !== index) continue;
      const asked = event.type === 'message' && event.message.type === 'lookup' ? event.message : undefined;
      const key = asked !== undefined && equalBytes(asked.id, id) ? asked.target : undefined;
      invariants.answers(index, id, key, queue.now);
    }
  }

  #perform(node: SimulatedNode, effect: OverlayEffect): void {
    const { transport, directory, calls } = this.#parts;
    const { index } = node;
    switch (effect.type) {
      case 'send': {
        const { to, message } = effect;
        if (!transport.send(index, directory.find(to), this.#onWire(message)))
          this.dispatch(node, { type: 'send-failed', to, message, lost: true });
        return;
      }
      case 'dial':
        return this.#dial(index, effect);
      case 'close':
        return transport.close(index, directory.find(effect.nodeId));
      case 'set-timer':
        return this.setTimer(index, Math.ceil(effect.at - START_MS));
      case 'deliver':
      case 'told':
      case 'event':
        return this.#handUp(node, effect);
      case 'complete':
        if (!calls.end(effect.call, effect.outcome)) this.#broken(index, 'a call ends that is not open');
        return;
      case 'refused':
        this.refusals.set(effect.code, (this.refusals.get(effect.code) ?? 0) + 1);
        return;
    }
  }

  #dial(index: number, { contact, via }: Extract<OverlayEffect, { type: 'dial' }>): void {
    const { transport, directory } = this.#parts;
    const begun = transport.dial(index, directory.find(contact.nodeId), via);
    if (!begun && !this.malicious.has(index)) this.#broken(index, 'more dials at once than allowed');
  }

  /** A service that no layer has gives back what it got. */
  #handUp(node: SimulatedNode, effect: UpwardEffect): void {
    for (const layer of node.layers) if (layer.receive(effect) && effect.type !== 'event') return;
    if (effect.type !== 'deliver') return;
    const answer = { kind: 'response', body: effect.body } as const;
    this.dispatch(node, { type: 'respond', delivery: effect.delivery, answer });
  }

  #onWire(message: OverlayMessage): OverlayMessage {
    if (!this.#parts.encode) return message;
    const decoded = overlayCodec.decode(overlayCodec.encode({ v: 1, m: message }));
    assert(decoded.ok, `what a machine sends decodes: ${decoded.ok ? '' : decoded.reason}`);
    return decoded.value.m;
  }

  #broken(index: number, what: string): never {
    throw new InvariantBroken(`after ${this.#parts.queue.now} ms, node ${index}: ${what}`);
  }
}
