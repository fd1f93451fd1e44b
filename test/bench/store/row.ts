/** One line of the report: a figure of ours, what it is held against, and the goal. */

export interface Row {
  readonly figure: string;
  readonly ours: number;
  /** The same of what it is compared with. */
  readonly peer?: number;
  readonly peerName?: string;
  /** Where more is better: ours must be at least this share of the peer's. */
  readonly ratioMin?: number;
  /** Where less is better: ours may be at most this. */
  readonly oursMax?: number;
}

/** Bytes a second, in MB. */
export function megabytesPerSecond(bytes: number, ms: number): number {
  return bytes / 1_000_000 / (ms / 1000);
}
