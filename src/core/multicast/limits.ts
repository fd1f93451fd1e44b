/** The named maxima and times of multicast. Sizes in bytes, times in milliseconds. */

/** Groups of a node beyond which it becomes no forwarder of more. */
export const GROUPS_MAX = 16_384;
/** Groups that one node is a member of: there is room for these in any case. */
export const MEMBERSHIPS_MAX = 1_024;
/** Groups in which one neighbour may be our child. */
export const GROUPS_PER_NEIGHBOUR_MAX = 1_024;
/** Children of one group; with more, one is handed to another child. */
export const CHILDREN_MAX = 16;
/** Children of one group that are taken at all: not all can be handed on, having no link to another child. A tab has fewer links. */
export const CHILDREN_TAKEN_MAX = 1_024;
/** Nodes between the root and a member. */
export const DEPTH_MAX = 32;
/** Other children named to a child that is handed on. */
export const OTHERS_MAX = 64;
/** Times that a child is sent elsewhere on one way down the tree. */
export const MOVES_MAX = 16;
/** Groups that one heartbeat, renewal or leave speaks of. */
export const CHANNELS_MAX = 512;
/** How a child names a group to its parent. */
export const CHANNEL_MAX = 2 ** 32 - 1;

/** A parent that had nothing to forward says after this that it is alive. Scribe §2.3. */
export const HEARTBEAT_MS = 30_000;
/** A child that heard nothing for this long looks for another parent: two heartbeats may be lost. */
export const PARENT_SILENT_MS = 75_000;
/** A child renews its lease this often. */
export const RENEW_MS = 60_000;
/** A child that did not renew for this long is dropped: two renewals may be lost. */
export const LEASE_MS = 200_000;
/** Leases, heartbeats and silence are looked at this often. */
export const ROUND_MS = 5_000;
/** A timer that is later than this means that the machine slept. */
export const SLEPT_MS = 10_000;

/** Children hear of a new path from the root at most this often. */
export const PATH_MS = 1_000;
/** How long a join waits for its answer. */
export const JOIN_MS = 2_000;
/** A join that failed is tried again after this, ever more rarely. */
export const RETRY_MS = 500;
export const RETRY_MS_MAX = 16_000;
/** After a loop a node waits up to this before it joins again: not all of them at once. */
export const LOOP_PAUSE_MS = 500;
/** A node without a parent for so long lets its children look for themselves. */
export const ORPHAN_MS = 20_000;
/** What a former parent still had on its way is taken for so long. */
export const FORMER_PARENT_MS = 5_000;
/** How long a child that is handed on has to find its new parent before another is chosen. */
export const HANDOVER_MS = 6_000;
/** A child that could not go is not asked again before this. */
export const STAY_MS = 300_000;

/** Senders whose sequences are followed, the longest silent forgotten first; all groups together. */
export const STREAMS_MAX = 8_192;
/** Multicasts of one sender that may overtake a missing one before that is given up. */
export const OVERTAKING_MAX = 128;
/** Lost multicasts of one sender that are still welcome when they come late. */
export const LATE_MAX = 64;
/** A missing multicast is reported after this: those that took another way have come by then. */
export const GAP_GRACE_MS = 2_000;

/** Multicasts whose signatures are being checked. */
export const CHECKING_MAX = 1_024;
export const CHECKING_BYTES_MAX = 16 * 1024 * 1024;
/** Of these, from one neighbour. */
export const CHECKING_PER_NEIGHBOUR_MAX = 256;

/** What one sender may say through a root: on average, and at once. Small multicasts count as COST_BYTES_MIN. */
export const SENDER_BYTES_PER_SECOND = 1024 * 1024;
export const SENDER_BURST_BYTES = 8 * 1024 * 1024;
export const COST_BYTES_MIN = 1024;
/** Senders whose use is remembered. */
export const BUDGETS_MAX = 1_024;

/** Nodes that one anycast may visit. */
export const VISITS_MAX = 64;
/** Anycasts under way through one node. */
export const ANYCASTS_MAX = 64;
/** What the member who takes an anycast may answer. */
export const ANSWER_BYTES_MAX = 16 * 1024;
/** How long a member has to take an anycast before another is asked. */
export const OFFER_MS = 2_000;
/** An anycast comes back to its sender so much earlier at each node, that the answer still finds it waiting. */
export const ANYCAST_MARGIN_MS = 250;
/** How long anybody may be asked to walk. */
export const ANYCAST_MS_MAX = 60_000;

/** Certificates of senders kept. */
export const SENDERS_MAX = 1_024;
/** Certificates being asked for. */
export const SENDERS_ASKED_MAX = 64;
/** Groups whose sequences of our own are kept; a forgotten one begins a new epoch. */
export const OUTGOING_MAX = 1_024;
