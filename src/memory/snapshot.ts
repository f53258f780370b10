import { rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import type { Clock } from '../core/clock.js';
import { freeDiskBytes } from '../core/disk-space.js';
import { HotpathError } from '../core/errors.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { flag, text } from '../core/option-values.js';
import { openPrivateDirectory } from '../core/private-directory.js';
import type { MemoryReader } from './memory-reader.js';
import { claimFile, otherSnapshot } from './snapshot-file.js';
import { checkDiskRoom, checkMemoryRoom, largeObjectBytes } from './snapshot-room.js';

/** Where a snapshot goes. */
export interface SnapshotOptions {
  /**
   * Default: `hotpath-snapshots-<user id>` in the system's folder for temporary files. Made unless it is there, for its owner only. Refused are a
   * symbolic link, a folder of another user, and one where others may delete our files: they may write to it, and it is not sticky. The folders above it
   * are not looked at. What a process has left there that died at a snapshot is deleted by the next one, so containers should not share
   * the folder: they do not see each other's processes. A folder in memory (tmpfs) takes the file from the memory of the container.
   */
  readonly directory?: string;
  /**
   * Takes it even where memory may not suffice, and the process may be killed. The check reserves for the worst: 32 Mb, 15 times the heap, and
   * 150 times what is in objects above 128 kB. Of these long lists and big maps take most of it, long strings nothing. For hosts that know what is in
   * their heap. The disk is checked all the same. @default false
   */
  readonly skipMemoryCheck?: boolean;
  /** Gives it up, as long as it has not begun: then nothing can stop it. */
  readonly signal?: AbortSignal;
}

/** A heap snapshot on disk. */
export interface Snapshot {
  /** `heap-2026-11-22T18-55-49-123Z-4711.heapsnapshot`: Chrome's developer tools open it. */
  readonly path: string;
  readonly bytes: number;
  /** How long the thread stood still. */
  readonly ms: number;
}

/** What a snapshot is taken with. */
export interface SnapshotParts {
  readonly clock: Clock;
  readonly reader: MemoryReader;
  /** Memory that the process may take, where an option says so. */
  readonly maxBytes?: number | undefined;
  /** Default: what the file system says. */
  readonly freeBytes?: (directory: string) => Promise<number>;
  /** Bytes of the heap in objects above 128 kB. Default: what V8 says. */
  readonly largeBytes?: () => number;
  /** Writes to a file that is there and empty. Default: V8. */
  readonly write?: (path: string) => void;
}

/** Before a file of it is there. */
let isRunning = false;

/**
 * Writes all that is in the heap to a file. It stops the thread, by seconds for every 100 Mb of heap: a service answers nothing meanwhile. The
 * file holds every string of the process, secrets and what users have sent with them: it is readable by its owner only.
 *
 * Meanwhile it takes many times the heap in memory (up to 15 times, lists of a million references 100 times), and most of that stays with the process
 * afterwards: levels may be high from then on, and another snapshot may be refused. One at a time in the thread, and among all threads and
 * processes that write to one folder; of two that begin at once both may be refused.
 *
 * @throws InvalidOptionError; the signal's reason; HotpathError codes `NO_ROOM` where memory or disk do not suffice, `SNAPSHOT_RUNNING`,
 *   `SNAPSHOT_DIRECTORY`; the file system's own errors. Nothing is left on disk then.
 */
export async function takeSnapshot(options: SnapshotOptions, parts: SnapshotParts): Promise<Snapshot> {
  checkOptions('options', options);
  checkNames('', options, ['directory', 'signal', 'skipMemoryCheck']);
  const { directory, signal, skipMemoryCheck = false } = options;
  if (directory !== undefined) text('directory', directory);
  flag('skipMemoryCheck', skipMemoryCheck);
  signal?.throwIfAborted();
  if (isRunning) throw running('in this thread');
  isRunning = true;
  try {
    const { reader, maxBytes, largeBytes = largeObjectBytes } = parts;
    if (!skipMemoryCheck) checkMemoryRoom(reader, largeBytes(), maxBytes);
    return await take(directory, signal, parts);
  } finally {
    isRunning = false;
  }
}

async function take(
  given: string | undefined,
  signal: AbortSignal | undefined,
  { clock, reader, freeBytes = freeDiskBytes, write = writeHeapSnapshot }: SnapshotParts,
): Promise<Snapshot> {
  const directory = await openPrivateDirectory(given ?? join(tmpdir(), defaultName()), {
    nothing: 'no heap snapshot',
    option: 'directory',
    code: 'SNAPSHOT_DIRECTORY',
  });
  checkDiskRoom(reader, directory, await freeBytes(directory));
  const file = await claimFile(directory, clock.now());
  const { path, partial } = file;
  try {
    // Not before our own file is there: of two that begin at once, one at least sees the other.
    const other = await otherSnapshot(directory, file, clock.now());
    if (other !== undefined) throw running(`in ${directory} (${other})`);
    signal?.throwIfAborted();
    const startedAt = clock.now();
    // V8 keeps the mode of what is there.
    write(partial);
    const ms = clock.now() - startedAt;
    const { size } = await stat(partial);
    await rename(partial, path);
    return { path, bytes: size, ms };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function running(where: string): HotpathError {
  return new HotpathError(`a heap snapshot is under way ${where}: wait for its end`, { code: 'SNAPSHOT_RUNNING' });
}

/** With the user's id, so that users of one machine do not meet. */
function defaultName(): string {
  return `hotpath-snapshots-${process.getuid?.() ?? 'user'}`;
}
