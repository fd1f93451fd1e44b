/** Secure routing as the overlay's driver uses it: look-ups, the services they need, and ways to those they have found. */
import type { Bytes } from '../../codec/bytes.ts';
import type { Clock } from '../../codec/clock.ts';
import type { Counters } from '../../codec/counters.ts';
import type { Key, NodeId } from '../../codec/id.ts';
import type { Random } from '../../crypto/random.ts';
import { STATEMENT_NONCE_BYTES } from '../../identity/signing-purposes.ts';
import type { Vault } from '../../identity/vault.ts';
import type { ContactChecker } from '../contact-checker.ts';
import type { Contact } from '../contact.ts';
import type { FoundContacts } from '../introductions.ts';
import { OverlayError, type Lookup, type Overlay } from '../overlay.ts';
import { firstHopsOf } from './first-hops.ts';
import { FORWARD_SERVICE, FORWARDED_BYTES_MAX, Forwarder } from './forward.ts';
import { NearestService } from './nearest-service.ts';
import { NEIGHBOURS } from './neighbourhood.ts';
import { OwnRange } from './own-range.ts';
import type { SecureLookupOutcome } from './secure-lookup.ts';
import { SecureRun } from './secure-run.ts';
import { NEAREST_SERVICE } from './statements.ts';
import { Ways } from './ways.ts';

export interface SecureRoutingPorts {
  readonly overlay: Overlay;
  readonly vault: Pick<Vault, 'sign'>;
  readonly checker: ContactChecker;
  readonly found: FoundContacts;
  /** All whose certificates we have. */
  readonly contacts: () => Iterable<Contact>;
  readonly isForwardable: (service: string) => boolean;
  readonly isStopped: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
}

/** Pause before a look-up that nobody answered is tried again. */
export const AGAIN_MS = 500;

type Found = Extract<SecureLookupOutcome, { readonly ok: true }>;

export class SecureRouting {
  readonly #ports: SecureRoutingPorts;
  readonly #forwarder: Forwarder;
  readonly #ways: Ways;

  /** Registers the services. */
  constructor(ports: SecureRoutingPorts) {
    const { overlay, clock } = ports;
    this.#ports = ports;
    this.#forwarder = new Forwarder({ ...ports, self: overlay.self.nodeId });
    this.#ways = new Ways(clock);
    const nearest = new NearestService({ ...ports, self: () => overlay.self });
    overlay.handle(NEAREST_SERVICE, (body) => nearest.answer(body), { forwardable: true });
    overlay.handle(FORWARD_SERVICE, (body) => this.#forwarder.answer(body));
  }

  /** The nodes closest to the key. Rejects with OverlayError: `uncertain`, `not-ready`, `stopped`. */
  async lookup(key: Key, timeoutMs: number): Promise<Lookup> {
    const { overlay, clock, isStopped } = this.#ports;
    const deadline = clock.now() + timeoutMs;
    for (;;) {
      if (isStopped()) throw new OverlayError('stopped', 'this node has left the ring');
      const wasReady = overlay.ready;
      const left = Math.max(1, deadline - clock.now());
      const found = wasReady ? await this.#find(key, left) : undefined;
      if (found) return found;
      if (clock.now() >= deadline) throw failure(wasReady);
      await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve));
    }
  }

  /**
   * Asks a node by the ways on which a look-up has found it past liars; undefined when there are none, or none works. Liars can
   * refuse in its name: the other ways are tried before that is believed.
   * Rejects with OverlayError `refused`.
   */
  async reach(to: NodeId, service: string, body: Bytes, timeoutMs: number): Promise<Bytes | undefined> {
    const { isForwardable, counters, clock } = this.#ports;
    if (body.length > FORWARDED_BYTES_MAX || !isForwardable(service)) return undefined;
    const deadline = clock.now() + timeoutMs;
    const journeys = this.#ways.to(to);
    let refused: OverlayError | undefined;
    for (const [i, journey] of journeys.entries()) {
      // The last part of the time is for the ordinary way.
      const share = Math.floor((deadline - clock.now()) / (journeys.length - i + 1));
      try {
        return await this.#forwarder.send(journey, {
          service,
          body,
          timeoutMs: Math.max(1, share),
          last: to,
        });
      } catch (error) {
        if (!(error instanceof OverlayError) || error.code === 'stopped') throw error;
        if (isOfService(error)) refused ??= error;
        else counters.add('overlay.ways-failed');
      }
    }
    if (refused) throw refused;
    return undefined;
  }

  /** Undefined: too few have answered, which may be better soon. */
  async #find(key: Key, timeoutMs: number): Promise<Lookup | undefined> {
    const { overlay, random, contacts, counters } = this.#ports;
    const { spacing } = new OwnRange(overlay.self.nodeId, overlay.leafSet());
    if (spacing === undefined) return lookupOf(overlay.closest(key, NEIGHBOURS));
    const nonce = random.bytes(STATEMENT_NONCE_BYTES);
    const options = {
      key,
      nonce,
      spacing,
      timeoutMs,
      firstHops: firstHopsOf(overlay, random),
      contacts: contacts(),
    };
    const run = new SecureRun(
      { ...this.#ports, forwarder: this.#forwarder, known: (id) => overlay.contact(id) },
      options,
    );
    const outcome = await run.run();
    if (outcome.ok) {
      counters.add(`overlay.secure-${outcome.round}`);
      return this.#remember(outcome, run);
    }
    counters.add(`overlay.secure-${outcome.reason}`);
    if (outcome.reason === 'sparse')
      throw new OverlayError('uncertain', 'the nodes that were named around the key are too few to be all');
    return undefined;
  }

  #remember({ nearest, contested }: Found, run: SecureRun): Lookup {
    const { found } = this.#ports;
    const introductions = nearest.map(({ nodeId }) => run.introduction(nodeId)!);
    for (const introduction of introductions) found.add(introduction);
    for (const live of nearest)
      if (contested) this.#ways.remember(live);
      else this.#ways.forget(live);
    return lookupOf(introductions.map(({ contact }) => contact));
  }
}

function lookupOf(nearest: readonly Contact[]): Lookup {
  return { root: nearest[0]!, nearest, hops: 0 };
}

function failure(wasReady: boolean): OverlayError {
  if (wasReady) return new OverlayError('uncertain', 'too few nodes around the key have answered');
  return new OverlayError('not-ready', 'this node has not found its place in the ring yet');
}

/** The service itself said no; other failures are of the way. */
function isOfService({ code, refusalCode }: OverlayError): boolean {
  const ofWay = ['unreachable', 'busy', 'not-forwarded', 'not-ready', 'unknown-service'];
  return code === 'refused' && !ofWay.includes(refusalCode ?? '');
}
