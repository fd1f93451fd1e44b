/** Whether the person is writing, or something of theirs is on its way: then nothing interrupts. */
import type { Composer } from '../state/composer.svelte.ts';

/** Files are not kept on disk: a letter with some would lose them, also while it is put aside. */
export function isWriting(
  letters: readonly Pick<Composer, 'minimised' | 'sending' | 'undoable' | 'files' | 'waiting'>[],
): boolean {
  return letters.some(
    ({ minimised, sending, undoable, files, waiting }) =>
      sending || undoable || files.length > 0 || (waiting === undefined && !minimised),
  );
}
