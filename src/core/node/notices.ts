/** What a person should read: each thing once, until it is dismissed or over. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { sentence } from './sentences.ts';
import type { LogAlarm } from '../mail/mailbox-log.ts';
import { describeEvidence, type LogEvidence } from '../post/log-evidence.ts';
import type { NoticeView } from './client.ts';

/** Notices kept; further ones push out the oldest. */
export const NOTICES_MAX = 50;

/** What the person can do about it at once. */
type Offers = Pick<NoticeView, 'removable' | 'rebuildable'>;

export class Notices {
  readonly #notices = new Map<string, NoticeView>();
  /** Dismissed in this session: not shown again. */
  readonly #dismissed = new Set<string>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** `id` tells notices apart; the same one is shown once. */
  show(id: string, kind: NoticeView['kind'], text: string, offers: Offers = {}): void {
    if (this.#dismissed.has(id) || this.#notices.get(id)?.text === text) return;
    this.#notices.set(id, { id, kind, text, ...offers });
    if (this.#notices.size > NOTICES_MAX) this.#notices.delete(this.#notices.keys().next().value!);
    this.#changed();
  }

  /** The reason is gone: it may be shown again. */
  over(id: string): void {
    if (this.#notices.delete(id)) this.#changed();
  }

  dismiss(id: string): void {
    if (!this.#notices.has(id)) return;
    if (this.#dismissed.size >= NOTICES_MAX) this.#dismissed.clear();
    this.#dismissed.add(id);
    this.over(id);
  }

  /** Whether the person has dismissed it in this session. */
  isDismissed(id: string): boolean {
    return this.#dismissed.has(id);
  }

  /** Oldest first. */
  list(): readonly NoticeView[] {
    return [...this.#notices.values()];
  }
}

export const diskFullNotice = sentence('notice/disk-full');

export const overQuotaNotice = sentence('notice/over-quota');

/** `at`: when, in milliseconds. */
export function removedNotice(at: number): string {
  return sentence('notice/removed', { day: new Date(at).toISOString().slice(0, 10) });
}

/** How grave it is what can happen to the mailbox's logs. */
const alarmKinds: Readonly<Record<LogAlarm, NoticeView['kind']>> = {
  recovered: 'info',
  'rolled-back': 'warning',
  forked: 'error',
  withheld: 'warning',
  lost: 'warning',
  unreadable: 'warning',
};

/** Id, kind and text of the notice of an alarm: one for each device that it is about, with what proves it and what can be done. */
export function alarmNotice(
  alarm: LogAlarm,
  evidence: LogEvidence | undefined,
  self: Bytes,
): readonly [id: string, kind: NoticeView['kind'], text: string, offers?: Offers] {
  const [kind, text] = [alarmKinds[alarm], sentence(`notice/${alarm}`)];
  if (evidence === undefined) return [`log/${alarm}`, kind, text];
  const device = toHex(evidence.device);
  const removable = alarm === 'forked' && device !== toHex(self) ? { removable: device } : {};
  const rebuildable = alarm === 'withheld' || alarm === 'lost' ? { rebuildable: true as const } : {};
  const proved = sentence('notice/proved', { notice: text, proof: describeEvidence(evidence) });
  return [logNoticeId(alarm, device), kind, proved, { ...removable, ...rebuildable }];
}

/** What was said of the log of a device (hexadecimal key), which is none of the person's any more, is over. */
export function endLogNotices(notices: Notices, device: string): void {
  for (const alarm of Object.keys(alarmKinds) as LogAlarm[]) notices.over(logNoticeId(alarm, device));
}

function logNoticeId(alarm: LogAlarm, device: string): string {
  return `log/${alarm}/${device}`;
}

/** `label`: of the device. */
export function expelNotice(label: string, reason: string): string {
  return sentence('notice/expel', { label, reason });
}

export function fallbackNotice(name: string): string {
  return sentence('notice/fallback', { name });
}

export function keyChangedNotice(address: string): string {
  return sentence('notice/key-changed', { address });
}

export function restoredNotice(messages: number): string {
  return messages === 1 ? sentence('notice/restored-one') : sentence('notice/restored', { count: messages });
}
