/** How virtual time keeps step with what really takes time: signatures and hashes run in a pool of threads. */

const nothing = new Uint8Array(1);

/**
 * One turn of the event loop, after the thread pool has come to what was asked of it before: without that, time-outs of
 * virtual time pass on a busy machine while a signature is still being checked.
 */
export async function turn(): Promise<void> {
  await crypto.subtle.digest('SHA-256', nothing);
  await new Promise((resolve) => setImmediate(resolve));
}
