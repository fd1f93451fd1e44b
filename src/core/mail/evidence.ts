/** Compact proofs of the steps of a delivery, made of the signatures that storage and devices gave. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import type { Notification } from '../post/notification.ts';
import type { UploadHeld } from '../post/upload.ts';
import type { Receipt, Stored } from '../storage/storage.ts';
import { SIGNATURES_MAX, type Evidence } from './evidence-schema.ts';

/** Of blocks: the number of holders is that of the block that is held least; the signatures are the last block's. */
export function blockEvidence(last: Stored, others: UploadHeld | undefined): Evidence {
  const { holders, wanted } = heldBy(last);
  return {
    by: 'replicas',
    holders: Math.min(holders, others?.holders ?? holders),
    wanted: Math.max(wanted, others?.wanted ?? wanted),
    signatures: signaturesOf(last.receipts),
  };
}

/** How well a block is held. */
export function heldBy({ receipts, wanted }: Stored): UploadHeld {
  return { holders: distinctHolders(receipts), wanted };
}

/** Of a notification: `by` says whether a device of the recipient or replicas of the inbox signed. */
export function notificationEvidence(by: 'replicas' | 'device', receipts: readonly Receipt[]): Evidence {
  const holders = distinctHolders(receipts);
  return { by, holders, wanted: holders, signatures: signaturesOf(receipts) };
}

/** Of what a person's device signed. */
export function personEvidence({ body, deviceKey, signature }: Notification): Evidence {
  const signatures = [{ signer: deviceKey, about: body.id, at: body.at, signature }];
  return { by: 'person', holders: 1, wanted: 1, signatures };
}

/** Whether a node other than `self` (peer key) has signed: alone, a node can prove nothing to anybody. */
export function heldElsewhere(receipts: readonly Receipt[], self: Bytes): boolean {
  return receipts.some(({ body }) => toHex(body.holder) !== toHex(self));
}

function distinctHolders(receipts: readonly Receipt[]): number {
  return new Set(receipts.map(({ body }) => toHex(body.holder))).size;
}

function signaturesOf(receipts: readonly Receipt[]): Evidence['signatures'] {
  const byHolder = new Map(receipts.map((receipt) => [toHex(receipt.body.holder), receipt]));
  return [...byHolder.values()].slice(0, SIGNATURES_MAX).map(({ body, signature }) => ({
    signer: body.holder,
    about: body.held,
    at: body.at,
    signature,
  }));
}
