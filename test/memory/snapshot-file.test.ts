import { existsSync, readdirSync, writeFileSync as writeFileAt } from 'node:fs';
import { access, chown, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeSnapshot } from '../../src/memory/snapshot.js';
import { ManualClock } from '../manual-clock.js';
import { machine } from './snapshot-machine.js';

const NAME = /^heap-2023-11-14T22-13-20-000Z-\d+(?:w\d+)?(?:-\d+)?\.heapsnapshot$/;

let base: string;
let directory: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'hotpath-snapshot-'));
  directory = join(base, 'snapshots');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const left = (): Promise<string[]> => readdir(directory).catch(() => []);

describe('a file that is being written', () => {
  /** No process has it: above the highest that Linux gives. */
  const NOBODY = 2 ** 22 + 1;
  const HOUR_MS = 3_600_000;
  const NOW = 1_700_000_000_000;
  const partial = (pid: number | string): string => `heap-2023-11-14T21-00-00-000Z-${pid}.heapsnapshot.tmp`;
  const plant = async (name: string, ageMs: number): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(join(directory, name), 'half');
    await utimes(join(directory, name), (NOW - ageMs) / 1_000, (NOW - ageMs) / 1_000);
  };

  it.each([
    ['by another thread of the process', process.pid],
    ['by a worker of the process', `${process.pid}w9-2`],
    ['by another process', process.ppid],
  ])('%s keeps others out of the folder until it is there', async (_, pid) => {
    await plant(partial(pid), 0);
    const refused = takeSnapshot({ directory }, machine({}));
    const where = { message: expect.stringMatching(`snapshots .${partial(pid)}.: wait for its end`) };
    await expect(refused).rejects.toMatchObject({ code: 'SNAPSHOT_RUNNING', ...where });
    expect(await left()).toEqual([partial(pid)]);
    await rm(join(directory, partial(pid)));
    await takeSnapshot({ directory }, machine({}));
  });

  it('is seen when it comes while ours is laid down: two that begin at once do not pass', async () => {
    const clock = new ManualClock(NOW);
    const now = clock.now.bind(clock);
    clock.now = () => {
      const isOursThere = existsSync(directory) && readdirSync(directory).some((name) => name.endsWith('.tmp'));
      if (isOursThere) writeFileAt(join(directory, partial(process.ppid)), '');
      return now();
    };
    const refused = takeSnapshot({ directory }, { ...machine({}), clock });
    await expect(refused).rejects.toMatchObject({ code: 'SNAPSHOT_RUNNING' });
    expect(await left()).toEqual([partial(process.ppid)]);
  });

  it.each([
    ['whose process has died', NOBODY, 0],
    ['of an earlier process of the same id', process.pid, 1_000 * Math.ceil(process.uptime() + 60)],
    ['which nobody has touched for an hour', process.ppid, HOUR_MS + 1_000],
  ])('%s is deleted by the next snapshot', async (_, pid, ageMs) => {
    await plant(partial(pid), ageMs);
    await takeSnapshot({ directory }, machine({}));
    expect(await left()).toEqual([expect.stringMatching(NAME)]);
  });

  it('is told from files of others, which are left alone', async () => {
    const dead = `heap-2023-11-14T21-00-00-000Z-${NOBODY}`;
    const others = [
      `${dead}.heapsnapshot`,
      `${dead}.heapprofile.tmp`,
      `${dead}.heapsnapshot.tmp.gz`,
      `my-${dead}.heapsnapshot.tmp`,
      `heap-${NOBODY}.heapsnapshot.tmp`,
    ];
    for (const name of others) await plant(name, 2 * HOUR_MS);
    await takeSnapshot({ directory }, machine({}));
    expect(await left()).toHaveLength(others.length + 1);
    expect(await left()).toEqual(expect.arrayContaining(others));
  });

  it('is left alone, and not waited for, where it is of another user', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('only root can give a file away');
    await plant(partial(process.ppid), 0);
    await plant(partial(NOBODY), 0);
    for (const name of await left()) await chown(join(directory, name), 65_534, 65_534);
    await takeSnapshot({ directory }, machine({}));
    expect(await left()).toEqual(expect.arrayContaining([partial(process.ppid), partial(NOBODY)]));
  });

  it('never follows a link that stands in its place', async () => {
    const { path } = await takeSnapshot({ directory }, machine({}));
    await rm(path);
    await symlink(join(base, 'elsewhere'), `${path}.tmp`);
    expect((await takeSnapshot({ directory }, machine({}))).path).not.toBe(path);
    await expect(access(join(base, 'elsewhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
