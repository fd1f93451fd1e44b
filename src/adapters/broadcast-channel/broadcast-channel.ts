/** The channel between tabs over the browser's BroadcastChannel: same origin, same profile, nobody else. */
import type { Channel, ChannelMessage } from './protocol.ts';

export function openBroadcastChannel(name: string): Channel & { close(): void } {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen(listener) {
      const heard = (event: MessageEvent): void => listener(event.data as ChannelMessage);
      channel.addEventListener('message', heard);
      return () => channel.removeEventListener('message', heard);
    },
    close: () => channel.close(),
  };
}
