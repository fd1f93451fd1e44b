/** Room on the relay's file system: never believed longer than it can have lasted. */
import { describe, expect, it } from 'vitest';
import { DiskRoom, RESERVE_BYTES } from '../../../src/adapters/level/disk-room.ts';

const GIB = 1024 ** 3;

interface Disk {
  free: number;
  looks: number;
  now: number;
}

/** Free bytes below 0: the file system does not tell. */
function diskOf(free: number): { readonly room: DiskRoom; readonly disk: Disk } {
  const disk: Disk = { free, looks: 0, now: 10_000 };
  const look = (): Promise<number> => {
    disk.looks++;
    return disk.free < 0 ? Promise.reject(new Error('no file system')) : Promise.resolve(disk.free);
  };
  return { room: new DiskRoom(look, { now: () => disk.now }), disk };
}

describe('room on the disk', () => {
  it('ends at the reserve', async () => {
    const { room } = diskOf(RESERVE_BYTES + 1000);
    await room.require(1000);
    await expect(room.require(1001)).rejects.toMatchObject({ name: 'StoreError', code: 'full' });
  });

  it('is looked up for each batch where it may be short', async () => {
    const { room, disk } = diskOf(3 * GIB);
    await room.require(1000);
    disk.free = RESERVE_BYTES;
    await expect(room.require(1000)).rejects.toMatchObject({ code: 'full' });
    disk.free = 3 * GIB;
    await room.require(1000);
    expect(disk.looks).toBe(3);
  });

  it.each([1_000, -1])(
    'is looked up no more for a moment where there is plenty: %i ms later it is',
    async (ms) => {
      const { room, disk } = diskOf(5 * GIB);
      for (let i = 0; i < 10; i++) await room.require(GIB);
      expect(disk.looks).toBe(1);
      disk.now += ms;
      disk.free = 0;
      await expect(room.require(1)).rejects.toMatchObject({ code: 'full' });
      expect(disk.looks).toBe(2);
    },
  );

  it('is asked for again after the file system did not tell', async () => {
    const { room, disk } = diskOf(-1);
    await expect(room.require(1)).rejects.toThrow('no file system');
    disk.free = GIB;
    await room.require(1);
  });
});
