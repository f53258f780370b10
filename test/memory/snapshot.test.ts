import { writeFileSync as writeFileAt } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeSnapshot } from '../../src/memory/snapshot.js';
import { largeObjectBytes } from '../../src/memory/snapshot-room.js';
import { ManualClock } from '../manual-clock.js';
import { group, type Machine, machine } from './snapshot-machine.js';

const MB = 2 ** 20;
const NAME = /^heap-2023-11-14T22-13-20-000Z-\d+(?:w\d+)?(?:-\d+)?\.heapsnapshot$/;

let base: string;
let directory: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'hotpath-snapshot-'));
  directory = join(base, 'snapshots');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const left = (): Promise<string[]> => readdir(directory).catch(() => []);

describe('a snapshot is refused', () => {
  it.each<[string, Machine, RegExp]>([
    [
      'below the limit of the option',
      { maxBytes: 1_731 * MB },
      /heap of 100 Mb, 0 Mb of it .* 1532 Mb of memory, .*1531 Mb .* 1731 Mb \(option/,
    ],
    [
      'when a part of the heap is in long lists, whose slots take most',
      { large: 10, maxBytes: 3_081 * MB },
      /10 Mb of it in large objects, may take 2882 Mb of memory, and 2881 Mb are left/,
    ],
    ['when all of the heap is', { large: 101 }, /100 Mb of it in large objects, may take 15032 Mb/],
    ['below what the machine has in all', { total: 300 }, /100 Mb are left of the limit of 300 Mb \(total\)/],
    [
      'when others use the machine',
      { files: { '/proc/meminfo': 'MemFree: 1 kB\nMemAvailable:   102400 kB\n' } },
      /100 Mb are left of what the machine has/,
    ],
    [
      'when others use the control group',
      { files: group({ limit: 1_000, used: 900 }) },
      /100 Mb are left of the limit of 1000 Mb \(cgroup-v2\)/,
    ],
    [
      'when a part of the process is counted to another control group',
      { files: group({ limit: 1_000, used: 100 }), rss: 950 },
      /50 Mb are left of the limit of 1000 Mb \(cgroup-v2\)/,
    ],
    ['when more is used than allowed', { maxBytes: 100 * MB }, /and 0 Mb are left/],
    ['when the disk is full', { free: 449 }, /its file may take 450 Mb, and 449 Mb are free in .*snapshots/],
  ])('%s', async (_, given, message) => {
    const refused = takeSnapshot({ directory }, machine(given));
    await expect(refused).rejects.toMatchObject({ code: 'NO_ROOM', message: expect.stringMatching(message) });
    expect(await left()).toEqual([]);
  });

  it('while another one is under way, and not after it', async () => {
    let goOn = (): void => {};
    const free = new Promise<number>((resolve) => {
      goOn = () => resolve(1_000 * MB);
    });
    const first = takeSnapshot({ directory }, { ...machine({}), freeBytes: () => free });
    await expect(takeSnapshot({ directory }, machine({}))).rejects.toMatchObject({ code: 'SNAPSHOT_RUNNING' });
    goOn();
    await first;
    await takeSnapshot({ directory }, machine({}));
    expect(await left()).toHaveLength(2);
  });

  it('into a folder that somebody else may have laid out', async () => {
    await mkdir(join(base, 'elsewhere'));
    await symlink(join(base, 'elsewhere'), directory);
    await expect(takeSnapshot({ directory }, machine({}))).rejects.toMatchObject({ code: 'SNAPSHOT_DIRECTORY' });
    expect(await readdir(join(base, 'elsewhere'))).toEqual([]);
  });

  it.each([[{ directory: '' }], [{ folder: '/tmp' }], [{ skipMemoryCheck: 1 }], [undefined]])(
    'with options %j',
    async (options) => {
      await expect(takeSnapshot(options as object, machine({}))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    },
  );

  it('when it was given up before it began', async () => {
    const gone = AbortSignal.abort(new Error('given up'));
    await expect(takeSnapshot({ directory, signal: gone }, machine({}))).rejects.toThrow('given up');
    const later = new AbortController();
    const giveUp = async (): Promise<number> => {
      later.abort(new Error('too late'));
      return 1_000 * MB;
    };
    const parts = { ...machine({}), freeBytes: giveUp };
    await expect(takeSnapshot({ directory, signal: later.signal }, parts)).rejects.toThrow('too late');
    expect(await left()).toEqual([]);
  });
});

describe('a snapshot on disk', () => {
  it('is there as a whole, for its owner only, in a folder for its owner only', async () => {
    const clock = new ManualClock(1_700_000_000_000);
    let mode = 0;
    const write = (path: string): void => {
      expect(path).toMatch(/\.heapsnapshot\.tmp$/);
      writeFileAt(path, 'whole');
      clock.advance(1_500);
    };
    const { path, bytes, ms } = await takeSnapshot({ directory }, { ...machine({ write }), clock });
    mode = (await stat(path)).mode & 0o777;
    expect({ bytes, ms, mode }).toEqual({ bytes: 5, ms: 1_500, mode: 0o600 });
    expect(dirname(path)).toBe(directory);
    expect(await left()).toEqual([expect.stringMatching(NAME)]);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('is not there when writing fails', async () => {
    const write = (path: string): void => {
      writeFileAt(path, 'half');
      throw new Error('disk full');
    };
    await expect(takeSnapshot({ directory }, machine({ write }))).rejects.toThrow('disk full');
    expect(await left()).toEqual([]);
    await takeSnapshot({ directory }, machine({}));
  });

  it('never takes the place of another file', async () => {
    const { path } = await takeSnapshot({ directory }, machine({}));
    await writeFile(path, 'the first');
    await takeSnapshot({ directory }, machine({}));
    expect(await readFile(path, 'utf8')).toBe('the first');
    expect(await left()).toHaveLength(2);
  });

  it('is taken where memory may not suffice, but not without disk, when the check is skipped', async () => {
    const options = { directory, skipMemoryCheck: true };
    await takeSnapshot(options, machine({ maxBytes: 1 }));
    await expect(takeSnapshot(options, machine({ free: 449 }))).rejects.toMatchObject({ code: 'NO_ROOM' });
    expect(await left()).toHaveLength(1);
  });

  it('is taken with just enough of memory and disk', async () => {
    await takeSnapshot({ directory }, machine({ maxBytes: 1_732 * MB, free: 450 }));
    await takeSnapshot({ directory }, machine({ large: 10, maxBytes: 3_082 * MB }));
    expect(await left()).toHaveLength(2);
  });
});

it('long lists are large objects, and short ones are not', () => {
  const before = largeObjectBytes();
  const kept: unknown[] = Array.from({ length: 1_000 }, () => new Array(1_000).fill({}));
  expect(largeObjectBytes() - before).toBeLessThan(4 * MB);
  kept.push(new Array(4 * MB).fill({}));
  expect(largeObjectBytes() - before).toBeGreaterThan(28 * MB);
  expect(kept).toHaveLength(1_001);
});
