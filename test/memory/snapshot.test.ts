import { execFile } from 'node:child_process';
import { writeFileSync as writeFileAt } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SnapshotParts, takeSnapshot } from '../../src/memory/snapshot.js';
import { ManualClock } from '../manual-clock.js';

const MB = 2 ** 20;
const CHILD = fileURLToPath(new URL('./snapshot-child.ts', import.meta.url));
const NAME = /^heap-2023-11-14T22-13-20-000Z-\d+(?:w\d+)?(?:-\d+)?\.heapsnapshot$/;

interface Machine {
  readonly heap?: number;
  readonly rss?: number;
  readonly total?: number;
  readonly free?: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly maxBytes?: number;
  readonly write?: (path: string) => void;
}

function machine({ heap = 100, rss = 200, total = 4_000, free = 1_000, files = {}, ...rest }: Machine): SnapshotParts {
  return {
    clock: new ManualClock(1_700_000_000_000),
    reader: {
      heap: () => ({ usedBytes: heap * MB, committedBytes: heap * MB, limitBytes: 2_000 * MB, externalBytes: 0 }),
      oldGenerationBytes: () => heap * MB,
      rss: () => rss * MB,
      limits: {
        readFile: (path) => files[path],
        totalMemory: () => total * MB,
        constrainedMemory: () => undefined,
        parallelism: () => 1,
        heapLimit: () => 2_000 * MB,
      },
      watchCollections: () => () => {},
    },
    freeBytes: async () => free * MB,
    write: () => {},
    ...rest,
  };
}

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
      { maxBytes: 399 * MB },
      /200 Mb of memory, .* heap of 100 Mb, .*199 Mb .* 399 Mb \(option/,
    ],
    ['below what the machine has in all', { total: 300 }, /100 Mb are left of the limit of 300 Mb \(total\)/],
    [
      'when others use the machine',
      { files: { '/proc/meminfo': 'MemFree: 1 kB\nMemAvailable:   102400 kB\n' } },
      /100 Mb are left of what the machine has/,
    ],
    [
      'when others use the control group',
      {
        files: {
          '/sys/fs/cgroup/memory.max': `${1_000 * MB}`,
          '/sys/fs/cgroup/memory.current': `${900 * MB}`,
          '/sys/fs/cgroup/memory.stat': 'inactive_file 0\n',
        },
      },
      /100 Mb are left of the limit of 1000 Mb \(cgroup-v2\)/,
    ],
    ['when more is used than allowed', { maxBytes: 100 * MB }, /and 0 Mb are left/],
    ['when the disk is full', { free: 219 }, /its file takes about 220 Mb, and 219 Mb are free in .*snapshots/],
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

  it.each([[{ directory: '' }], [{ folder: '/tmp' }], [undefined]])('with options %j', async (options) => {
    await expect(takeSnapshot(options as object, machine({}))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

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

  it('holds the heap of a real process', async () => {
    // As one plain file: a compiler in the process would make its heap ten times as large.
    const outfile = join(base, 'child.mjs');
    await build({ entryPoints: [CHILD], outfile, bundle: true, platform: 'node', format: 'esm' });
    const { stdout } = await promisify(execFile)(process.execPath, [outfile, directory]);
    const { path, bytes } = JSON.parse(stdout) as { path: string; bytes: number };
    const content = await readFile(path);
    expect(content.length).toBe(bytes);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { nodes, strings } = JSON.parse(content.toString()) as { nodes: number[]; strings: string[] };
    expect(nodes.length).toBeGreaterThan(10_000);
    expect(strings).toContain('PlantedInTheHeap');
  }, 30_000);
});
