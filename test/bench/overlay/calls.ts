/** Calls one after the other: how long each takes and what the network sends meanwhile. */
import { mean, percentile } from './statistics.ts';
import type { Counted, Traffic } from './traffic.ts';

export interface CallFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Means of a call. */
  readonly messages: number;
  readonly bytes: number;
  readonly connections: number;
}

/** `call` is told which one it is. */
export async function measureCalls(
  traffic: Traffic,
  count: number,
  call: (i: number) => Promise<void>,
): Promise<CallFigures> {
  const times: number[] = [];
  const counted = await traffic.during(async () => {
    for (let i = 0; i < count; i++) {
      const started = performance.now();
      await call(i);
      times.push(performance.now() - started);
    }
  });
  return {
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    messages: counted.messages / count,
    bytes: counted.bytes / count,
    connections: counted.connections / count,
  };
}

/** Calls that need something done between them, which is not counted. */
export async function measureEach(
  traffic: Traffic,
  count: number,
  call: () => Promise<() => Promise<void>>,
): Promise<CallFigures> {
  const all: Counted[] = [];
  for (let i = 0; i < count; i++) {
    let after = async (): Promise<void> => undefined;
    all.push(await traffic.during(async () => void (after = await call())));
    await after();
  }
  const times = all.map(({ ms }) => ms);
  return {
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    messages: mean(all.map(({ messages }) => messages)),
    bytes: mean(all.map(({ bytes }) => bytes)),
    connections: mean(all.map(({ connections }) => connections)),
  };
}
