/** Web Locks: one tab of a profile at a time, and the lock goes free by itself when its tab dies. */

/** What of `navigator.locks` is needed; the browser's own fits. */
export type LockManagerLike = Pick<LockManager, 'request'>;

/**
 * Waits for the lock `name`, then runs `work` and keeps the lock until that has settled. Aborting the signal before
 * the lock came rejects with an AbortError.
 */
export async function whileHolding(
  locks: LockManagerLike,
  name: string,
  work: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  await locks.request(name, signal ? { signal } : {}, work);
}

/** Takes the lock for the life of this tab, unless another tab has it. */
export function holdForLife(locks: LockManagerLike, name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const taken = locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<never>(() => undefined);
    });
    taken.catch(reject);
  });
}
