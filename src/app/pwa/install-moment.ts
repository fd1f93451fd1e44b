/** When installing the app is offered. */

const VISITS_MIN = 3;
/** Between two offers: 30 days. */
const PAUSE_MS = 30 * 24 * 60 * 60 * 1000;

export interface InstallFacts {
  readonly visits: number;
  readonly hasSent: boolean;
  /** Milliseconds since 1970; undefined: never. */
  readonly offeredAt: number | undefined;
}

export function isTimeToOffer({ visits, hasSent, offeredAt }: InstallFacts, now: number): boolean {
  const knowsIt = visits >= VISITS_MIN || hasSent;
  return knowsIt && (offeredAt === undefined || now - offeredAt >= PAUSE_MS);
}
