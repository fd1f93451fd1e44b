/** The person's devices for user interfaces: which there are, renaming this one, removing another one. */
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { sentence } from './sentences.ts';
import { MAILBOX_LABEL, removedAt } from '../identity/identity-block.ts';
import type { PublicKeys } from '../identity/vault.ts';
import type { Mail } from '../mail/mail.ts';
import type { Accounts } from '../post/accounts.ts';
import { mapBounded } from '../post/bounded.ts';
import { StorageError, type Storage } from '../storage/storage.ts';
import { ClientError, type DeviceView } from './client.ts';
import type { Expulsions } from './expulsions.ts';

/** The own identity block is read again at most so often because somebody looks at the devices. */
const LOOK_MS = 4_000;
/** How long a list waits for when its devices were last seen. */
const SEEN_MS = 2_000;
const READS_AT_ONCE = 4;

export interface DeviceDeskPorts {
  readonly accounts: Accounts;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly keys: PublicKeys;
  /** Whether there is a ring beyond this node. */
  readonly connected: () => boolean;
  readonly mail: Pick<Mail, 'refresh' | 'logs'>;
  readonly expulsions: Pick<Expulsions, 'add'>;
}

export class DeviceDesk {
  readonly #ports: DeviceDeskPorts;
  /** By hexadecimal device key. */
  readonly #seen = new Map<string, number>();
  #lookedAt = -Infinity;

  constructor(ports: DeviceDeskPorts) {
    this.#ports = ports;
  }

  /** Oldest first; a device that was removed finds itself there with the date. Others may have come since: asked for in the background. */
  async list(): Promise<readonly DeviceView[]> {
    const { accounts, clock, connected } = this.#ports;
    const { deviceKey } = accounts.device.body;
    if (connected() && clock.now() >= this.#lookedAt + LOOK_MS) {
      this.#lookedAt = clock.now();
      accounts.hurry();
      await Promise.race([this.#look(), new Promise<void>((resolve) => void clock.after(SEEN_MS, resolve))]);
    }
    const block = accounts.own?.block;
    const present = block?.devices.map(({ certificate }) => certificate) ?? [];
    const selfIsThere = present.some(({ body }) => equalBytes(body.deviceKey, deviceKey));
    return [...present, ...(selfIsThere ? [] : [accounts.device])]
      .map(({ body }): DeviceView => {
        const id = toHex(body.deviceKey);
        return {
          id,
          label: body.label,
          since: body.createdAt,
          lastSeen: this.#seen.get(id),
          self: equalBytes(body.deviceKey, deviceKey),
          removedAt: block && removedAt(block, body.deviceKey),
        };
      })
      .sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
  }

  /** Rejects with ClientError `unreachable`. */
  rename(label: string): Promise<void> {
    const name = label.trim();
    if (name === '') return Promise.reject(new ClientError('failed', sentence('device/no-name')));
    return reached(this.#ports.accounts.rename(name));
  }

  /**
   * `id`: as in the list. Its log counts up to what the ring has of it now. Rejects with ClientError `failed` for this device;
   * `unreachable`: then all is noted on this disk, and happens when the ring is back.
   */
  async remove(id: string): Promise<void> {
    const { accounts, keys, expulsions, mail } = this.#ports;
    const found = accounts.own?.block.devices.find(
      ({ certificate }) => toHex(certificate.body.deviceKey) === id,
    );
    if (!found) return;
    const { deviceKey, nodeId, label } = found.certificate.body;
    if (equalBytes(deviceKey, keys.deviceKey)) throw new ClientError('failed', sentence('device/itself'));
    await this.#readLogs();
    await expulsions.add(nodeId, label);
    await reached(accounts.removeDevice(deviceKey, mail.logs.endOf(deviceKey)));
  }

  /** So that what a removed device wrote last is not left out. Without the ring, what is known here has to do. */
  async #readLogs(): Promise<void> {
    const { mail, connected, counters } = this.#ports;
    if (!connected()) return;
    try {
      await mail.refresh();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      counters.add(`devices.waited-${error.code}`);
    }
  }

  /** A device was last seen when the head of its log was written. */
  async #look(): Promise<void> {
    const { accounts, storage, counters } = this.#ports;
    const keys: readonly Bytes[] =
      accounts.own?.block.devices.map(({ certificate }) => certificate.body.deviceKey) ?? [];
    await mapBounded(keys, READS_AT_ONCE, async (key) => {
      try {
        const head = await storage.getRecord(key, MAILBOX_LABEL);
        if (head) this.#seen.set(toHex(key), head.body.at);
      } catch (error) {
        // The list is shown without the date.
        if (!(error instanceof StorageError)) throw error;
        counters.add(`devices.waited-${error.code}`);
      }
    });
  }
}

async function reached(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new ClientError('unreachable', sentence('device/noted'));
  }
}
