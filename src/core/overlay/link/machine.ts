/** One link as a state machine: hello, agreement, two lanes, flow control, probes. Transport, time and checks are outside. */
import { unreachable } from '../../codec/assert.ts';
import { concat, type Bytes } from '../../codec/bytes.ts';
import { ok, refuse, type Refusal, type Result } from '../../codec/result.ts';
import type { Contact } from '../contact.ts';
import type { Lane } from '../network.ts';
import { encodeFrame, FrameDecoder, type Frame } from './frame.ts';
import { closeCodec, helloCodec, refusalCodec, type Hello } from './hello.ts';
import { IncomingLane, OutgoingLanes } from './lanes.ts';
import {
  BULK_WINDOW_BYTES,
  CREDIT_EVERY_BYTES,
  HANDSHAKE_MS,
  LINK_VERSION,
  PONGS_WAITING_MAX,
  WRITE_BYTES_MAX,
} from './limits.ts';
import { Probes } from './probes.ts';

export type LinkEvent =
  | { readonly type: 'opened' }
  /** The bytes are ours from now on: messages are views of them. */
  | { readonly type: 'received'; readonly bytes: Bytes }
  /** Answer to `check`. */
  | { readonly type: 'checked'; readonly result: Result<Contact> }
  /** Answers to `agreed`, on the arbiter's side: this link it is, or not. */
  | { readonly type: 'accept' }
  | { readonly type: 'refuse'; readonly refusal: Refusal }
  /** `ticket` names the message in `taken` and `rejected`. */
  | { readonly type: 'send'; readonly message: Bytes; readonly lane: Lane; readonly ticket: number }
  /** The transport can take more. */
  | { readonly type: 'writable' }
  /** Every TICK_MS. */
  | { readonly type: 'tick' }
  /** Asks for proof of life: `probed` follows, or the link goes down. */
  | { readonly type: 'probe' }
  | { readonly type: 'close'; readonly reason: string }
  /** The transport's stream has ended. */
  | { readonly type: 'ended' };

export type LinkEffect =
  /** For the transport, in this order. */
  | { readonly type: 'write'; readonly bytes: Bytes }
  /** Check the certificate against the ring and the transport's key; answer with `checked`. */
  | { readonly type: 'check'; readonly hello: Hello }
  /** On the arbiter's side: both accept each other's certificates; answer with `accept` or `refuse`. */
  | { readonly type: 'agreed'; readonly contact: Contact }
  | { readonly type: 'up'; readonly contact: Contact }
  | { readonly type: 'message'; readonly message: Bytes }
  | { readonly type: 'taken'; readonly ticket: number }
  | { readonly type: 'rejected'; readonly ticket: number; readonly code: 'congested' | 'no-link' }
  | { readonly type: 'probed' }
  /** We refused something: count it. */
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /**
   * The last effect. `reason`: `closed`, `lost`, `refused`, or our own word. `detail`: the other side's refusal.
   * `abort`: the transport is not to be trusted to end by itself.
   */
  | {
      readonly type: 'down';
      readonly reason: string;
      readonly detail: Refusal | undefined;
      readonly abort: boolean;
    };

type State = 'greeting' | 'checking' | 'agreeing' | 'up' | 'down';

export interface LinkOptions {
  /** Our encoded hello. */
  readonly hello: Bytes;
  /** Of two nodes the one with the smaller peer key decides which of several streams becomes their link. */
  readonly arbiter: boolean;
  readonly now: number;
}

export class LinkMachine {
  readonly #options: LinkOptions;
  readonly #decoder = new FrameDecoder();
  readonly #outgoing = new OutgoingLanes();
  readonly #incoming: Readonly<Record<Lane, IncomingLane>> = {
    control: new IncomingLane(),
    bulk: new IncomingLane(),
  };
  readonly #probes: Probes;
  /** Frames that go before all messages. */
  #urgent: Bytes[] = [];
  #pongs: Bytes[] = [];
  /** The tick's ping; a newer one takes its place. */
  #ping: Bytes | undefined;
  /** Bulk bytes received for which no credit was given yet. */
  #consumed = 0;
  #state: State = 'greeting';
  /** The other side accepts us. */
  #accepted = false;
  #contact: Contact | undefined;
  #effects: LinkEffect[] = [];

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#probes = new Probes(options.now);
  }

  get state(): State {
    return this.#state;
  }

  /** Whether a `writable` event would write something. */
  get hasOutput(): boolean {
    if (this.#state === 'down') return false;
    const urgent = this.#urgent.length > 0 || this.#pongs.length > 0 || this.#ping !== undefined;
    return urgent || this.#consumed >= CREDIT_EVERY_BYTES || this.#outgoing.ready;
  }

  /** Smoothed round-trip time in milliseconds. */
  get rttMs(): number | undefined {
    return this.#probes.rttMs;
  }

  step(event: LinkEvent, now: number): readonly LinkEffect[] {
    this.#effects = [];
    if (this.#state !== 'down') this.#on(event, now);
    else if (event.type === 'send')
      this.#effects.push({ type: 'rejected', ticket: event.ticket, code: 'no-link' });
    return this.#effects;
  }

  #on(event: LinkEvent, now: number): void {
    switch (event.type) {
      case 'opened':
        this.#urgent.push(encodeFrame('hello', this.#options.hello));
        return;
      case 'received':
        return this.#onReceived(event.bytes, now);
      case 'checked':
        return this.#onChecked(event.result);
      case 'accept':
        return this.#onAccept();
      case 'refuse':
        return this.#refuse(event.refusal);
      case 'send':
        return this.#onSend(event.message, event.lane, event.ticket);
      case 'writable':
        return this.#write(now);
      case 'tick':
        return this.#onTick(now);
      case 'probe':
        this.#urgent.push(this.#probes.challenge(now));
        return;
      case 'close':
        return this.#close(event.reason, now);
      case 'ended':
        if (this.#decoder.truncated) this.#count(refuse('truncated', 'a stream that ended inside a frame'));
        return this.#down('lost', true);
      default:
        unreachable(event);
    }
  }

  #onReceived(bytes: Bytes, now: number): void {
    this.#probes.heard(now);
    const { frames, refusal } = this.#decoder.push(bytes);
    for (const frame of frames) {
      const result = this.#onFrame(frame, now);
      if (!result.ok) return this.#refuse(result);
      if (this.state === 'down') return;
    }
    if (refusal !== undefined) this.#refuse(refusal);
  }

  #onFrame({ type, payload }: Frame, now: number): Result<unknown> {
    switch (type) {
      case 'hello':
        return this.#onHello(payload);
      case 'accept':
        return this.#onAccepted(payload);
      case 'refuse':
        return this.#onRefused(payload);
      case 'close':
        return this.#onClosed(payload);
    }
    if (this.#state !== 'up') return refuse('unexpected-frame', `a ${type} frame before the link is up`);
    switch (type) {
      case 'ping':
        if (payload.length !== Probes.TOKEN_BYTES) return refuse('malformed', 'a ping of a wrong length');
        this.#pongs = [...this.#pongs, encodeFrame('pong', payload)].slice(-PONGS_WAITING_MAX);
        return ok(true);
      case 'pong':
        if (this.#probes.answered(payload, now)) this.#effects.push({ type: 'probed' });
        return ok(true);
      case 'credit':
        if (payload.length !== 4) return refuse('malformed', 'a credit of a wrong length');
        return this.#outgoing.grant(new DataView(payload.buffer, payload.byteOffset).getUint32(0));
      case 'control-part':
      case 'control-end':
        return this.#onFragment('control', payload, type === 'control-end');
      case 'bulk-part':
      case 'bulk-end':
        return this.#onBulk(payload, type === 'bulk-end');
      default:
        return unreachable(type);
    }
  }

  #onHello(payload: Uint8Array): Result<unknown> {
    if (this.#state !== 'greeting') return refuse('unexpected-frame', 'a second hello');
    const hello = helloCodec.decode(payload.slice());
    if (!hello.ok) return hello;
    this.#state = 'checking';
    this.#effects.push({ type: 'check', hello: hello.value });
    return ok(true);
  }

  #onChecked(result: Result<Contact>): void {
    if (this.#state !== 'checking') return;
    if (!result.ok) return this.#refuse(result);
    this.#contact = result.value;
    this.#state = 'agreeing';
    if (!this.#options.arbiter) this.#urgent.push(acceptFrame());
    else if (this.#accepted) this.#effects.push({ type: 'agreed', contact: result.value });
  }

  /** First the other node says that it accepts the arbiter's certificate, then the arbiter decides. */
  #onAccepted(payload: Uint8Array): Result<unknown> {
    if (payload.length > 0) return refuse('malformed', 'an accept with a payload');
    const expected = this.#state === 'agreeing' || (this.#options.arbiter && this.#state === 'checking');
    if (this.#accepted || !expected) return refuse('unexpected-frame', 'an accept that nobody waits for');
    this.#accepted = true;
    if (!this.#options.arbiter) this.#up();
    else if (this.#state === 'agreeing') this.#effects.push({ type: 'agreed', contact: this.#contact! });
    return ok(true);
  }

  #onAccept(): void {
    if (!this.#options.arbiter || this.#state !== 'agreeing' || !this.#accepted) return;
    this.#urgent.push(acceptFrame());
    this.#up();
  }

  #up(): void {
    this.#state = 'up';
    this.#effects.push({ type: 'up', contact: this.#contact! });
  }

  #onRefused(payload: Uint8Array): Result<unknown> {
    const decoded = refusalCodec.decode(payload);
    if (!decoded.ok) return decoded;
    this.#down('refused', true, refuse(decoded.value.code, decoded.value.reason));
    return ok(true);
  }

  #onClosed(payload: Uint8Array): Result<unknown> {
    const decoded = closeCodec.decode(payload);
    if (!decoded.ok) return decoded;
    this.#down('closed', false);
    return ok(true);
  }

  #onBulk(payload: Bytes, last: boolean): Result<unknown> {
    this.#consumed += payload.length;
    if (this.#consumed > BULK_WINDOW_BYTES) return refuse('flow-control', 'more bulk than was allowed');
    return this.#onFragment('bulk', payload, last);
  }

  #onFragment(lane: Lane, payload: Bytes, last: boolean): Result<unknown> {
    const added = this.#incoming[lane].add(payload, last);
    if (added.ok && added.value !== undefined) this.#effects.push({ type: 'message', message: added.value });
    return added;
  }

  #onSend(message: Bytes, lane: Lane, ticket: number): void {
    if (this.#state !== 'up') this.#effects.push({ type: 'rejected', ticket, code: 'no-link' });
    else if (!this.#outgoing.add(message, lane, ticket))
      this.#effects.push({ type: 'rejected', ticket, code: 'congested' });
  }

  #onTick(now: number): void {
    if (this.#state !== 'up') {
      if (now - this.#options.now > HANDSHAKE_MS)
        this.#refuse(refuse('handshake-timeout', 'a node that did not introduce itself in time'));
      return;
    }
    const next = this.#probes.tick(now);
    if (next === 'dead') return this.#down('lost', true);
    if (next !== undefined) this.#ping = next;
  }

  /** Writes at most WRITE_BYTES_MAX and a frame: what is urgent, then control, then bulk. */
  #write(now: number): void {
    const frames = this.#upkeep();
    const taken: number[] = [];
    let bytes = 0;
    for (const frame of frames) bytes += frame.length;
    while (bytes < WRITE_BYTES_MAX) {
      const next = this.#outgoing.next();
      if (next === undefined) break;
      this.#probes.said(now);
      frames.push(next.frame);
      bytes += next.frame.length;
      if (next.done !== undefined) taken.push(next.done);
    }
    if (bytes > 0)
      this.#effects.push({ type: 'write', bytes: frames.length === 1 ? frames[0]! : concat(...frames) });
    for (const ticket of taken) this.#effects.push({ type: 'taken', ticket });
  }

  /** Frames that go before all messages. */
  #upkeep(): Bytes[] {
    const frames = this.#urgent;
    this.#urgent = [];
    if (this.#pongs.length > 0) {
      frames.push(...this.#pongs);
      this.#pongs = [];
    }
    if (this.#consumed >= CREDIT_EVERY_BYTES) frames.push(this.#creditFrame());
    if (this.#ping !== undefined) frames.push(this.#ping);
    this.#ping = undefined;
    return frames;
  }

  /** Credit is given only when it can be written: a sender that does not read gets none. */
  #creditFrame(): Bytes {
    const credit = new Uint8Array(4);
    new DataView(credit.buffer).setUint32(0, this.#consumed);
    this.#consumed = 0;
    return encodeFrame('credit', credit);
  }

  /** Says good-bye: control messages that wait still go out before it, bulk ones do not. */
  #close(reason: string, now: number): void {
    while (this.#outgoing.controlReady) this.#write(now);
    const body = closeCodec.encode({ v: LINK_VERSION, reason: reason.slice(0, 64) });
    this.#urgent.push(encodeFrame('close', body));
    this.#writeUrgent();
    this.#down(reason, false);
  }

  #refuse(refusal: Refusal): void {
    this.#count(refusal);
    const reason = refusal.reason.slice(0, 300);
    const body = refusalCodec.encode({ v: LINK_VERSION, code: refusal.code.slice(0, 64), reason });
    this.#urgent.push(encodeFrame('refuse', body));
    this.#writeUrgent();
    this.#down('refused', false, refusal);
  }

  #writeUrgent(): void {
    this.#effects.push({ type: 'write', bytes: concat(...this.#urgent) });
    this.#urgent = [];
  }

  #count(refusal: Refusal): void {
    this.#effects.push({ type: 'refused', refusal });
  }

  #down(reason: string, abort: boolean, detail?: Refusal): void {
    this.#state = 'down';
    for (const ticket of this.#outgoing.drop())
      this.#effects.push({ type: 'rejected', ticket, code: 'no-link' });
    this.#effects.push({ type: 'down', reason, detail, abort });
  }
}

function acceptFrame(): Bytes {
  return encodeFrame('accept', new Uint8Array(0));
}
