import { lstat, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';

/** A name of ours that is being written, and nothing that looks nearly like one: what matches may be deleted. */
const PARTIAL = /^heap-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-(\d+)(?:w\d+)?(?:-\d+)?\.heapsnapshot\.tmp$/;
/** No snapshot takes so long. Process ids come again, in containers at each start. */
const LONGEST_MS = 3_600_000;

/** A file that waits for its snapshot. While it is there, it is the lock of its folder. */
export interface ClaimedFile {
  /** Where the snapshot will be. */
  readonly path: string;
  /** Where it is written: there, empty, and for its owner only. */
  readonly partial: string;
}

/** Makes the file. It neither overwrites nor follows what is there. */
export async function claimFile(directory: string, at: number): Promise<ClaimedFile> {
  const stamp = new Date(at).toISOString().replace(/[:.]/g, '-');
  const name = `heap-${stamp}-${process.pid}${isMainThread ? '' : `w${threadId}`}`;
  for (let n = 1; ; n++) {
    const path = join(directory, `${name}${n === 1 ? '' : `-${n}`}.heapsnapshot`);
    const partial = `${path}.tmp`;
    if (!(await isThere(path)) && (await make(partial))) return { path, partial };
  }
}

/**
 * Deletes what processes have left in the folder that died at a snapshot.
 *
 * @returns the name of another file that is being written, by any thread of any process
 */
export async function otherSnapshot(directory: string, ours: ClaimedFile, now: number): Promise<string | undefined> {
  let running: string | undefined;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const pid = PARTIAL.exec(name)?.[1];
    if (pid === undefined || path === ours.partial) continue;
    const found = await lstat(path).catch(() => undefined);
    // No link or folder is ours, nor what somebody else has put into a folder that others may write to: not to be deleted, nor to be waited for.
    if (!found?.isFile() || found.uid !== (process.getuid?.() ?? found.uid)) continue;
    if (isLeft(Number(pid), now - found.mtimeMs)) await rm(path, { force: true });
    else running = name;
  }
  return running;
}

function isLeft(pid: number, ageMs: number): boolean {
  if (ageMs > LONGEST_MS || !isAlive(pid)) return true;
  return pid === process.pid && ageMs > process.uptime() * 1_000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** @returns false where something of the name is there */
async function make(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
