/** The states of a delivery in words: the state word itself, and what it means. */
import type { DeliveryState, DeliveryView } from '../../core/mail/views.ts';
import { factsText } from '../format/sizes.ts';
import { worded } from '../format/worded.ts';
import { t } from '../i18n/translate.svelte.ts';

/** Quarters of the ring that are full: 0 to 4; a bounced one is struck instead. */
export const quarters: Readonly<Record<DeliveryState, number>> = {
  queued: 0,
  stored: 1,
  notified: 2,
  received: 3,
  read: 4,
  bounced: 0,
};

/** What stands beside the ring: the state, and for several recipients how far how many are. */
export function deliverySummary(delivery: DeliveryView): string {
  const { recipients } = delivery;
  if (recipients.length <= 1) {
    const reason = recipients[0]?.reason;
    return reason === undefined ? t.delivery.meanings[delivery.state] : worded(reason);
  }
  const counts = new Map<DeliveryState, number>();
  for (const recipient of recipients) counts.set(recipient.state, (counts.get(recipient.state) ?? 0) + 1);
  if (counts.size === 1)
    return t.delivery.allRecipients({
      count: recipients.length,
      meaning: t.delivery.meanings[delivery.state],
    });
  const states = [...counts].map(([state, count]) => t.delivery.countInState[state]({ count }));
  return t.delivery.someRecipients({ states: factsText(states) });
}

/** Part of the bytes that are replicated, 0 to 1, while a message is being stored; undefined while it waits for something. */
export function storedPart(delivery: DeliveryView): number | undefined {
  const { progress, recipients } = delivery;
  if (recipients.some(({ reason }) => reason !== undefined)) return undefined;
  if (delivery.state !== 'queued' || progress === undefined || progress.totalBytes === 0) return undefined;
  return Math.min(1, progress.doneBytes / progress.totalBytes);
}
