/** What a run of the simulator says in the end. */
import type { LookupFigures } from './lookups.ts';
import type { SecureSummary } from './secure-lookups.ts';

/** Figures of look-ups of one phase of a run. */
export interface LookupSummary {
  readonly lookups: number;
  readonly meanHops: number;
  readonly p99Hops: number;
  /** Named a node that was not the closest ready live one at any time while the look-up was under way. */
  readonly wrongRoots: number;
  /** No answer in 10 s. */
  readonly lost: number;
  /** Answered, but not at the first attempt (3 s). */
  readonly retried: number;
  /** Their askers died meanwhile, or reached nobody: counted in none of the above. */
  readonly askersGone: number;
  /** Time of answered look-ups over that of the direct ways to their roots and back. */
  readonly stretch: number;
  readonly meanMs: number;
}

export interface OverlayFigures extends LookupSummary, Partial<SecureSummary> {
  readonly nodes: number;
  readonly seed: number | string;
  /** Look-ups that were lost, asked again by those who were still there, and lost again. */
  readonly lostAgain: number;
  readonly controlMessagesPerNodeSecond: number;
  readonly controlBytesPerNodeSecond: number;
  /** All messages, look-ups included. */
  readonly messagesPerNodeSecond: number;
  readonly dialsPerNodeSecond: number;
  readonly dialsWithoutIntroducer: number;
  readonly linksPerNode: number;
  readonly stateBytesPerNode: number;
  readonly machineBytesPerNode: number;
  readonly simulatorBytesPerNode: number;
  /** Steps of machines in a second of processor time (garbage collection included), while keys are looked up. */
  readonly eventsPerSecond: number;
  readonly buildSeconds: number;
  readonly wallSeconds: number;
  /** Simulated time until all nodes were ready; 0: built by the oracle. */
  readonly readySeconds: number;
  readonly wrongLeafSets: number;
  readonly forgeriesRefused: number;
  readonly arrivals: number;
  /** Right after the crash, before repair. */
  readonly crash:
    (LookupSummary & { readonly hopsRatio: number; readonly repairedSeconds: number }) | undefined;
  /** Simulated time from healing until all leaf sets were right. */
  readonly oneRingSeconds: number | undefined;
  readonly traceHash: string;
}

export function summaryOf(figures: LookupFigures): LookupSummary {
  return {
    lookups: figures.asked - figures.gone - figures.alone,
    meanHops: rounded(figures.meanHops, 3),
    p99Hops: figures.p99Hops,
    wrongRoots: figures.wrong,
    lost: figures.lost,
    retried: figures.retried,
    askersGone: figures.gone + figures.alone,
    stretch: rounded(figures.stretch, 3),
    meanMs: rounded(figures.meanMs, 1),
  };
}

export function rounded(x: number, digits: number): number {
  return Number(x.toFixed(digits));
}

/** Rows of two columns. */
export function table(rows: readonly (readonly [string, string | number])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}
