/** The named maxima and times of one link; every adapter of the Network port keeps to them. */
import { MESSAGE_BYTES_MAX } from '../../codec/limits.ts';
import type { Lane } from '../network.ts';

/** Bytes that wait in one lane of a link before `send` rejects with `congested`; each takes at least one message. */
export const QUEUE_BYTES_MAX: Readonly<Record<Lane, number>> = {
  control: 2 * MESSAGE_BYTES_MAX,
  bulk: 4 * MESSAGE_BYTES_MAX,
};

/** Messages that wait in one lane of a link before `send` rejects with `congested`. */
export const QUEUE_MESSAGES_MAX = 4096;
