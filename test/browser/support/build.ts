/** Before the first test: builds what is stale, so that a test never runs against an old app. */
import { ensureBuilt, ensureDemoBuilt } from '../../../scripts/build.mjs';

export default async function build(): Promise<void> {
  await ensureBuilt();
  await ensureDemoBuilt();
}
