/** The virtual clock and the seeded random of tests and simulation. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';

describe('VirtualClock', () => {
  it('runs timers by time, then by the order in which they were set, those set meanwhile too', () => {
    const clock = new VirtualClock(1000);
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(`${name}@${clock.now()}`);
    clock.after(20, note('c'));
    clock.after(10, note('a'));
    clock.after(10, note('b'));
    clock.after(15, () => clock.after(1, note('nested')));
    clock.after(31, note('late'));
    clock.advance(30);
    expect(ran).toEqual(['a@1010', 'b@1010', 'nested@1016', 'c@1020']);
    expect(clock.now()).toBe(1030);
    expect(clock.nextAt()).toBe(1031);
  });

  it('keeps the order of many timers and leaves out the cancelled ones', () => {
    const clock = new VirtualClock(0);
    const random = new SeededRandom(7);
    const ran: number[] = [];
    for (let i = 0; i < 500; i++) {
      const delayMs = random.below(1000);
      const cancel = clock.after(delayMs, () => void ran.push(delayMs));
      if (i % 3 === 0) cancel();
    }
    clock.advance(1000);
    expect(ran).toHaveLength(333);
    expect(ran).toEqual([...ran].sort((a, b) => a - b));
    expect(clock.nextAt()).toBeUndefined();
  });

  it('lets promises go on between timers', async () => {
    const clock = new VirtualClock(0);
    const ran: number[] = [];
    const loop = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await new Promise<void>((resolve) => clock.after(10, resolve));
        ran.push(clock.now());
      }
    };
    const done = loop();
    await clock.advanceAsync(30);
    await done;
    expect(ran).toEqual([10, 20, 30]);
  });
});

describe('SeededRandom', () => {
  it('repeats itself from a seed and differs between seeds', () => {
    const bytes = (seed: number | string) => [...new SeededRandom(seed).bytes(37)];
    expect(bytes(1)).toEqual(bytes(1));
    expect(bytes(1)).not.toEqual(bytes(2));
    expect(bytes('node-1')).not.toEqual(bytes('node-2'));
  });

  it('spreads its bytes evenly', () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of new SeededRandom(42).bytes(256 * 1000)) counts[byte]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 255 degrees of freedom: mean 255, deviation 22.6.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(5 * 22.6);
  });
});

describe('the system', () => {
  it('gives more random bytes than one request may ask for', () => {
    const bytes = systemRandom.bytes(200_000);
    expect(bytes).toHaveLength(200_000);
    expect(bytes.subarray(-64).some((byte) => byte !== 0)).toBe(true);
  });

  it('runs a timer, unless it was cancelled, and does not run a far one at once', async () => {
    const ran: string[] = [];
    systemClock.after(2 ** 40, () => void ran.push('far'))();
    const cancelFar = systemClock.after(2 ** 40, () => void ran.push('far'));
    systemClock.after(0, () => void ran.push('cancelled'))();
    await new Promise<void>((resolve) => systemClock.after(1, resolve));
    cancelFar();
    expect(ran).toEqual([]);
  });
});
