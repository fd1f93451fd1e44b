/**
 * Accounts: publishes this person's identity block and certificate, and finds other people's. POST paper §3.1. Whoever was
 * found once is kept on this disk, so that known people can be written to offline.
 */
import * as v from 'valibot';
import { equalBytes, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { NodeId } from '../codec/id.ts';
import { DEVICES_MAX, RECORD_BYTES_MAX, REMOVED_DEVICES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { codec, timeSchema, whole } from '../codec/schema.ts';
import { verifyEd25519 } from '../crypto/sign.ts';
import {
  signedDeviceCertificate,
  verifyIdentityCertificate,
  type DeviceCertificate,
  type RingTrust,
} from '../identity/certificates.ts';
import {
  identityBlock,
  identityBlockCodec,
  IDENTITY_LABEL,
  verifyIdentityBlock,
  type IdentityBlock,
  type IdentityDevice,
  type RemovedDevice,
} from '../identity/identity-block.ts';
import type { Membership } from '../identity/join.ts';
import { rotatePrekeys } from '../identity/prekeys.ts';
import type { PublicKeys, Vault } from '../identity/vault.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { namespace } from '../storage/namespace.ts';
import { StorageError, type Storage, type StoredRecord } from '../storage/storage.ts';
import { BackgroundTask } from './background-task.ts';
import { deviceOf, removedOf, sameBlock } from './block-parts.ts';
import { PostError } from './post-error.ts';

/** How long what was found about a person is taken without asking again. */
export const PERSON_FRESH_MS = 5 * 60 * 1000;
/** How often the own identity block is looked after. */
export const ACCOUNT_EVERY_MS = 60 * 60 * 1000;
/** People remembered in memory; the disk has them all. */
const PEOPLE_IN_MEMORY_MAX = 2_000;
/** Attempts to write beside other devices that write at the same time. */
const MERGES_MAX = 5;

const personSchema = v.strictObject({
  v: v.literal(1),
  block: identityBlock,
  /** Version of the record. */
  version: whole(),
  fetchedAt: timeSchema,
});
/** What is known of a person: the checked identity block, and when it was fetched. */
export type Person = v.InferOutput<typeof personSchema>;
/** A person as remembered on disk. */
export const personCodec = codec('person', personSchema, RECORD_BYTES_MAX + 1024);
/** This device's certificate as kept on disk. */
export const deviceCodec = codec(
  'device',
  v.strictObject({ v: v.literal(1), certificate: signedDeviceCertificate }),
  4096,
);

export function identityKeyOf(person: Person): Bytes {
  return person.block.identityCertificate.body.signKey;
}

export interface AccountsPorts {
  readonly store: KeyValueStore;
  readonly storage: Storage;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly trust: RingTrust;
  readonly membership: Membership;
  readonly keys: PublicKeys;
  readonly deviceLabel: string;
  readonly nodeId: NodeId;
  /** The own block was read or written: devices may have come. */
  readonly changed: (own: Person) => void;
  /** A person known before has another key now. */
  readonly keyChanged: (address: string) => void;
  readonly failed: (error: unknown) => void;
}

export class Accounts {
  readonly #ports: AccountsPorts;
  readonly #store: KeyValueStore;
  readonly #people = new Map<string, Person>();
  readonly #finding = new Map<string, Promise<Person>>();
  readonly #task: BackgroundTask;
  #own: Person | undefined;
  #certificatePublished = false;
  /** An earlier identity block, whose devices are to be named in the next one. */
  #adopted: Pick<IdentityBlock, 'devices' | 'removed'> = { devices: [] };

  /** Of this device; made anew when it is renamed. */
  #device: DeviceCertificate;

  private constructor(ports: AccountsPorts, device: DeviceCertificate, own: Person | undefined) {
    this.#ports = ports;
    this.#store = namespace(ports.store, 'accounts');
    this.#device = device;
    this.#own = own;
    this.#task = new BackgroundTask(ports.clock, () => this.#lookAfter(), ports.failed);
  }

  /** Reads this disk; on a device's first start makes its certificate. No network is needed. */
  static async open(ports: AccountsPorts): Promise<Accounts> {
    const store = namespace(ports.store, 'accounts');
    const [device, own] = await Promise.all([openDevice(ports, store), store.get(OWN)]);
    const known = own && personCodec.decode(own);
    return new Accounts(ports, device, known?.ok ? known.value : undefined);
  }

  /** The certificate of this device. */
  get device(): DeviceCertificate {
    return this.#device;
  }

  /** The own identity block as last seen; undefined before the first publication. */
  get own(): Person | undefined {
    return this.#own;
  }

  /** Whether the ring has had an identity block of this person: only then others can write to them. */
  get published(): boolean {
    return (this.#own?.version ?? 0) > 0;
  }

  /** The network is there: publishes what is missing, now, and looks after it from then on. */
  hurry(): void {
    this.#task.hurry();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  /**
   * Names the devices of an earlier identity block of this person again, as writers of logs: those that are still in use
   * publish their prekeys themselves, removed ones stay removed. Resolves when the ring has them. Rejects with StorageError, or PostError `too-large`.
   */
  async adopt(block: IdentityBlock): Promise<void> {
    this.#adopted = block;
    await this.#publishOwn();
  }

  /** Gives this device another name, everywhere. Resolves when the ring knows. Rejects with StorageError. */
  async rename(label: string): Promise<void> {
    const body = { ...this.#device.body, label: label.slice(0, 64) };
    const certificate = { body, signature: await this.#ports.vault.sign('device-certificate', body) };
    await this.#store.write([{ type: 'put', key: DEVICE, value: deviceCodec.encode({ v: 1, certificate }) }]);
    this.#device = certificate;
    await this.#publishOwn();
  }

  /**
   * Takes a device out of the identity block for good: nobody seals to it any more, and its log is followed up to `head` only
   * (unset: as far as it goes). On this disk before the ring is asked. Rejects with StorageError: then it goes there later, by
   * itself; with PostError `too-large` when too many were removed.
   */
  async removeDevice(deviceKey: Bytes, head: RemovedDevice['head']): Promise<void> {
    const own = this.#own;
    if (own === undefined) return;
    const removing = { deviceKey, at: this.#ports.clock.now(), ...(head === undefined ? {} : { head }) };
    const removed = bounded(removedOf([...(own.block.removed ?? []), removing]));
    const devices = own.block.devices.filter(
      ({ certificate }) => !equalBytes(certificate.body.deviceKey, deviceKey),
    );
    await this.#saveOwn({ ...own, block: { ...own.block, devices, removed } });
    this.#ports.changed(this.#own!);
    await this.#publishOwn();
  }

  async #publishOwn(): Promise<void> {
    for (let i = 0; i < MERGES_MAX; i++) if (await this.#mergeOwn()) return;
    throw new StorageError('conflict', 'Other devices write the identity block all the time.');
  }

  /** What this disk knows of a person. */
  async known(address: string): Promise<Person | undefined> {
    const cached = this.#people.get(address);
    if (cached !== undefined) return cached;
    const stored = await this.#store.get(personKey(address));
    const decoded = stored && personCodec.decode(stored);
    if (!decoded?.ok) return undefined;
    this.#cache(decoded.value);
    return decoded.value;
  }

  /**
   * The person of a canonical address, asked from the ring when what is known is older than `maxAgeMs`. Rejects with PostError
   * `unknown-person` or `no-devices`, or StorageError.
   */
  async find(address: string, maxAgeMs = PERSON_FRESH_MS): Promise<Person> {
    const known = await this.known(address);
    if (known !== undefined && this.#ports.clock.now() - known.fetchedAt < maxAgeMs) return known;
    const under = this.#finding.get(address);
    if (under !== undefined) return under;
    const finding = this.#fetch(address, known).finally(() => this.#finding.delete(address));
    this.#finding.set(address, finding);
    return finding;
  }

  async #fetch(address: string, known: Person | undefined): Promise<Person> {
    const { storage, trust, clock, counters, keyChanged } = this.#ports;
    const certificate = await storage.getCertificate(address);
    if (certificate === undefined) {
      if (known !== undefined) return known;
      throw new PostError('unknown-person', `nobody is called ${address}`);
    }
    const certified = await verifyIdentityCertificate(certificate, trust, clock.now());
    if (!certified.ok || certified.value.name !== address) {
      counters.refused(
        'accounts',
        certified.ok ? refuse('wrong-name', 'a certificate of another name') : certified,
      );
      throw new StorageError('unreachable', `no valid certificate of ${address} was found`);
    }
    const { signKey } = certified.value;
    const record = await storage.getRecord(signKey, IDENTITY_LABEL);
    const same = known !== undefined && equalBytes(identityKeyOf(known), signKey);
    if (record === undefined) {
      if (same) return known;
      throw new PostError('no-devices', `${address} has not opened a mailbox yet`);
    }
    const checked = await this.#check(record, signKey);
    if (!checked.ok) {
      counters.refused('accounts', checked);
      if (same) return known;
      throw new StorageError('unreachable', `no valid identity block of ${address} was found`);
    }
    if (same && checked.value.version < known.version) {
      counters.refused('accounts', refuse('rolled-back', `an old identity block of ${address}`));
      return known;
    }
    if (known !== undefined && !same) keyChanged(address);
    await this.#store.write([
      { type: 'put', key: personKey(address), value: personCodec.encode(checked.value) },
    ]);
    this.#cache(checked.value);
    return checked.value;
  }

  async #check(record: StoredRecord, writer: Bytes): Promise<Result<Person>> {
    const { trust, clock } = this.#ports;
    const { body, signature } = record;
    if (!equalBytes(body.writer, writer) || body.label !== IDENTITY_LABEL)
      return refuse('wrong-writer', 'an identity block of another writer');
    if (!(await verifyEd25519(writer, 'identity-record', body, signature)))
      return refuse('bad-signature', 'an identity block that its writer did not sign');
    const decoded = identityBlockCodec.decode(body.value);
    if (!decoded.ok) return decoded;
    const block = await verifyIdentityBlock(decoded.value, writer, trust, clock.now());
    if (!block.ok) return block;
    return ok({ v: 1, block: block.value, version: body.version, fetchedAt: clock.now() });
  }

  async #lookAfter(): Promise<number> {
    const merge = async (): Promise<void> => {
      for (let i = 0; i < MERGES_MAX; i++) if (await this.#mergeOwn()) return;
    };
    // Both to their end: a run that is tried again never meets itself.
    for (const done of await Promise.allSettled([this.#publishCertificate(), merge()]))
      if (done.status === 'rejected') throw done.reason;
    return ACCOUNT_EVERY_MS;
  }

  async #publishCertificate(): Promise<void> {
    if (this.#certificatePublished) return;
    const { storage, membership } = this.#ports;
    const { identityCertificate } = membership;
    const found = await storage.getCertificate(identityCertificate.body.name);
    if (found === undefined || found.body.serial < identityCertificate.body.serial)
      await storage.putCertificate(identityCertificate);
    this.#certificatePublished = true;
  }

  /** Reads the own block, puts this device and its prekeys in, writes it when that changed it. False after a conflict. */
  async #mergeOwn(): Promise<boolean> {
    const { storage, vault, clock, counters, keys, changed } = this.#ports;
    const record = await storage.getRecord(keys.identityKey, IDENTITY_LABEL);
    const checked = record && (await this.#check(record, keys.identityKey));
    if (checked?.ok === false) counters.refused('accounts', checked);
    const theirs = checked?.ok ? checked.value : undefined;
    const block = await this.#merged(theirs?.block);
    const version = Math.max(theirs?.version ?? 0, this.#own?.version ?? 0);
    // On disk before the ring sees it: a prekey that was made is never forgotten.
    await this.#saveOwn({ v: 1, block, version, fetchedAt: clock.now() });
    // What the other devices have is read while this one is being named.
    if (theirs !== undefined) changed(this.#own!);
    if (theirs === undefined || theirs.version < version || !sameBlock(theirs.block, block)) {
      const value = identityBlockCodec.encode(block);
      const body = {
        v: 1 as const,
        writer: keys.identityKey,
        label: IDENTITY_LABEL,
        version: version + 1,
        value,
        at: clock.now(),
      };
      const signature = await vault.sign('identity-record', body);
      try {
        await storage.putRecord({ body, signature });
      } catch (error) {
        if (error instanceof StorageError && error.code === 'conflict') return false;
        throw error;
      }
      await this.#saveOwn({ v: 1, block, version: version + 1, fetchedAt: clock.now() });
    }
    changed(this.#own!);
    return true;
  }

  async #merged(theirs: IdentityBlock | undefined): Promise<IdentityBlock> {
    const { vault, clock, membership } = this.#ports;
    const { deviceKey } = this.device.body;
    const removed = bounded(
      removedOf([
        ...(theirs?.removed ?? []),
        ...(this.#own?.block.removed ?? []),
        ...(this.#adopted.removed ?? []),
      ]),
    );
    const isRemoved = (key: Bytes): boolean => removed.some((one) => equalBytes(one.deviceKey, key));
    const mine = this.#own && deviceOf(this.#own.block, deviceKey);
    // Nobody should seal to a device that was removed: it publishes nothing of its own any more.
    const own = isRemoved(deviceKey)
      ? undefined
      : {
          certificate: this.device,
          prekeys: [...(await rotatePrekeys(vault, mine?.prekeys ?? [], clock.now())).prekeys],
        };
    const devices = new Map<string, IdentityDevice>();
    for (const { certificate } of this.#adopted.devices)
      devices.set(toHex(certificate.body.deviceKey), { certificate, prekeys: [] });
    for (const device of [...(this.#own?.block.devices ?? []), ...(theirs?.devices ?? [])])
      devices.set(toHex(device.certificate.body.deviceKey), device);
    if (own) devices.set(toHex(deviceKey), own);
    for (const one of removed) devices.delete(toHex(one.deviceKey));
    if (devices.size > DEVICES_MAX)
      throw new PostError('too-large', `More than ${DEVICES_MAX} devices cannot share one mailbox.`);
    return {
      v: 1,
      name: membership.identityCertificate.body.name,
      displayName: theirs?.displayName ?? this.#own?.block.displayName ?? membership.displayName,
      identityCertificate: membership.identityCertificate,
      devices: [...devices.values()],
      ...(removed.length > 0 ? { removed } : {}),
    };
  }

  async #saveOwn(own: Person): Promise<void> {
    await this.#store.write([{ type: 'put', key: OWN, value: personCodec.encode(own) }]);
    this.#own = own;
    this.#cache(own);
  }

  #cache(person: Person): void {
    if (this.#people.size >= PEOPLE_IN_MEMORY_MAX) this.#people.delete(this.#people.keys().next().value!);
    this.#people.set(person.block.name, person);
  }
}

/** Throws PostError `too-large`: a removed device's log is part of the mailbox as before, so none is ever left out. */
function bounded(removed: RemovedDevice[]): RemovedDevice[] {
  if (removed.length > REMOVED_DEVICES_MAX)
    throw new PostError('too-large', `More than ${REMOVED_DEVICES_MAX} devices cannot be removed.`);
  return removed;
}

const OWN = utf8('own');
const DEVICE = utf8('device');

function personKey(address: string): Bytes {
  return utf8(`person/${address}`);
}

async function openDevice(ports: AccountsPorts, store: KeyValueStore): Promise<DeviceCertificate> {
  const { vault, keys, nodeId, deviceLabel, clock } = ports;
  const stored = await store.get(DEVICE);
  const decoded = stored && deviceCodec.decode(stored);
  if (decoded?.ok) {
    const { body } = decoded.value.certificate;
    if (equalBytes(body.nodeId, nodeId) && equalBytes(body.deviceKey, keys.deviceKey))
      return decoded.value.certificate;
  }
  const body = {
    v: 1 as const,
    identityKey: keys.identityKey,
    deviceKey: keys.deviceKey,
    nodeId,
    label: deviceLabel.slice(0, 64),
    createdAt: clock.now(),
  };
  const certificate = { body, signature: await vault.sign('device-certificate', body) };
  await store.write([{ type: 'put', key: DEVICE, value: deviceCodec.encode({ v: 1, certificate }) }]);
  return certificate;
}
