/** Renews the node certificate while the node runs: a node whose certificate has expired is not spoken to. */
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { refuse, type Refusal, type Result } from '../codec/result.ts';
import { sentence } from './sentences.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import { verifyNodeCertificate, type NodeCertificate, type RingTrust } from '../identity/certificates.ts';
import { BackgroundTask } from '../post/background-task.ts';
import type { Notices } from './notices.ts';
import { isSameNode } from './own-contact.ts';

const HOUR_MS = 60 * 60 * 1000;
/** It is renewed when this part of its life is left. */
const LEFT_PART = 1 / 3;
/** The date is looked at so often: a machine that slept may have missed it. */
const LOOK_MS = HOUR_MS;
/** Pauses after failures: this long at first, then twice as long each time. */
export const RETRY_MS_MIN = 60_000;
export const RETRY_MS_MAX = 6 * HOUR_MS;
/** When so little of its life is left, the person hears of it: 3 days. */
const WARN_MS = 3 * 24 * HOUR_MS;
const NOTICE = 'certificate';

/** From when on the certificate should be renewed: milliseconds since 1970. */
export function renewalDueAt({ body: { notBefore, notAfter } }: NodeCertificate): number {
  return notAfter - LEFT_PART * (notAfter - notBefore);
}

export interface CertificateRenewalPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly notices: Notices;
  readonly trust: RingTrust;
  /** The one in use. */
  readonly current: () => NodeCertificate;
  /** Asks the authority. Its refusals, or `unreachable`; a rejection is taken for one. */
  readonly ask: () => Promise<Result<NodeCertificate>>;
  /** A newer one of the same node, checked. */
  readonly renewed: (certificate: NodeCertificate) => void;
}

export class CertificateRenewal {
  readonly #ports: CertificateRenewalPorts;
  readonly #task: BackgroundTask;
  #failures = 0;

  /** Looks at the date at once. */
  constructor(ports: CertificateRenewalPorts) {
    this.#ports = ports;
    this.#task = new BackgroundTask(
      ports.clock,
      () => this.#look(),
      (error) => ports.counters.refused('certificate', refuse('failed', String(error))),
    );
    this.#task.wake();
  }

  /** The machine slept, or has a network again. */
  wake(): void {
    if (this.#isDue()) this.#task.hurry();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  #isDue(): boolean {
    return this.#ports.clock.now() >= renewalDueAt(this.#ports.current());
  }

  async #look(): Promise<number> {
    const { clock, current, renewed, notices, counters } = this.#ports;
    if (!this.#isDue()) return Math.min(LOOK_MS, renewalDueAt(current()) - clock.now());
    const answer = await this.#ask();
    if (answer.ok) {
      this.#failures = 0;
      counters.add('certificate.renewed');
      renewed(answer.value);
      notices.over(NOTICE);
      return LOOK_MS;
    }
    counters.refused('certificate', answer);
    this.#warn(answer);
    return this.#pauseMs();
  }

  async #ask(): Promise<Result<NodeCertificate>> {
    const { ask, trust, clock, current } = this.#ports;
    const answer = await ask().catch((error: unknown) => refuse('unreachable', String(error)));
    if (!answer.ok) return answer;
    const checked = await verifyNodeCertificate(answer.value, trust, clock.now());
    if (!checked.ok) return checked;
    if (!isSameNode(answer.value, current()))
      return refuse('another-node', 'a certificate of another node than this one');
    if (checked.value.notAfter <= current().body.notAfter)
      return refuse('not-newer', 'a certificate that ends no later than the present one');
    return answer;
  }

  /** 75% to 125% of it, so that the tabs of an office do not all ask again at once. */
  #pauseMs(): number {
    const pause = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(this.#failures++, 20));
    return Math.round(pause * (0.75 + randomBelow(this.#ports.random, 1_000) / 2_000));
  }

  #warn({ reason }: Refusal): void {
    const { clock, current, notices } = this.#ports;
    const leftMs = current().body.notAfter - clock.now();
    if (leftMs > WARN_MS) return;
    const days = Math.max(0, Math.ceil(leftMs / (24 * HOUR_MS)));
    notices.show(NOTICE, 'warning', certificateNotice(days, reason));
  }
}

function certificateNotice(days: number, reason: string): string {
  if (days === 0) return sentence('notice/certificate-ended', { reason });
  if (days === 1) return sentence('notice/certificate-day', { reason });
  return sentence('notice/certificate', { days, reason });
}
