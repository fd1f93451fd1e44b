/** What a person should read: each thing once, until it is dismissed or over. */
import { toHex, type Bytes } from '../codec/bytes.ts';
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

export const diskFullNotice =
  'The disk of this device is full. New mail waits with other devices of your organization, and nothing was lost. ' +
  'Free some space on this device, or remove large messages.';

/** `at`: when, in milliseconds. */
export function removedNotice(at: number): string {
  return (
    `This device was removed from your account on ${new Date(at).toISOString().slice(0, 10)}, by another device of yours. ` +
    'New mail is not sealed to it any more. Erase it under Devices, or add it to an account again after that.'
  );
}

/** The sentences for what can happen to the mailbox's logs. */
const alarmNotices: Readonly<Record<LogAlarm, readonly [NoticeView['kind'], string]>> = {
  recovered: [
    'info',
    'This device had lost the newest part of its mailbox; it was brought back from other devices of your organization. ' +
      'There is nothing to do.',
  ],
  'rolled-back': [
    'warning',
    'Devices of your organization show an older mailbox of your other device than was there before: they may be faulty, ' +
      'or lie. What you see here is the newer state; nothing was removed. Tell your operator if this stays.',
  ],
  forked: [
    'error',
    'There are two different histories of the mailbox of one of your devices: its disk was restored from a copy, or somebody ' +
      'uses its keys. The second history was not taken over. Check that device, and tell your operator. You end this when you ' +
      'stop following the device: it is removed from your account, and what was read of it stays in your mailbox.',
  ],
  withheld: [
    'warning',
    'One of your devices has seen newer changes of your mailbox than can be found now. They are asked for again, and come by ' +
      'themselves when the device that made them is opened. If it is gone for good, bring back what is left of them.',
  ],
  lost: [
    'warning',
    'A part of the changes that one of your devices made to your mailbox is not kept by any device of your organization any more, ' +
      'so what it did later cannot be read either. It comes back by itself when that device is opened. If it is gone for good, ' +
      'bring back what is left.',
  ],
  unreadable: [
    'warning',
    'Some changes of your mailbox cannot be read: they are damaged, or made by a newer version of this program. ' +
      'Reload the page to get the newest version.',
  ],
};

/** Id, kind and text of the notice of an alarm: one for each device that it is about, with what proves it and what can be done. */
export function alarmNotice(
  alarm: LogAlarm,
  evidence: LogEvidence | undefined,
  self: Bytes,
): readonly [id: string, kind: NoticeView['kind'], text: string, offers?: Offers] {
  const [kind, text] = alarmNotices[alarm];
  if (evidence === undefined) return [`log/${alarm}`, kind, text];
  const device = toHex(evidence.device);
  const removable = alarm === 'forked' && device !== toHex(self) ? { removable: device } : {};
  const rebuildable = alarm === 'withheld' || alarm === 'lost' ? { rebuildable: true as const } : {};
  const proof = `${text} What proves it: ${describeEvidence(evidence)}`;
  return [logNoticeId(alarm, device), kind, proof, { ...removable, ...rebuildable }];
}

/** What was said of the log of a device (hexadecimal key), which is none of the person's any more, is over. */
export function endLogNotices(notices: Notices, device: string): void {
  for (const alarm of Object.keys(alarmNotices) as LogAlarm[]) notices.over(logNoticeId(alarm, device));
}

function logNoticeId(alarm: LogAlarm, device: string): string {
  return `log/${alarm}/${device}`;
}

/** `label`: of the device. */
export function expelNotice(label: string, reason: string): string {
  return (
    `${label} was removed: nothing is sealed to it any more. Its place in the ring could not be taken away yet: ${reason} ` +
    'That is tried again by itself, and this notice goes when it is done.'
  );
}

export function fallbackNotice(name: string): string {
  return (
    `A message to ${name} was sealed with a long-lived key, for the device has not been online for days. Only ${name} can ` +
    'read it; but should that device be stolen later, this message is easier to get than others.'
  );
}

export function keyChangedNotice(address: string): string {
  return (
    `${address} has a new key. That happens when somebody starts anew without the recovery words, and it would happen if ` +
    'somebody else took over the name. Ask them on another way before you write anything confidential.'
  );
}

export function restoredNotice(messages: number): string {
  const count = messages === 1 ? '1 message was' : `${messages} messages were`;
  return `Your mailbox is back: ${count} found in the ring. They open from other devices until they are on this one.`;
}
