/** Small traces as the page has them; apart from their text, which also tests without the app's build write. */
import type { Trace, TraceEvent, TraceHeader } from '../../../../src/app/ring-player/trace.ts';
import { readTrace } from '../../../../src/app/ring-player/trace-reader.ts';
import { traceText } from './sample-trace.ts';

/** Throws when the trace is bad. */
export function traceOf(header: TraceHeader, events: readonly TraceEvent[]): Trace {
  const result = readTrace(traceText(header, events));
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}
