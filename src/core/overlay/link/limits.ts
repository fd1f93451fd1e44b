/** The named maxima and times of one link; every adapter of the Network port keeps to them. */
import { MESSAGE_BYTES_MAX } from '../../codec/limits.ts';
import type { Lane } from '../network.ts';

/** Version of the wire format, in the hello. */
export const LINK_VERSION = 1;

/** A whole frame with its length prefix: WebRTC data channels cut messages at 16 KiB. */
export const FRAME_BYTES_MAX = 16 * 1024;
/** Part of a message that one frame carries; leaves room for the frame's head and the transport's own. */
export const FRAGMENT_BYTES_MAX = FRAME_BYTES_MAX - 128;
/** Fragments of one message: full ones need 66; tiny ones would cost far more memory than their bytes. */
export const FRAGMENTS_MAX = 256;

/** Bytes that wait in one lane of a link before `send` rejects with `congested`; each takes at least one message. */
export const QUEUE_BYTES_MAX: Readonly<Record<Lane, number>> = {
  control: 2 * MESSAGE_BYTES_MAX,
  bulk: 4 * MESSAGE_BYTES_MAX,
};
/** Messages that wait in one lane of a link before `send` rejects with `congested`. */
export const QUEUE_MESSAGES_MAX = 4096;

/** Bulk bytes that may be under way without the receiver's word: a control message waits for at most so many. */
export const BULK_WINDOW_BYTES = 512 * 1024;
/** Consumed bulk bytes after which the receiver gives credit for more. */
export const CREDIT_EVERY_BYTES = BULK_WINDOW_BYTES / 4;
/** Bytes handed to the transport at a time. */
export const WRITE_BYTES_MAX = 32 * 1024;

/** How often a link is looked at. */
export const TICK_MS = 1_200;
/** A link is probed when something was said and nothing came for so long: whatever answers by itself has time for it. */
export const UNANSWERED_MS = 2 * TICK_MS;
/**
 * An idle link is probed this often: web servers in front of relays cut websockets after a minute, and the overlay asks its
 * neighbours on the ring as often (liveness.ts).
 */
export const IDLE_MS = 30_000;
/** Probes, one a tick, without any byte received before a link counts as lost: 6 to 7.2 s after something was said. */
export const PROBES_MISSED_MAX = 3;
/** A busy link measures its round-trip time this often. */
export const RTT_EVERY_MS = 60_000;
/** Pings that are waiting for their answer to be written; older ones are forgotten. */
export const PONGS_WAITING_MAX = 4;
/** From opening the stream to both certificates checked. */
export const HANDSHAKE_MS = 10_000;
