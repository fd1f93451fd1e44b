/** One stream and its link machine: carries bytes, time and decisions between them. */
import type { Connection, Stream } from '@libp2p/interface';
import type { Bytes } from '../../core/codec/bytes.ts';
import { compareBytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import type { Refusal, Result } from '../../core/codec/result.ts';
import type { Contact } from '../../core/overlay/contact.ts';
import type { Hello } from '../../core/overlay/link/hello.ts';
import { TICK_MS } from '../../core/overlay/link/limits.ts';
import { LinkMachine, type LinkEffect, type LinkEvent } from '../../core/overlay/link/machine.ts';
import { NetworkError, type Lane } from '../../core/overlay/network.ts';
import { isRelayed } from './evidence.ts';
import { FLUSH_MS } from './limits.ts';

/** What a link tells the table of links. None of them may throw. */
export interface LinkOwner {
  check(hello: Hello, remoteKey: Bytes): Promise<Result<Contact>>;
  /** Only where we are the arbiter: call `accept` or `refuse`. */
  agreed(link: Link, contact: Contact): void;
  up(link: Link, contact: Contact): void;
  message(link: Link, message: Bytes): void;
  refused(refusal: Refusal): void;
  down(link: Link, reason: string, detail: Refusal | undefined): void;
}

export interface LinkInit {
  readonly stream: Stream;
  readonly connection: Connection;
  readonly outbound: boolean;
  readonly selfKey: Bytes;
  readonly remoteKey: Bytes;
  readonly hello: Bytes;
  readonly clock: Clock;
  readonly owner: LinkOwner;
}

interface Ticket {
  readonly taken: () => void;
  readonly failed: (error: NetworkError) => void;
}

export class Link {
  readonly connection: Connection;
  readonly outbound: boolean;
  readonly remoteKey: Bytes;
  readonly openedAt: number;
  contact: Contact | undefined;
  sentBytes = 0;
  receivedBytes = 0;
  readonly #stream: Stream;
  readonly #machine: LinkMachine;
  readonly #clock: Clock;
  readonly #owner: LinkOwner;
  readonly #tickets = new Map<number, Ticket>();
  readonly #effects: LinkEffect[] = [];
  #lastTicket = 0;
  #draining = false;
  #probed: ((alive: boolean) => void)[] = [];
  #cancelTick: () => void = () => undefined;
  #finish: () => void = () => undefined;
  /** Resolves when the stream has nothing more to write, after the link went down. */
  readonly finished = new Promise<void>((resolve) => {
    this.#finish = resolve;
  });

  constructor(init: LinkInit) {
    const { stream, connection, clock } = init;
    this.connection = connection;
    this.outbound = init.outbound;
    this.remoteKey = init.remoteKey;
    this.openedAt = clock.now();
    this.#stream = stream;
    this.#clock = clock;
    this.#owner = init.owner;
    const arbiter = compareBytes(init.selfKey, init.remoteKey) < 0;
    this.#machine = new LinkMachine({ hello: init.hello, arbiter, now: this.openedAt });
  }

  /** Says hello and listens. */
  open(): void {
    this.#stream.addEventListener('message', ({ data }) => {
      this.receivedBytes += data.byteLength;
      this.#dispatch({ type: 'received', bytes: data.subarray() as Bytes });
    });
    this.#stream.addEventListener('drain', () => this.#pump());
    this.#stream.addEventListener('remoteCloseWrite', () => this.#dispatch({ type: 'ended' }));
    this.#stream.addEventListener('close', () => this.#dispatch({ type: 'ended' }));
    this.#dispatch({ type: 'opened' });
    this.#tick();
  }

  get state(): LinkMachine['state'] {
    return this.#machine.state;
  }

  get relayed(): boolean {
    return isRelayed(this.connection);
  }

  get rttMs(): number | undefined {
    return this.#machine.rttMs;
  }

  send(message: Bytes, lane: Lane): Promise<void> {
    const ticket = ++this.#lastTicket;
    return new Promise((taken, failed) => {
      this.#tickets.set(ticket, { taken, failed });
      this.#dispatch({ type: 'send', message, lane, ticket });
    });
  }

  accept(): void {
    this.#dispatch({ type: 'accept' });
  }

  refuse(refusal: Refusal): void {
    this.#dispatch({ type: 'refuse', refusal });
  }

  close(reason: string): void {
    this.#dispatch({ type: 'close', reason });
  }

  /** Gives the link up without a word. */
  drop(): void {
    this.#dispatch({ type: 'ended' });
  }

  /** Whether the other side answers within `timeoutMs`. */
  probe(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(timeoutMs, () => resolve(false));
      this.#probed.push((alive) => {
        cancel();
        resolve(alive);
      });
      if (this.state === 'up') this.#dispatch({ type: 'probe' });
      else this.#settleProbes(false);
    });
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(TICK_MS, () => {
      this.#dispatch({ type: 'tick' });
      if (this.state !== 'down') this.#tick();
    });
  }

  /** Effects are carried out in the order in which they came, also when one of them causes further events. */
  #dispatch(event: LinkEvent): void {
    this.#effects.push(...this.#machine.step(event, this.#clock.now()));
    if (this.#draining) return;
    this.#draining = true;
    for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift())
      this.#carryOut(effect);
    this.#draining = false;
    if (event.type !== 'writable') this.#pump();
  }

  #pump(): void {
    while (this.#machine.hasOutput && !this.#stream.writableNeedsDrain && !this.#draining) {
      if (this.#stream.writeStatus !== 'writable') return;
      this.#dispatch({ type: 'writable' });
    }
  }

  #carryOut(effect: LinkEffect): void {
    switch (effect.type) {
      case 'write':
        return this.#write(effect.bytes);
      case 'check':
        void this.#owner
          .check(effect.hello, this.remoteKey)
          .then((result) => this.#dispatch({ type: 'checked', result }));
        return;
      case 'agreed':
        return this.#owner.agreed(this, effect.contact);
      case 'up':
        this.contact = effect.contact;
        return this.#owner.up(this, effect.contact);
      case 'message':
        return this.#owner.message(this, effect.message);
      case 'taken':
      case 'rejected':
        return this.#settle(effect);
      case 'probed':
        return this.#settleProbes(true);
      case 'refused':
        return this.#owner.refused(effect.refusal);
      case 'down':
        return this.#onDown(effect.reason, effect.detail, effect.abort);
    }
  }

  #write(bytes: Bytes): void {
    if (this.#stream.writeStatus !== 'writable') return;
    this.sentBytes += bytes.length;
    try {
      this.#stream.send(bytes);
    } catch (error) {
      this.#stream.abort(error instanceof Error ? error : new Error('the stream does not take bytes'));
    }
  }

  #settle(effect: LinkEffect & { readonly type: 'taken' | 'rejected' }): void {
    const ticket = this.#tickets.get(effect.ticket);
    this.#tickets.delete(effect.ticket);
    if (effect.type === 'taken') ticket?.taken();
    else
      ticket?.failed(
        effect.code === 'congested'
          ? new NetworkError('congested', 'this lane of the link is full')
          : new NetworkError('no-link', 'the link is down'),
      );
  }

  #settleProbes(alive: boolean): void {
    for (const settle of this.#probed.splice(0)) settle(alive);
  }

  #onDown(reason: string, detail: Refusal | undefined, abort: boolean): void {
    this.#cancelTick();
    this.#settleProbes(false);
    if (abort) {
      this.#stream.abort(new Error(`link ${reason}`));
      this.#finish();
    } else void this.#flush().then(this.#finish);
    this.#owner.down(this, reason, detail);
  }

  /** Lets the last words out. */
  async #flush(): Promise<void> {
    try {
      await this.#stream.close({ signal: AbortSignal.timeout(FLUSH_MS) });
    } catch (error) {
      this.#stream.abort(error instanceof Error ? error : new Error('the stream does not close'));
    }
  }
}
