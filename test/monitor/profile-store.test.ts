import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faultOf } from '../../src/core/private-directory.js';
import { parseProfileFile, profileFileName } from '../../src/monitor/profiling/profile-file.js';
import { ProfileStore } from '../../src/monitor/profiling/profile-store.js';

const START = Date.UTC(2026, 10, 22, 18, 55, 49, 123);
const MINUTE = 60_000;

let base: string;
let directory: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'profile-store-'));
  directory = join(base, 'profiles');
});
afterEach(() => rm(base, { recursive: true, force: true }));

function storeOf(bounds: { maxFiles?: number; maxBytes?: number } = {}, freeBytes?: number): ProfileStore {
  const all = { directory, maxFiles: 3, maxBytes: 1_000, maxDurationMs: MINUTE, ...bounds };
  return freeBytes === undefined ? new ProfileStore(all) : new ProfileStore(all, async () => freeBytes);
}

async function left(): Promise<string[]> {
  return (await readdir(directory)).sort();
}

describe('a profile that is written', () => {
  it('has a name that says what it is, and is for its owner only', async () => {
    const stored = await storeOf().write('cpu', START, '{"é":1}');
    expect(stored.file).toBe(`cpu-2026-11-22T18-55-49-123Z-${process.pid}.cpuprofile`);
    expect(stored).toMatchObject({ path: join(directory, stored.file), bytes: 8, present: new Set([stored.file]) });
    expect(await readFile(stored.path, 'utf8')).toBe('{"é":1}');
    expect((await stat(stored.path)).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(await left()).toEqual([stored.file]);
  });

  it('overwrites none that began in the same millisecond', async () => {
    const store = storeOf();
    const first = await store.write('heap', START, 'one');
    const second = await store.write('heap', START, 'two');
    expect(second.file).toBe(`heap-2026-11-22T18-55-49-123Z-${process.pid}-2.heapprofile`);
    expect(await readFile(first.path, 'utf8')).toBe('one');
    expect(second.present).toEqual(new Set([first.file, second.file]));
  });
});

describe('the bounds of the folder', () => {
  it('hold by number: the oldest go, of either kind, whoever made them', async () => {
    const store = storeOf();
    const old = 'cpu-2026-11-21T18-55-49-123Z-1.cpuprofile';
    await store.prepare();
    await writeFile(join(directory, old), 'of another process');
    const files: string[] = [];
    for (const [i, kind] of (['heap', 'cpu', 'heap', 'cpu'] as const).entries()) {
      files.push((await store.write(kind, START + i, `${i}`)).file);
    }
    expect(await left()).toEqual(files.slice(1).sort());
  });

  it('hold by bytes', async () => {
    const store = storeOf({ maxFiles: 100 });
    const first = await store.write('cpu', START, 'x'.repeat(400));
    const second = await store.write('cpu', START + 1, 'x'.repeat(400));
    const third = await store.write('cpu', START + 2, 'x'.repeat(600));
    expect(await left()).toEqual([second.file, third.file]);
    expect(third.present.has(first.file)).toBe(false);
    await store.write('cpu', START + 3, 'x'.repeat(1_000));
    expect(await left()).toHaveLength(1);
  });

  it('refuse what would never fit, before anything is deleted for it', async () => {
    const store = storeOf();
    const { file } = await store.write('cpu', START, 'kept');
    await expect(store.write('cpu', START + 1, 'x'.repeat(1_001))).rejects.toMatchObject({ code: 'PROFILE_TOO_LARGE' });
    expect(await left()).toEqual([file]);
  });

  it('touch nothing that has no name of ours, and no folder or link that has', async () => {
    const store = storeOf({ maxFiles: 1 });
    await store.prepare();
    const others = [
      'notes.txt',
      'cpu-2026.cpuprofile',
      'CPU.20201122.185549.1.0.001.cpuprofile',
      'cpu-2020-11-22T18-55-49-123Z-1.heapprofile',
      'heap-2020-11-22T18-55-49-123Z-1.cpuprofile',
      'cpu-2020-11-22T18-55-49-123Z-1.cpuprofile.bak',
      'my-cpu-2020-11-22T18-55-49-123Z-1.cpuprofile',
      'my-heap-2020-11-22T18-55-49-123Z-1.heapprofile',
    ];
    for (const name of others) await writeFile(join(directory, name), 'x'.repeat(2_000));
    const link = 'cpu-2020-11-22T18-55-49-123Z-2.cpuprofile';
    const folder = 'cpu-2020-11-22T18-55-49-123Z-3.cpuprofile';
    await symlink(join(directory, 'notes.txt'), join(directory, link));
    await mkdir(join(directory, folder));
    await store.write('cpu', START, 'one');
    const { file } = await store.write('cpu', START + 1, 'two');
    expect(await left()).toEqual([...others, link, folder, file].sort());
  });

  it('count what is being written, and delete what a dead process left half written', async () => {
    const store = storeOf();
    await store.prepare();
    const writing = 'cpu-2026-11-22T18-50-00-000Z-1.cpuprofile.tmp';
    const dead = 'heap-2026-11-22T18-40-00-000Z-1.heapprofile.tmp';
    const ofNobody = 'cpu-9999-01-01T00-00-00-000Z-1.cpuprofile.tmp';
    for (const name of [writing, dead, ofNobody]) await writeFile(join(directory, name), 'half');
    const written: string[] = [];
    for (const i of [0, 1, 2]) written.push((await store.write('cpu', START + i, 'x')).file);
    expect(await left()).toEqual([writing, written[1], written[2]].sort());
  });
});

describe('the disk', () => {
  it('is not filled: a profile takes at most a tenth of what is free', async () => {
    await expect(storeOf({}, 999).write('cpu', START, 'x'.repeat(100))).rejects.toMatchObject({
      code: 'NO_DISK_SPACE',
    });
    expect(await left()).toEqual([]);
    await storeOf({}, 1_000).write('cpu', START, 'x'.repeat(100));
    expect(await left()).toHaveLength(1);
  });

  it('is looked at before the work is done', async () => {
    await expect(storeOf({}, 10 * 2 ** 20 - 1).prepare()).rejects.toThrow(
      `no profile is written to ${directory}: 10485759 bytes are free there, and a profile of 1048576 bytes`,
    );
    await storeOf({}, 10 * 2 ** 20).prepare();
  });
});

describe('the folder', () => {
  const refused = (message: string) =>
    expect.objectContaining({ code: 'PROFILE_DIRECTORY', message: expect.stringContaining(message) });

  it('is not a symbolic link, with or without a slash behind it', async () => {
    const real = join(base, 'real');
    await mkdir(real);
    await symlink(real, directory);
    await expect(storeOf().prepare()).rejects.toEqual(refused('it is a symbolic link'));
    const slashed = new ProfileStore({ directory: `${directory}/`, maxFiles: 1, maxBytes: 9, maxDurationMs: 1 });
    await expect(slashed.write('cpu', START, 'x')).rejects.toEqual(refused('it is a symbolic link'));
    expect(await readdir(real)).toEqual([]);
  });

  it('is not a file', async () => {
    await writeFile(directory, '');
    await expect(storeOf().prepare()).rejects.toEqual(refused('it could not be made'));
  });

  it.skipIf(process.platform === 'win32')('is not one in which everybody may delete', async () => {
    await mkdir(directory);
    await chmod(directory, 0o777);
    await expect(storeOf().prepare()).rejects.toEqual(refused('everybody may delete'));
    await chmod(directory, 0o1777);
    await storeOf().prepare();
  });

  it.skipIf(process.platform === 'win32')('is not one in which its group may delete', async () => {
    await mkdir(directory);
    await chmod(directory, 0o770);
    await expect(storeOf().prepare()).rejects.toEqual(refused('its group may delete'));
    await chmod(directory, 0o1770);
    await storeOf().prepare();
  });

  it('belongs to the user of the process', () => {
    const found = (uid: number, isLink = false) => ({ uid, mode: 0o40700, isSymbolicLink: () => isLink });
    expect(faultOf(found(1000), 1000)).toBeUndefined();
    expect(faultOf(found(1001), 1000)).toBe('it belongs to another user');
    expect(faultOf(found(1001), 0)).toBe('it belongs to another user');
    // Windows has no user ids.
    expect(faultOf(found(0), undefined)).toBeUndefined();
    expect(faultOf(found(0, true), undefined)).toBe('it is a symbolic link');
  });
});

it('every name that is made is one that is recognised', () => {
  const taken = new Set<string>();
  for (const maker of ['1', '4711w2']) {
    for (const kind of ['cpu', 'heap', 'cpu', 'heap'] as const) {
      const name = profileFileName(kind, START, maker, taken);
      expect(taken).not.toContain(name);
      taken.add(name);
      expect(parseProfileFile(name)).toEqual({ name, stamp: '2026-11-22T18-55-49-123Z', isPartial: false });
      expect(parseProfileFile(`${name}.tmp`)).toMatchObject({ isPartial: true });
      expect(name).toMatch(/^[\w.-]+$/);
    }
  }
});
