/** Parts of identity blocks, as merging the blocks of several devices takes them. */
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import { encodeCbor } from '../codec/cbor.ts';
import type { IdentityBlock, IdentityDevice } from '../identity/identity-block.ts';

/** The entry of a device; undefined when the block has none. */
export function deviceOf(block: IdentityBlock, deviceKey: Bytes): IdentityDevice | undefined {
  return block.devices.find(({ certificate }) => equalBytes(certificate.body.deviceKey, deviceKey));
}

/** A device that its person removed, and when. */
export type RemovedDevice = NonNullable<IdentityBlock['removed']>[number];

/** Each once, with its earliest date. */
export function removedOf(all: readonly RemovedDevice[]): RemovedDevice[] {
  const first = new Map<string, RemovedDevice>();
  for (const one of all.toSorted((a, b) => a.at - b.at)) {
    const name = toHex(one.deviceKey);
    if (!first.has(name)) first.set(name, one);
  }
  return [...first.values()];
}

/** Whether two blocks say the same, the order of devices aside. */
export function sameBlock(a: IdentityBlock, b: IdentityBlock): boolean {
  return equalBytes(encodeCbor(inOrder(a)), encodeCbor(inOrder(b)));
}

function inOrder(block: IdentityBlock): IdentityBlock {
  const key = (device: IdentityDevice): string => toHex(device.certificate.body.deviceKey);
  return { ...block, devices: block.devices.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) };
}
