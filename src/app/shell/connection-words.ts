/** The state of the connection in words. */
import type { ConnectionView } from '../../core/node/client.ts';
import { t } from '../i18n/translate.svelte.ts';

/** A word, and what it means for the person. */
export function connectionWords(connection: ConnectionView): {
  readonly word: string;
  readonly meaning: string;
} {
  switch (connection.state) {
    case 'offline':
      return {
        word: t.app.connectionStates.offline,
        meaning: t.app.connectionOffline,
      };
    case 'joining':
      return { word: t.app.connectionStates.joining, meaning: t.app.connectionJoining };
    case 'online':
      return { word: t.app.connectionStates.online, meaning: linked(connection) };
  }
}

function linked({ peers, relay }: ConnectionView): string {
  if (peers === 0) return relay ? t.app.connectionRelayOnly : t.app.connectionNobody;
  return relay
    ? t.app.connectionLinked({ count: peers })
    : t.app.connectionLinkedWithoutRelay({ count: peers });
}
