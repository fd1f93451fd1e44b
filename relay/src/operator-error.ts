/** What the operator has to put right: the message is one sentence; it ends the relay with exit code 1. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
