/** How much of the mail comes to a device by itself. */

/** A message with its attachments is pulled up to this size: 1 MiB. */
export const PULL_BYTES_MAX = 1024 * 1024;
