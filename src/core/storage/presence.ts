/**
 * Who of a ring's devices is open when: what a node that is always on and linked with everybody sees, a sample every 5 min. From
 * it the planner learns Kangasharju's p, by time of the week, for at night most copies are on devices that are closed.
 */
import * as v from 'valibot';
import { idText, type NodeId } from '../codec/id.ts';
import { NODE_CERTIFICATE_LIFE_MS } from '../codec/limits.ts';
import { codec, idSchema, listOf, timeSchema, whole } from '../codec/schema.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS_A_DAY = 24;
/** A sample is taken so often. */
export const SAMPLE_MS = 5 * 60_000;
/** Hours that are told apart: those of working days, then those of weekends, in universal time. */
export const SLOTS = 2 * HOURS_A_DAY;
/** Devices that are remembered; of more the one that was seen longest ago goes. */
export const PRESENT_DEVICES_MAX = 10_000;
/** A device that was not seen for the life of a certificate is gone for good: 30 days. */
export const GONE_MS = NODE_CERTIFICATE_LIFE_MS;
/** The first day teaches only which devices there are; hours count from then on. */
const WARM_UP_MS = DAY_MS;
/** It is a measurement after so long: 7 days, so that there was a weekend. */
export const MEASURED_MS = 7 * DAY_MS;
/** What was longer ago than so many samples fades: 14 days of a device, and of an hour some 4 weeks. */
const DEVICE_SAMPLES = (14 * DAY_MS) / SAMPLE_MS;
const HOUR_SAMPLES = (20 * HOUR_MS) / SAMPLE_MS;
/** Shares on disk are in parts of a million. */
const MILLION = 1_000_000;

const share = whole(MILLION);
const samples = whole(DEVICE_SAMPLES);

/** As kept on disk. */
export const presenceCodec = codec(
  'presence log',
  v.strictObject({
    v: v.literal(1),
    startedAt: timeSchema,
    sampledAt: timeSchema,
    /** The share of time that the observer itself was on. */
    self: v.strictObject({ share, samples }),
    slots: v.pipe(
      listOf(v.strictObject({ copies: share, devices: whole(), samples }), SLOTS),
      v.length(SLOTS),
    ),
    devices: listOf(
      v.strictObject({ nodeId: idSchema, firstAt: timeSchema, lastAt: timeSchema, share, samples }),
      PRESENT_DEVICES_MAX,
    ),
  }),
  2 * 1024 * 1024,
);
type StoredPresence = v.InferOutput<typeof presenceCodec.schema>;

/** A mean that forgets: of the first samples all count alike, later ones push out the older. */
interface Mean {
  value: number;
  samples: number;
}

interface Device extends Mean {
  readonly nodeId: NodeId;
  readonly firstAt: number;
  lastAt: number;
}

interface Slot {
  /** Share of the copies that is within reach. */
  readonly copies: Mean;
  readonly devices: Mean;
}

/** An hour of working days or of weekends. */
export interface HourOfPresence {
  /** 0 to 23, universal time. */
  readonly hour: number;
  readonly weekend: boolean;
  /** Devices that are open then. */
  readonly devices: number;
  /** Kangasharju's p then: the probability that whoever took a copy is open. */
  readonly p: number;
  /** How much of a week it is: 0 to 1. Hours that were never seen are left out. */
  readonly weight: number;
}

export interface RingPresence {
  /** Since when, and how much of that time the observer was on: 0 to 1. */
  readonly startedAt: number;
  readonly observed: number;
  /** Whether it went on for long enough to build on. */
  readonly isMeasured: boolean;
  /** Devices that were seen in the last 30 days, those that came in that time, and those open at the last sample. */
  readonly devices: number;
  readonly newDevices: number;
  readonly open: number;
  /** Mean share of time that a device is open, each device alike. */
  readonly meanShare: number;
  /** Devices that are open at least nine tenths, at least three tenths of the time, and less. */
  readonly nearlyAlways: number;
  readonly often: number;
  readonly seldom: number;
  readonly hours: readonly HourOfPresence[];
}

export class PresenceLog {
  #startedAt: number;
  #sampledAt: number;
  #open = 0;
  readonly #self: Mean;
  readonly #slots: readonly Slot[];
  readonly #devices: Map<string, Device>;

  /** `stored`: what `stored()` gave before. */
  constructor(now: number, stored?: StoredPresence) {
    this.#startedAt = stored?.startedAt ?? now;
    this.#sampledAt = stored?.sampledAt ?? now;
    this.#self = stored ? meanOf(stored.self) : { value: 1, samples: 0 };
    this.#slots = Array.from({ length: SLOTS }, (_, i) => {
      const slot = stored?.slots[i] ?? { copies: 0, devices: 0, samples: 0 };
      return {
        copies: { value: slot.copies / MILLION, samples: slot.samples },
        devices: { value: slot.devices / MILLION, samples: slot.samples },
      };
    });
    this.#devices = new Map(
      (stored?.devices ?? []).map(({ nodeId, firstAt, lastAt, ...mean }) => [
        idText(nodeId),
        { nodeId, firstAt, lastAt, ...meanOf(mean) },
      ]),
    );
  }

  /** These devices, each named once, are open now. Every SAMPLE_MS; a longer pause says that the observer itself was off. */
  sample(open: readonly NodeId[], now: number): void {
    this.#ownTime(now);
    const names = new Set(open.map(idText));
    for (const nodeId of open) this.#seen(nodeId, now);
    let [all, there] = [0, 0];
    for (const [name, device] of this.#devices) {
      if (device.lastAt < now - GONE_MS) {
        this.#devices.delete(name);
        continue;
      }
      const isOpen = names.has(name);
      count(device, isOpen ? 1 : 0, DEVICE_SAMPLES);
      all += device.value;
      if (isOpen) there += device.value;
    }
    this.#open = names.size;
    if (now < this.#startedAt + WARM_UP_MS || all === 0) return;
    const slot = this.#slots[slotOf(now)]!;
    // Who is open more often has taken more of the copies: each device counts by its share of time.
    count(slot.copies, there / all, HOUR_SAMPLES);
    count(slot.devices, names.size, HOUR_SAMPLES);
  }

  presence(now: number): RingPresence {
    const devices = [...this.#devices.values()];
    const atLeast = (least: number): number => devices.filter(({ value }) => value >= least).length;
    const [nearlyAlways, often] = [atLeast(0.9), atLeast(0.3)];
    return {
      startedAt: this.#startedAt,
      observed: this.#self.value,
      isMeasured: now >= this.#startedAt + MEASURED_MS && this.#slots.some(isSeen),
      devices: devices.length,
      newDevices: devices.filter(({ firstAt }) => firstAt > Math.max(this.#startedAt, now - GONE_MS)).length,
      open: this.#open,
      meanShare: devices.reduce((sum, { value }) => sum + value, 0) / Math.max(1, devices.length),
      nearlyAlways,
      often: often - nearlyAlways,
      seldom: devices.length - often,
      hours: this.#hours(),
    };
  }

  /** For the disk. */
  stored(): StoredPresence {
    return {
      v: 1,
      startedAt: this.#startedAt,
      sampledAt: this.#sampledAt,
      self: storedMean(this.#self),
      slots: this.#slots.map(({ copies, devices }) => ({
        copies: Math.round(copies.value * MILLION),
        devices: Math.round(devices.value * MILLION),
        samples: copies.samples,
      })),
      devices: [...this.#devices.values()].map(({ nodeId, firstAt, lastAt, ...mean }) => ({
        nodeId,
        firstAt,
        lastAt,
        ...storedMean(mean),
      })),
    };
  }

  /** What was missed since the last sample was not observed. A clock that goes back starts over from there. */
  #ownTime(now: number): void {
    const missed = Math.floor((now - this.#sampledAt) / SAMPLE_MS) - 1;
    for (let i = 0; i < Math.min(missed, DEVICE_SAMPLES); i++) count(this.#self, 0, DEVICE_SAMPLES);
    count(this.#self, 1, DEVICE_SAMPLES);
    this.#startedAt = Math.min(this.#startedAt, now);
    this.#sampledAt = now;
  }

  #seen(nodeId: NodeId, now: number): void {
    const known = this.#devices.get(idText(nodeId));
    if (known) known.lastAt = now;
    else {
      if (this.#devices.size >= PRESENT_DEVICES_MAX) this.#forgetOldest();
      this.#devices.set(idText(nodeId), { nodeId, firstAt: now, lastAt: now, value: 0, samples: 0 });
    }
  }

  #forgetOldest(): void {
    let oldest: Device | undefined;
    for (const device of this.#devices.values())
      if (oldest === undefined || device.lastAt < oldest.lastAt) oldest = device;
    if (oldest) this.#devices.delete(idText(oldest.nodeId));
  }

  #hours(): readonly HourOfPresence[] {
    return this.#slots.flatMap((slot, i): HourOfPresence[] => {
      if (!isSeen(slot)) return [];
      const weekend = i >= HOURS_A_DAY;
      const weight = (weekend ? 2 : 5) / (7 * HOURS_A_DAY);
      const { copies, devices } = slot;
      return [{ hour: i % HOURS_A_DAY, weekend, p: copies.value, devices: devices.value, weight }];
    });
  }
}

function count(mean: Mean, value: number, samplesMax: number): void {
  mean.samples = Math.min(samplesMax, mean.samples + 1);
  mean.value += (value - mean.value) / mean.samples;
}

function isSeen({ copies }: Slot): boolean {
  return copies.samples > 0;
}

function meanOf(stored: { readonly share: number; readonly samples: number }): Mean {
  return { value: stored.share / MILLION, samples: stored.samples };
}

function storedMean({ value, samples }: Mean): { share: number; samples: number } {
  return { share: Math.round(value * MILLION), samples };
}

function slotOf(now: number): number {
  // 1 January 1970 was a Thursday.
  const isWeekend = [0, 6].includes((Math.floor(now / DAY_MS) + 4) % 7);
  return Math.floor((now % DAY_MS) / HOUR_MS) + (isWeekend ? HOURS_A_DAY : 0);
}
