/** Values for failures that are expected: a peer misbehaved. Our own mistakes use `assert` instead. */

/** `code` is a short stable kebab-case word for counters; `reason` is a sentence for people. */
export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly reason: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refuse(code: string, reason: string): Refusal {
  return { ok: false, code, reason };
}
