/** Whether one thing on a disk is what its place says: hashes, signatures, issuers. Dates that have passed are no damage. */
import { compareBytes, concat, equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Id } from '../codec/id.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { sha256Of } from '../crypto/hash.ts';
import { identityCertificateCodec, verifyNodeCertificate, type RingTrust } from '../identity/certificates.ts';
import { MAILBOX_LABEL } from '../identity/identity-block.ts';
import { checkHead } from '../post/log-reader.ts';
import { timeBytes, type HeldIndex, type Place } from '../storage/layout.ts';
import {
  verifyBlock,
  verifyCertificate,
  verifyClear,
  verifyEntry,
  verifyRecord,
  type Held,
} from '../storage/verify.ts';
import { certifiedEntryCodec, inboxClearCodec, recordCodec } from '../storage/wire.ts';

/**
 * Refusals: `missing-data`, `damaged` (known already, or changed since it was written), `wrong-place` (sound, but not what its
 * place or index entry says), those of the formats and signatures.
 */
export async function verifyThing(
  place: Place,
  index: HeldIndex,
  data: Bytes | undefined,
  trust: RingTrust,
): Promise<Result<true>> {
  if (data === undefined) return refuse('missing-data', 'an index entry without its data');
  if (index.damaged)
    return refuse('damaged', 'a copy that was found damaged before and waits to be replaced');
  if (!equalBytes(await sha256Of(data), index.check))
    return refuse('damaged', 'data that have changed since they were written');
  if (data.length !== index.sizeBytes) return refuse('wrong-place', 'data of another length than counted');
  const held = await heldBy(place, data, trust);
  if (!held.ok) return held;
  const { key, version, held: hash } = held.value;
  const fits = equalBytes(key, place.key) && version === index.version && equalBytes(hash, index.held);
  return fits
    ? ok(true)
    : refuse('wrong-place', `a ${place.kind} under another key, version or hash than its own`);
}

async function heldBy(place: Place, data: Bytes, trust: RingTrust): Promise<Result<Held>> {
  switch (place.kind) {
    case 'block': {
      const fits = await verifyBlock(place.key, data);
      return fits.ok ? ok({ key: place.key, version: 0, held: place.key }) : fits;
    }
    case 'record':
      return recordOf(data);
    case 'certificate': {
      const certificate = identityCertificateCodec.decode(data);
      if (!certificate.ok) return certificate;
      return verifyCertificate(certificate.value, trust, certificate.value.body.notBefore);
    }
    case 'inbox':
      return entryOf(place, data, trust);
    case 'clear': {
      const clear = inboxClearCodec.decode(data);
      if (!clear.ok) return clear;
      const { at } = clear.value.body;
      return placed(place, await verifyClear(clear.value, at), (held) => concat(held, timeBytes(at)));
    }
  }
}

/** A record, and the form of a log's head where it is one. */
async function recordOf(data: Bytes): Promise<Result<Held>> {
  const record = recordCodec.decode(data);
  if (!record.ok) return record;
  const held = await verifyRecord(record.value);
  if (!held.ok || record.value.body.label !== MAILBOX_LABEL) return held;
  const head = await checkHead(record.value, record.value.body.writer);
  return head.ok ? held : head;
}

async function entryOf(place: Place, data: Bytes, trust: RingTrust): Promise<Result<Held>> {
  const certified = certifiedEntryCodec.decode(data);
  if (!certified.ok) return certified;
  const { entry, certificate } = certified.value;
  const { from, at } = entry.body;
  if (!equalBytes(certificate.body.peerKey, from))
    return refuse('wrong-sender', 'an inbox entry with the certificate of another node');
  const member = await verifyNodeCertificate(certificate, trust, at);
  if (!member.ok) return member;
  return placed(place, await verifyEntry(entry, place.key), (held) => concat(held, from));
}

/** In inboxes the place tells more than the key. */
function placed(place: Place, held: Result<Held>, sub: (held: Id) => Bytes): Result<Held> {
  if (!held.ok || compareBytes(place.sub, sub(held.value.held)) === 0) return held;
  return refuse('wrong-place', `a ${place.kind} under another place of its inbox than its own`);
}
