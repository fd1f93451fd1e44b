/** The named maxima of everything a peer can drive (promise 5). Sizes in bytes, times in milliseconds. */

const KIB = 1024;
const MIB = 1024 * KIB;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A content block as stored. */
export const BLOCK_BYTES_MAX = MIB;
/** A chunk of a message before encryption. */
export const CHUNK_BYTES_MAX = 256 * KIB;
/** A record's value: log heads, identity blocks. */
export const RECORD_BYTES_MAX = 64 * KIB;
/** One entry of an inbox: a sealed notification. */
export const INBOX_ENTRY_BYTES_MAX = 32 * KIB;
/** Entries that one inbox holds. */
export const INBOX_ENTRIES_MAX = 10_000;
/** Any message on a link: a block and its envelope. */
export const MESSAGE_BYTES_MAX = BLOCK_BYTES_MAX + 16 * KIB;
/** A message that may be routed hop by hop; larger ones take a direct link. */
export const ROUTED_BYTES_MAX = 64 * KIB;
/** What one multicast or anycast carries. */
export const MULTICAST_BYTES_MAX = 64 * KIB;
/** A certificate with its signature. */
export const CERTIFICATE_BYTES_MAX = 4 * KIB;
/** One attachment, and all attachments of one message together: a bound for people's disks; memory does not depend on it. */
export const ATTACHMENT_BYTES_MAX = 1024 * MIB;
/** People one message may be addressed to. */
export const RECIPIENTS_MAX = 200;
/** Devices of one identity. */
export const DEVICES_MAX = 16;
/** Removed devices that an identity block still names, for what they wrote stays in the mailbox. */
export const REMOVED_DEVICES_MAX = 48;
/** Nodes one reply may name. */
export const CONTACTS_MAX = 96;
/** Links of a tab. */
export const LINKS_MAX = 48;
/** Dials under way at once. */
export const DIALS_MAX = 4;
/** How long a notification may be under way. */
export const RETENTION_MS = 60 * DAY_MS;
/** Life of a prekey. */
export const PREKEY_LIFE_MS = 10 * DAY_MS;
/** Life of a node certificate. */
export const NODE_CERTIFICATE_LIFE_MS = 30 * DAY_MS;
