/** The state of the connection in words. */
import type { ConnectionView } from '../../core/node/client.ts';
import { countText } from '../format/sizes.ts';

/** A word, and what it means for the person. */
export function connectionWords(connection: ConnectionView): {
  readonly word: string;
  readonly meaning: string;
} {
  switch (connection.state) {
    case 'offline':
      return {
        word: 'Offline',
        meaning: 'You can read and write. What you send goes out when the network is back.',
      };
    case 'joining':
      return { word: 'Joining', meaning: 'Finding the devices of your organization.' };
    case 'online':
      return { word: 'Online', meaning: linked(connection) };
  }
}

function linked({ peers, relay }: ConnectionView): string {
  if (peers === 0) return relay ? 'Linked to the relay; nobody else is here.' : 'Nobody else is here.';
  const devices = countText(peers, 'other device');
  return relay ? `Linked to ${devices} and the relay.` : `Linked to ${devices}; the relay is away.`;
}
