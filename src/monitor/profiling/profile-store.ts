import { lstat, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { freeDiskBytes } from '../../core/disk-space.js';
import { HotpathError } from '../../core/errors.js';
import { openProfileDirectory } from './profile-directory.js';
import { type ProfileFile, parseProfileFile, profileFileName, profileStamp } from './profile-file.js';
import type { ResolvedProfileOptions } from './profile-options.js';

/** A profile in its folder. */
export interface StoredProfile {
  readonly file: string;
  readonly path: string;
  readonly bytes: number;
  /** All profiles that are in the folder now. */
  readonly present: ReadonlySet<string>;
}

interface FoundFile extends ProfileFile {
  readonly bytes: number;
}

type Bounds = Pick<ResolvedProfileOptions, 'directory' | 'maxFiles' | 'maxBytes' | 'maxDurationMs'>;

/** A profile takes at most a tenth of what is free, so that it is never what fills a disk. */
const FREE_TIMES = 10;
/** Assumed of a profile that is yet to be taken. */
const USUAL_BYTES = 2 ** 20;
/** A file that was begun longer ago than any profile takes, or is to be begun that much later, is what a dead process left. */
const LONGEST_WRITE_MS = 600_000;

/**
 * The folder of the profiles, within its bounds. Only files that have a name of ours are counted and deleted, oldest first. Processes
 * may share a folder: when two write at once, it can be over its bounds by a file until the next one.
 */
export class ProfileStore {
  readonly #bounds: Bounds;
  readonly #freeBytes: (directory: string) => Promise<number>;

  /** @param freeBytes - space left on the disk of a folder; default: what the file system says */
  constructor(bounds: Bounds, freeBytes: (directory: string) => Promise<number> = freeDiskBytes) {
    this.#bounds = bounds;
    this.#freeBytes = freeBytes;
  }

  /** Says before the work is done that its result could not be kept. @throws HotpathError like {@link write} */
  async prepare(): Promise<void> {
    await this.#checkSpace(await openProfileDirectory(this.#bounds.directory), USUAL_BYTES);
  }

  /**
   * Writes a file that is there as a whole or not at all, for its owner only.
   *
   * @throws HotpathError codes `PROFILE_DIRECTORY`, `PROFILE_TOO_LARGE`, `NO_DISK_SPACE`
   */
  async write(kind: 'cpu' | 'heap', startedAt: number, text: string): Promise<StoredProfile> {
    const bytes = Buffer.byteLength(text);
    const { maxBytes } = this.#bounds;
    if (bytes > maxBytes) {
      const message = `a profile of ${bytes} bytes is not kept: profiles.maxBytes is ${maxBytes}`;
      throw new HotpathError(message, { code: 'PROFILE_TOO_LARGE' });
    }
    const directory = await openProfileDirectory(this.#bounds.directory);
    const present = await this.#makeRoom(directory, bytes, startedAt);
    await this.#checkSpace(directory, bytes);
    const maker = isMainThread ? `${process.pid}` : `${process.pid}w${threadId}`;
    const file = profileFileName(kind, startedAt, maker, present);
    const path = join(directory, file);
    await writeWhole(path, text);
    present.add(file);
    return { file, path, bytes, present };
  }

  /** Deletes the oldest files until there is room for one more. Returns the names that are left. */
  async #makeRoom(directory: string, bytes: number, now: number): Promise<Set<string>> {
    const { maxFiles, maxBytes, maxDurationMs } = this.#bounds;
    const takesMs = maxDurationMs + LONGEST_WRITE_MS;
    const [first, last] = [profileStamp(now - takesMs), profileStamp(now + takesMs)];
    const kept: FoundFile[] = [];
    for (const file of await findProfiles(directory)) {
      if (file.isPartial && (file.stamp < first || file.stamp > last))
        await rm(join(directory, file.name), { force: true });
      else kept.push(file);
    }
    const present = new Set(kept.map(({ name }) => name));
    let total = kept.reduce((sum, file) => sum + file.bytes, bytes);
    for (const oldest of kept.filter(({ isPartial }) => !isPartial)) {
      if (present.size < maxFiles && total <= maxBytes) break;
      await rm(join(directory, oldest.name), { force: true });
      present.delete(oldest.name);
      total -= oldest.bytes;
    }
    return present;
  }

  async #checkSpace(directory: string, bytes: number): Promise<void> {
    const free = await this.#freeBytes(directory);
    if (free >= FREE_TIMES * bytes) return;
    const message = `no profile is written to ${directory}: ${free} bytes are free there, and a profile of ${bytes} bytes takes at most a tenth`;
    throw new HotpathError(message, { code: 'NO_DISK_SPACE' });
  }
}

/** Our files, oldest first. */
async function findProfiles(directory: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const file = entry.isFile() ? parseProfileFile(entry.name) : undefined;
    if (!file) continue;
    const stats = await lstat(join(directory, file.name)).catch(goneIsNothing);
    if (stats) found.push({ ...file, bytes: stats.size });
  }
  return found.sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
}

/** Another process may have made room meanwhile. */
function goneIsNothing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.tmp`;
  try {
    // `x` neither overwrites nor follows what somebody else has put there.
    await writeFile(partial, text, { flag: 'wx', mode: 0o600 });
    await rename(partial, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(partial, { force: true });
    throw error;
  }
}
