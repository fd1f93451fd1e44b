/**
 * Cures a race in @libp2p/webrtc 6: the acceptor may close the data channel `init` before the dialler has seen it
 * open or closed; the dialler then waits for an event that has passed, until its dial times out.
 */

/** Label of the channel that libp2p makes only to have something to negotiate. */
const INIT_LABEL = 'init';
const cured = new WeakSet<RTCPeerConnection>();

/** Does nothing where there is no WebRTC. Can be called again. */
export function cureDialRace(): void {
  const prototype = (globalThis as { RTCPeerConnection?: { prototype: RTCPeerConnection } }).RTCPeerConnection
    ?.prototype;
  if (prototype === undefined || cured.has(prototype)) return;
  cured.add(prototype);
  const create = prototype.createDataChannel;
  prototype.createDataChannel = function createDataChannel(label, init) {
    const channel = create.call(this, label, init);
    if (label === INIT_LABEL) repeatPassedEvents(channel);
    return channel;
  };
}

/** Whoever starts to wait for `open` or `close` on a channel that is closed gets the event nevertheless. */
function repeatPassedEvents(channel: RTCDataChannel): void {
  const listen = channel.addEventListener.bind(channel);
  const repeat = (type: string): void => {
    setTimeout(() => channel.dispatchEvent(new Event(type)), 0);
  };
  channel.addEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void => {
    listen(type, listener, options);
    if (channel.readyState === 'closed' && (type === 'open' || type === 'close')) repeat(type);
  };
  listen('close', () => channel.dispatchEvent(new Event('open')), { once: true });
}
