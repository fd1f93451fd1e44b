/** The named maxima and times of the libp2p adapter. */
import { DIALS_MAX, LINKS_MAX } from '../../core/codec/limits.ts';
import type { Role } from '../../core/identity/certificates.ts';

/** Protocol of the one long-lived stream between neighbours. */
export const LINK_PROTOCOL = '/epost/link/1';

/** Links that are up. The overlay keeps a tab's at LINKS_MAX; strangers may come on top while it chooses. */
export const LINKS_UP_MAX: Readonly<Record<Role, number>> = {
  tab: 2 * LINKS_MAX,
  bridge: 2 * LINKS_MAX,
  relay: 2_048,
};
/** Streams whose other end has not introduced itself yet. */
export const HANDSHAKES_MAX: Readonly<Record<Role, number>> = { tab: 32, bridge: 32, relay: 256 };
/** Open libp2p connections, signalling included. */
export const CONNECTIONS_MAX: Readonly<Record<Role, number>> = { tab: 256, bridge: 256, relay: 4_096 };
/** Dials that wait for their turn. */
export const DIALS_WAITING_MAX = 256;

/** One dial of a WebRTC connection, signalling included. */
export const WEBRTC_DIAL_MS = 8_000;
/** One dial of a websocket or a relay circuit. */
export const DIAL_MS = 5_000;
/** After a dial failed: the other side's own dial may still make the link. */
export const INBOUND_GRACE_MS = 3_000;
/** The link that two streams compete for has to prove its life in this time. */
export const PROBE_MS = 1_500;
/** After a nudge every link has to prove its life in this time; the machine may be busy waking up. */
export const NUDGE_PROBE_MS = 3_000;
/** A connection that carries no link after this time is ended. */
export const UNUSED_CONNECTION_MS = 15_000;
/** How often reservations and unused connections are looked at. */
export const WATCH_MS = 2_000;
/** How often a link through a relay is tried directly. */
export const UPGRADE_EVERY_MS = 30_000;
/** What a websocket's stream may have under way: a link's own bulk window and its control messages fit. */
export const STREAM_WINDOW_BYTES = 1024 * 1024;
/** What waits in the transport may still go out when a link closes. */
export const FLUSH_MS = 1_000;

/** Circuits through a relay: signalling, and whole links where WebRTC does not get through; through a tab: signalling only. */
export const CIRCUIT_BYTES_MAX: Readonly<Record<Role, bigint>> = {
  tab: 64n * 1024n,
  bridge: 64n * 1024n,
  relay: 256n * 1024n * 1024n,
};
export const CIRCUIT_MS: Readonly<Record<Role, number>> = {
  tab: 20_000,
  bridge: 20_000,
  relay: 60 * 60 * 1_000,
};
/** Reservations that a node gives, one a neighbour. */
export const RESERVATIONS_MAX: Readonly<Record<Role, number>> = { tab: 64, bridge: 64, relay: 2_048 };
/** Circuits that a node carries at a time. */
export const CIRCUITS_MAX: Readonly<Record<Role, number>> = { tab: 32, bridge: 32, relay: 2_048 };
/** Of these from one neighbour, and to one neighbour. */
export const NEIGHBOUR_CIRCUITS_MAX: Readonly<Record<Role, number>> = {
  tab: 2 * DIALS_MAX,
  bridge: 2 * DIALS_MAX,
  relay: 2 * LINKS_MAX,
};
/** Circuits that one neighbour may ask for in a minute; a tab that opens makes its LINKS_MAX links through one relay. */
export const NEIGHBOUR_ASKS_MAX = 4 * LINKS_MAX;
/** How long an introducer tries to reach the node that is asked for, before it says that it cannot. */
export const HOP_MS = 4_000;
/** Whoever is asked for so soon after its link came up may still be reserving; whoever asks waits at most NEWCOMER_MS for that. */
export const NEW_LINK_MS = 10_000;
export const NEWCOMER_MS = 2_000;
/** How long a reservation holds, and how long before its end it is renewed: libp2p lets us do so in the last 10 minutes. */
export const RESERVATION_MS = 2 * 60 * 60 * 1_000;
export const RENEW_BEFORE_MS = 8 * 60 * 1_000;
/** Neighbours at which a tab holds reservations: all, while the overlay keeps to its budget. */
export const RESERVED_NEIGHBOURS_MAX = LINKS_MAX;
/** Reservations asked for at a time. */
export const RESERVING_MAX = 4;
/** One attempt to reserve. */
export const RESERVE_MS = 2_000;
/** A neighbour that gave no reservation is asked again after this. */
export const RESERVE_AGAIN_MS = 30_000;

/** Introductions at a time, to begin with; one more after a fast one, one less after a slow one, up to DIALS_MAX. */
export const FIRST_INTRODUCTIONS = 2;
export const FAST_INTRODUCTION_MS = 300;
export const SLOW_INTRODUCTION_MS = 1_000;
/** An introducer has to connect us with the target within this time; more than its HOP_MS, so that an honest one is heard. */
export const INTRODUCTION_MS = 5_000;
/** Introducers tried for one link; none is begun after INTRODUCTIONS_MS. */
export const INTRODUCERS_TRIED_MAX = 6;
export const INTRODUCTIONS_MS = 8_000;
/** Of these, linked nodes that nobody named as neighbours of the target. */
export const GUESSED_INTRODUCERS_MAX = 3;
/** WebRTC is tried so often for one link: two introducers hardly both break it. */
export const WEBRTC_TRIES_MAX = 2;
/** One try while there is somebody else who may introduce us: INTRODUCTIONS_MS leave time for the next. */
export const WEBRTC_TRY_MS = 5_000;
/** An introducer that did not answer comes last for so long; one that could not introduce us to a node, for that node. */
export const SILENT_INTRODUCER_MS = 60_000;
export const FAILED_INTRODUCTION_MS = 10_000;
/** Failures remembered; the oldest is forgotten first. */
export const INTRODUCTION_FAILURES_MAX = 256;
/** While the target is introducing itself to us, our own dial waits for so long: one link needs one dial. */
export const OTHERS_DIAL_MS = 4_000;
/** A connection to the target that is older than this and carries no link is dead or left over. */
export const STALE_CONNECTION_MS = 5_000;
/** Websockets that one address may open in a second: behind a proxy all tabs share one. */
export const INBOUND_PER_SECOND_MAX = 200;
