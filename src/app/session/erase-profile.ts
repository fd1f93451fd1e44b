/** What a profile whose keys are gone has stored goes too: nothing opens it any more. */

/** Resolves when the databases are deleted, or will be as soon as other tabs have let them go. Rejects when the disk fails. */
export async function eraseLeftovers(databases: readonly string[]): Promise<void> {
  await Promise.all(databases.map(deleteDatabase));
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onblocked = () => resolve();
    request.onerror = () => reject(request.error ?? new Error(`${name} cannot be deleted`));
  });
}
