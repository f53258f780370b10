import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCheckpoint } from '../../../src/async/checkpoint/checkpoint.js';
import type { CheckpointState } from '../../../src/async/checkpoint/checkpoint-store.js';
import { fileCheckpointStore } from '../../../src/async/checkpoint/file-checkpoint-store.js';
import { processIdentity } from '../../../src/async/checkpoint/process-identity.js';

const DIGEST = 'd'.repeat(64);
const STATE: CheckpointState = { source: 'v1', watermark: 3, digest: DIGEST, ahead: [[5, 'five']] };

let folder: string;
let path: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
beforeEach(() => {
  path = join(folder, `job-${count++}.checkpoint`);
});
afterAll(() => rm(folder, { recursive: true }));

/** A store as a process that was killed leaves it: nobody's, with what was appended. */
async function begun(owner?: string): Promise<void> {
  const header = { hotpath: 'checkpoint', version: 1, owner, source: 'v1', watermark: 3, digest: DIGEST };
  await writeFile(path, `${JSON.stringify(header)}\n[5,"five"]\n`);
}

async function loaded(): Promise<CheckpointState | undefined> {
  const store = fileCheckpointStore(path);
  try {
    return await store.load();
  } finally {
    await store.close();
  }
}

describe('a checkpoint in a file', () => {
  it('is not there before the first save, and then holds what was saved and appended', async () => {
    const store = fileCheckpointStore(path);
    expect(await store.load()).toBeUndefined();
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await store.save(STATE);
    await store.append([
      [7, 'seven'],
      [3, 'line\nbreak "quoted" \u2028 \ud800 ü'],
    ]);
    await store.append([[4, 'four']]);
    await store.close();
    expect(await loaded()).toEqual({
      ...STATE,
      ahead: [
        [5, 'five'],
        [7, 'seven'],
        [3, 'line\nbreak "quoted" \u2028 \ud800 ü'],
        [4, 'four'],
      ],
    });
  });

  it('is replaced by a save, whatever it held', async () => {
    const store = fileCheckpointStore(path, { sync: true });
    await store.load();
    await store.save(STATE);
    await store.append([[7, 'seven']]);
    const next: CheckpointState = { source: undefined, watermark: 9, digest: DIGEST, ahead: [] };
    await store.save(next);
    await store.append([[9, 'nine']]);
    await store.close();
    expect(await loaded()).toEqual({ ...next, ahead: [[9, 'nine']] });
    expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThan(5);
  });

  it('may be opened again after it was closed, by the same store too', async () => {
    const store = fileCheckpointStore(path);
    await store.load();
    await store.save(STATE);
    await store.close();
    await store.close();
    expect(await store.load()).toEqual(STATE);
    await store.append([[8, 'eight']]);
    await store.close();
    expect(await loaded()).toMatchObject({
      ahead: [
        [5, 'five'],
        [8, 'eight'],
      ],
    });
  });

  it('leaves no file beside it, and clears away what a killed run left, and nothing else', async () => {
    await begun();
    const name = path.slice(folder.length + 1);
    const others = [`${name}.old.new`, `${name}.12345678`, `${name}2.12345678.new`];
    for (const other of [...others, `${name}.0a1b2c3d.new`]) await writeFile(join(folder, other), 'x');
    await loaded();
    const beside = (await readdir(folder)).filter((each) => each.startsWith(name)).sort();
    expect(beside).toEqual([name, ...others].sort());
  });

  it('is for its owner only to read', async () => {
    const store = fileCheckpointStore(path);
    await store.save(STATE);
    await store.close();
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('says where it cannot be', async () => {
    const store = fileCheckpointStore(join(folder, 'absent', 'job'));
    expect(await store.load()).toBeUndefined();
    await expect(store.save(STATE)).rejects.toThrow(/ENOENT.*absent/);
    await store.close();
    expect(() => fileCheckpointStore('')).toThrow(/path must be a string/);
    expect(() => fileCheckpointStore(path, { sync: 'yes' } as never)).toThrow(/options.sync must be true or false/);
    expect(() => fileCheckpointStore(path, { fsync: true } as never)).toThrow(/options.fsync must be absent/);
  });
});

describe('a file that was not written to its end', () => {
  it.each([
    ['half an entry', '[7,"sev'],
    ['an entry without its line end', '[7,"seven"]'],
    ['half an entry, and what another run wrote behind it', '[7,"se[8,"eight"]\n[9,"nine"]\n'],
    ['noughts of a lost page', '\0\0\0\0\n[9,"nine"]\n'],
    ['an entry of another shape', '[7]\n[9,"nine"]\n'],
  ])('counts up to %s', async (_, tail) => {
    await begun();
    await appendFile(path, tail);
    expect(await loaded()).toEqual(STATE);
    const store = fileCheckpointStore(path);
    await store.load();
    await store.append([[6, 'six']]);
    await store.close();
    expect(await loaded()).toMatchObject({
      ahead: [
        [5, 'five'],
        [6, 'six'],
      ],
    });
  });

  it('that is empty is a job that has not begun', async () => {
    await writeFile(path, '');
    expect(await loaded()).toBeUndefined();
  });
});

describe('a file that is no checkpoint', () => {
  it.each([
    ['text', 'a document\nand another\n'],
    ['other JSON', '{"id":1}\n{"id":2}\n'],
    ['an array', '[1,"a"]\n'],
    ['one line without an end', '{"hotpath":"checkpoint","version":1'],
    ['a checkpoint of a later version', '{"hotpath":"checkpoint","version":2}\n'],
  ])('is refused and left as it is: %s', async (_, content) => {
    await writeFile(path, content);
    await expect(loaded()).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
    await expect(loaded()).rejects.toThrow(path);
    expect(await readFile(path, 'utf8')).toBe(content);
  });
});

describe('two runs on one file', () => {
  const linux = process.platform === 'linux';

  it.runIf(linux)('the second is refused in the same process while the first has not ended', async () => {
    const first = fileCheckpointStore(path);
    await first.load();
    await first.save(STATE);
    await expect(fileCheckpointStore(path).load()).rejects.toThrow(/in use by another job of this process/);
    await expect(first.load()).rejects.toThrow(/in use by another job of this store/);
    await first.append([[6, 'six']]);
    await first.close();
    expect(await loaded()).toMatchObject({
      ahead: [
        [5, 'five'],
        [6, 'six'],
      ],
    });
  });

  it('a job that has ended holds nothing, though it could not say so in its file', async () => {
    const store = fileCheckpointStore(path);
    await store.load();
    await store.save(STATE);
    const content = await readFile(path, 'utf8');
    await store.close();
    await writeFile(path, content);
    expect(await loaded()).toEqual(STATE);
  });

  it('only one of two that begin at once on one store has it', async () => {
    const store = fileCheckpointStore(path);
    const loads = await Promise.allSettled([store.load(), store.load()]);
    expect(loads.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await store.close();
  });

  it('a job whose store is in use elsewhere does not end the other', async () => {
    const store = fileCheckpointStore(path);
    const options = { store, id: (item: string) => item };
    const first = await openCheckpoint(options, ['a', 'b']);
    await expect(openCheckpoint(options, ['a', 'b'])).rejects.toMatchObject({ code: 'CHECKPOINT_IN_USE' });
    for (const { index } of first.remaining(['a', 'b'])) await first.done(index);
    await first.finish();
    const third = await openCheckpoint(options, ['a', 'b']);
    expect(third.resumed).toBe(2);
    await third.finish();
  });

  it.runIf(linux)('the second is refused while the process of the first lives, and not once it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'inherit'] });
    await once(child, 'spawn');
    const owner = await processIdentity(child.pid);
    expect(owner).toBeDefined();
    await begun(`${owner}#1`);
    await expect(loaded()).rejects.toThrow(`in use by process ${child.pid}`);
    await expect(loaded()).rejects.toMatchObject({ code: 'CHECKPOINT_IN_USE' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await loaded()).toEqual(STATE);
  });

  it.runIf(linux)('a job that has ended leaves its file to other processes, though its own lives', async () => {
    const store = fileCheckpointStore(path);
    await store.load();
    await store.save(STATE);
    const parent = await processIdentity(process.ppid);
    // As if the parent had run the job: until it ends, and after it.
    const asParent = async () =>
      writeFile(path, (await readFile(path, 'utf8')).replace(/"owner":"[^#]*#/, `"owner":"${parent}#`));
    const running = await readFile(path, 'utf8');
    await store.close();
    await asParent();
    expect(await loaded()).toEqual(STATE);
    await writeFile(path, running);
    await asParent();
    await expect(loaded()).rejects.toThrow(`in use by process ${process.ppid}`);
  });

  it.runIf(linux)('a job that has ended leaves its file to others, though its last record was cut short', async () => {
    const store = fileCheckpointStore(path);
    await store.load();
    await store.save(STATE);
    await store.append([[6, 'six']]);
    const probe = await open(path);
    const handles = Object.getPrototypeOf(probe) as { appendFile: typeof probe.appendFile };
    await probe.close();
    const { appendFile: whole } = handles;
    const cut = vi.spyOn(handles, 'appendFile').mockImplementationOnce(async function (this: typeof probe, text) {
      await whole.call(this, (text as string).slice(0, 5));
      throw new Error('disk full');
    });
    await expect(store.append([[7, 'seven']])).rejects.toThrow('disk full');
    await store.close();
    cut.mockRestore();
    // As if another process had run the job that lives on.
    const parent = await processIdentity(process.ppid);
    const content = await readFile(path, 'utf8');
    await writeFile(path, content.replace(/"owner":"[^#]*#/, `"owner":"${parent}#`));
    expect(await loaded()).toMatchObject({
      ahead: [
        [5, 'five'],
        [6, 'six'],
      ],
    });
  });

  it.runIf(linux)('a process that only has the number of the first is not taken for it', async () => {
    const own = (await processIdentity())!;
    await begun(own.replace(/\d+$/, '1#1'));
    expect(await loaded()).toEqual(STATE);
    await begun(`${own.replace(/^[^:]+/, 'another-boot')}#1`);
    expect(await loaded()).toEqual(STATE);
    await begun('nonsense');
    expect(await loaded()).toEqual(STATE);
  });

  it('the first stops at its next record when a later one took the file over', async () => {
    const first = fileCheckpointStore(path);
    await first.load();
    await first.save(STATE);
    // As from another machine, where the first cannot be seen.
    const content = await readFile(path, 'utf8');
    await writeFile(path, content.replace(/"owner":"[^"]*"/, '"owner":"elsewhere:1:1#1"'));
    const second = fileCheckpointStore(path);
    expect(await second.load()).toEqual(STATE);
    await expect(first.append([[6, 'six']])).rejects.toMatchObject({ code: 'CHECKPOINT_IN_USE' });
    await expect(first.save(STATE)).rejects.toThrow(/in use by a run that began later/);
    await first.close();
    await second.append([[7, 'seven']]);
    await second.close();
    expect(await loaded()).toMatchObject({
      ahead: [
        [5, 'five'],
        [7, 'seven'],
      ],
    });
  });

  it('a run stops when its file was taken away', async () => {
    for (const takeAway of [() => rm(path), () => rename(path, `${path}.moved`)]) {
      const store = fileCheckpointStore(path);
      await store.load();
      await store.save(STATE);
      await takeAway();
      await expect(store.append([[6, 'six']])).rejects.toThrow(/the file was taken away/);
      await store.close();
    }
  });
});
