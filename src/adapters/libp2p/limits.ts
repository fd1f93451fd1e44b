/** The named maxima and times of the libp2p adapter. */
import { LINKS_MAX } from '../../core/codec/limits.ts';
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
/** What waits in the transport may still go out when a link closes. */
export const FLUSH_MS = 1_000;

/** Circuits through a relay: signalling, and whole links where WebRTC does not get through. */
export const CIRCUIT_BYTES_MAX = 256n * 1024n * 1024n;
export const CIRCUIT_MS = 60 * 60 * 1_000;
/** Reservations and circuits that one relay serves at a time. */
export const RESERVATIONS_MAX = 2_048;
export const CIRCUITS_MAX = 2_048;
/** Websockets that one address may open in a second: behind a proxy all tabs share one. */
export const INBOUND_PER_SECOND_MAX = 200;
