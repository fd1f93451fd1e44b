/** How a call of ours ended, from the reply to the words of the overlay's interface. */
import type { Bytes } from '../codec/bytes.ts';
import type { CallOutcome } from './machine-events.ts';
import type { MessageOf, ReturnMessage } from './messages.ts';
import { OverlayError } from './overlay.ts';

/** What a reply says to whoever called. */
export function outcomeOf({ outcome, hopCount }: MessageOf<'reply'>): CallOutcome {
  return outcome.kind === 'root' ? { ...outcome, hopCount } : outcome;
}

/** Whether another way must be found. */
export function isNoRoute(message: ReturnMessage): boolean {
  return (
    message.type === 'reply' && message.outcome.kind === 'failure' && message.outcome.code === 'no-route'
  );
}

/** The body of a response; throws OverlayError for every other outcome. */
export function responseOf(outcome: CallOutcome): Bytes {
  if (outcome.kind === 'response') return outcome.body;
  throw failureOf(outcome);
}

export function failureOf(outcome: CallOutcome): OverlayError {
  if (outcome.kind === 'refusal') return new OverlayError('refused', outcome.reason, outcome.code);
  const code = outcome.kind === 'failure' ? outcome.code : 'unreachable';
  switch (code) {
    case 'timeout':
      return new OverlayError('timeout', 'no answer in time');
    case 'not-ready':
      return new OverlayError('not-ready', 'this node has not found its place in the ring yet');
    case 'too-large':
      return new OverlayError('too-large', 'the answer is too large');
    case 'stopped':
      return new OverlayError('stopped', 'this node has left the ring');
    default:
      return new OverlayError('unreachable', 'there is no such live node');
  }
}
