/** Asking several nodes the same: the first that has it, or all of them. */
import type { Clock } from '../codec/clock.ts';
import type { Target } from './replica-set.ts';

export interface Answer<T> {
  readonly target: Target;
  readonly value: T;
}

export interface Failure {
  readonly target: Target;
  readonly error: unknown;
}

export interface Asked<T> {
  readonly answers: readonly Answer<T>[];
  readonly failures: readonly Failure[];
}

/**
 * Asks one after the other, the next one when the former failed, denied (undefined) or has not answered for `hedgeMs()`, which is
 * read again when that time is over. Resolves with the first value, or when all have answered.
 */
export function askFirst<T>(
  clock: Clock,
  targets: readonly Target[],
  ask: (target: Target) => Promise<T | undefined>,
  hedgeMs: () => number,
): Promise<Asked<T | undefined> & { readonly found: Answer<T> | undefined }> {
  return new Promise((resolve) => {
    const answers: Answer<T | undefined>[] = [];
    const failures: Failure[] = [];
    let next = 0;
    let cancelHedge = (): void => undefined;
    const finish = (found: Answer<T> | undefined): void => {
      cancelHedge();
      resolve({ answers: [...answers], failures: [...failures], found });
    };
    const askNext = (): void => {
      cancelHedge();
      const target = targets[next++];
      if (target === undefined) return;
      watch(clock.now());
      void ask(target).then(
        (value) => {
          answers.push({ target, value });
          if (value !== undefined) finish({ target, value });
          else settled();
        },
        (error: unknown) => {
          failures.push({ target, error });
          settled();
        },
      );
    };
    const watch = (askedAt: number): void => {
      const leftMs = askedAt + hedgeMs() - clock.now();
      if (leftMs <= 0) askNext();
      else cancelHedge = clock.after(leftMs, () => watch(askedAt));
    };
    const settled = (): void => {
      if (answers.length + failures.length === targets.length) finish(undefined);
      else if (next < targets.length) askNext();
    };
    if (targets.length === 0) finish(undefined);
    else askNext();
  });
}

/**
 * Asks all at once. Resolves when all have answered, or `graceMs` after `isEnough` has become true of the answers:
 * a node that is slow or gone is not waited for when the others have said enough.
 */
export function askAll<T>(
  clock: Clock,
  targets: readonly Target[],
  ask: (target: Target) => Promise<T>,
  isEnough: (answers: readonly Answer<T>[]) => boolean,
  graceMs: number,
): Promise<Asked<T>> {
  return new Promise((resolve) => {
    const answers: Answer<T>[] = [];
    const failures: Failure[] = [];
    let cancelGrace: (() => void) | undefined;
    const finish = (): void => {
      cancelGrace?.();
      resolve({ answers: [...answers], failures: [...failures] });
    };
    const settled = (): void => {
      if (answers.length + failures.length === targets.length) finish();
      else if (cancelGrace === undefined && isEnough(answers)) cancelGrace = clock.after(graceMs, finish);
    };
    for (const target of targets)
      void ask(target).then(
        (value) => {
          answers.push({ target, value });
          settled();
        },
        (error: unknown) => {
          failures.push({ target, error });
          settled();
        },
      );
    if (targets.length === 0) finish();
  });
}
