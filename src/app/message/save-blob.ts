/** Gives a file to the browser to save. */

/** The browser has begun to read by then; the memory is given back after it: 60 seconds. */
const KEEP_MS = 60_000;

/** Saves under `name`. The type is dropped, so that no browser shows it as a page of ours. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
