/** Which version of the app this is, and which one waits; put in by the build (scripts/version.mjs). */

/** `0.1.0 (3f9a2c1)`; undefined in a page that was not built. */
export function runningVersion(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="version"]')?.content;
}

/** The version that the relay serves; undefined when it does not say so. */
export async function servedVersion(): Promise<string | undefined> {
  try {
    const response = await fetch('/version.json', { cache: 'no-store' });
    const served: unknown = response.ok ? await response.json() : undefined;
    return typeof served === 'object' && served !== null && 'version' in served
      ? String(served.version)
      : undefined;
  } catch (error) {
    // TypeError: no network. SyntaxError: something else answers there. The update is offered without its name.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
