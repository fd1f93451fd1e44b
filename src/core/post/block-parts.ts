/** Parts of identity blocks, as merging the blocks of several devices takes them. */
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import { encodeCbor } from '../codec/cbor.ts';
import type { IdentityBlock, IdentityDevice, RemovedDevice } from '../identity/identity-block.ts';

/** The entry of a device; undefined when the block has none. */
export function deviceOf(block: IdentityBlock, deviceKey: Bytes): IdentityDevice | undefined {
  return block.devices.find(({ certificate }) => equalBytes(certificate.body.deviceKey, deviceKey));
}

/**
 * Each once, with its earliest date and, of what devices that removed it at the same time knew of its log, the longest: merging
 * takes nothing away, and gives the same in every order.
 */
export function removedOf(all: readonly RemovedDevice[]): RemovedDevice[] {
  const merged = new Map<string, RemovedDevice>();
  for (const one of all) {
    const name = toHex(one.deviceKey);
    const known = merged.get(name);
    const head = known === undefined ? one.head : longerEnd(known.head, one.head);
    const at = Math.min(one.at, known?.at ?? Infinity);
    merged.set(name, { deviceKey: one.deviceKey, at, ...(head === undefined ? {} : { head }) });
  }
  return [...merged.values()].sort(
    (a, b) => a.at - b.at || (toHex(a.deviceKey) < toHex(b.deviceKey) ? -1 : 1),
  );
}

/** One that is not set is no end at all. */
function longerEnd(a: RemovedDevice['head'], b: RemovedDevice['head']): RemovedDevice['head'] {
  if (a === undefined || b === undefined) return undefined;
  if (a.next !== b.next) return a.next > b.next ? a : b;
  return toHex(a.chain) < toHex(b.chain) ? a : b;
}

/** Whether two blocks say the same, the order of devices aside. */
export function sameBlock(a: IdentityBlock, b: IdentityBlock): boolean {
  return equalBytes(encodeCbor(inOrder(a)), encodeCbor(inOrder(b)));
}

function inOrder(block: IdentityBlock): IdentityBlock {
  const key = (device: IdentityDevice): string => toHex(device.certificate.body.deviceKey);
  return { ...block, devices: block.devices.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) };
}
