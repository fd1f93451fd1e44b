/** Where a back-up or a large attachment is saved: straight into a file where the browser can, else as a download. */
import type { FileTarget } from '../../core/node/client.ts';
import { t } from '../i18n/translate.svelte.ts';

interface SavePicker {
  showSaveFilePicker?: (options: {
    readonly suggestedName: string;
    readonly types?: readonly FileType[];
  }) => Promise<FileSystemFileHandle>;
}

interface FileType {
  readonly description: string;
  readonly accept: Readonly<Record<string, readonly string[]>>;
}

/** IANA's type of CAR files. */
export const CAR_TYPE = 'application/vnd.ipld.car';

export function backupType(): FileType {
  return { description: t.backup.fileType, accept: { [CAR_TYPE]: ['.car'] } };
}

/** `epost-ada@example.org-2026-11-20.car`, with the day where the person is. */
export function backupName(address: string, now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `epost-${address}-${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}.car`;
}

/** `dismissed`: the person chose no file. Undefined: this browser saves downloads only. */
export async function chooseTarget(
  suggestedName: string,
  type?: FileType,
): Promise<FileTarget | 'dismissed' | undefined> {
  const { showSaveFilePicker } = globalThis as SavePicker;
  if (showSaveFilePicker === undefined) return undefined;
  try {
    return await showSaveFilePicker.call(globalThis, { suggestedName, ...(type ? { types: [type] } : {}) });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return 'dismissed';
    throw error;
  }
}
