/** What libp2p signs with a node's key, told by its exact form: nothing else passes. */
import { equalBytes, utf8 } from '../codec/bytes.ts';

/** Signed peer records are lists of addresses; ours are far smaller. */
export const TRANSPORT_BYTES_MAX = 64 * 1024;

/** libp2p-noise specification, "Static Key Authentication": the prefix, then an X25519 public key. */
const NOISE_PREFIX = utf8('noise-libp2p-static-key:');
const NOISE_KEY_BYTES = 32;

/** libp2p RFC 0002 (signed envelopes) and 0003 (peer records); circuit relay v2, "Reservation Vouchers". */
const ENVELOPES = [
  { domain: utf8('libp2p-peer-record'), payloadType: Uint8Array.of(0x03, 0x01) },
  { domain: utf8('libp2p-relay-rsvp'), payloadType: Uint8Array.of(0x03, 0x02) },
];

/** Whether `bytes` are a Noise static key, a peer record or a relay reservation voucher, ready to be signed. */
export function isTransportPayload(bytes: Uint8Array): boolean {
  if (bytes.length > TRANSPORT_BYTES_MAX) return false;
  const noiseLength = NOISE_PREFIX.length + NOISE_KEY_BYTES;
  if (bytes.length === noiseLength && equalBytes(bytes.subarray(0, NOISE_PREFIX.length), NOISE_PREFIX))
    return true;
  return isEnvelope(bytes);
}

/** varint length ‖ domain ‖ varint length ‖ payload type ‖ varint length ‖ payload, and no byte more. */
function isEnvelope(bytes: Uint8Array): boolean {
  const domain = readField(bytes, 0);
  const payloadType = domain && readField(bytes, domain.end);
  const payload = payloadType && readField(bytes, payloadType.end);
  if (!payload || payload.end !== bytes.length) return false;
  return ENVELOPES.some(
    (known) => equalBytes(known.domain, domain.value) && equalBytes(known.payloadType, payloadType.value),
  );
}

function readField(
  bytes: Uint8Array,
  offset: number,
): { readonly value: Uint8Array; readonly end: number } | undefined {
  let length = 0;
  let at = offset;
  for (let shift = 0; shift < 21; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    length |= (byte & 127) << shift;
    if (byte < 128) {
      const end = at + length;
      return end <= bytes.length ? { value: bytes.subarray(at, end), end } : undefined;
    }
  }
  return undefined;
}
