/** What may fail because a peer or the network does. */
import { OverlayError } from '../overlay/overlay.ts';
import { BadAnswer } from './peer-answers.ts';
import { StorageError } from './storage.ts';

/** Undefined: a peer or the network failed. Rejects when the disk does. */
export async function tried<T>(work: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await work() };
  } catch (error) {
    const expected =
      error instanceof OverlayError || error instanceof BadAnswer || error instanceof StorageError;
    if (!expected) throw error;
    return undefined;
  }
}
