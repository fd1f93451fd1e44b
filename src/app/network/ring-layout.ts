/** Where the peers stand in the drawing of the ring: in id order, clockwise, this device at the top. */
import type { PeerView } from '../../core/node/client.ts';

export interface Place {
  readonly peer: PeerView;
  readonly x: number;
  readonly y: number;
  /** Radians, clockwise from the top. */
  readonly angle: number;
}

/** Places on a circle around (c, c): equally far apart, because ids are random and the eye reads their order only. */
export function placesOf(peers: readonly PeerView[], c: number, radius: number): readonly Place[] {
  const self = Math.max(
    0,
    peers.findIndex((peer) => peer.self),
  );
  return peers.map((peer, i) => {
    const angle = ((i - self + peers.length) % peers.length) * ((2 * Math.PI) / peers.length);
    return { peer, angle, x: round(c + radius * Math.sin(angle)), y: round(c - radius * Math.cos(angle)) };
  });
}

/** A link as a chord, bent gently towards the middle so that chords do not hide each other. */
export function chordPath(from: Place, to: Place, c: number): string {
  const bend = 0.35;
  const mx = round((from.x + to.x) / 2 + (c - (from.x + to.x) / 2) * bend);
  const my = round((from.y + to.y) / 2 + (c - (from.y + to.y) / 2) * bend);
  return `M${from.x} ${from.y}Q${mx} ${my} ${to.x} ${to.y}`;
}

/** Where a label stands beside its mark: outside the circle, and how it is anchored. */
export function labelAt(
  place: Place,
  c: number,
  radius: number,
): { readonly x: number; readonly y: number; readonly anchor: 'start' | 'middle' | 'end' } {
  const sin = Math.sin(place.angle);
  const x = round(c + radius * sin);
  const y = round(c - radius * Math.cos(place.angle));
  return { x, y, anchor: Math.abs(sin) < 0.3 ? 'middle' : sin > 0 ? 'start' : 'end' };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
