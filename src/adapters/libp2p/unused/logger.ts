/** In the page's build this stands for @libp2p/logger, which libp2p would load: nobody reads its debug log in a tab. */
import type { ComponentLogger, Logger } from '@libp2p/interface';

const silent: Logger = Object.assign(() => undefined, {
  error: () => undefined,
  trace: () => undefined,
  enabled: false,
  newScope: () => silent,
});

export function defaultLogger(): ComponentLogger {
  return { forComponent: () => silent };
}
