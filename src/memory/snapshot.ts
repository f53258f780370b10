import { access, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { isMainThread, threadId } from 'node:worker_threads';
import type { Clock } from '../core/clock.js';
import { freeDiskBytes } from '../core/disk-space.js';
import { HotpathError } from '../core/errors.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { text } from '../core/option-values.js';
import { openPrivateDirectory } from '../core/private-directory.js';
import type { MemoryReader } from './memory-reader.js';
import { checkDiskRoom, checkMemoryRoom } from './snapshot-room.js';

/** Where a snapshot goes. */
export interface SnapshotOptions {
  /**
   * Default: `hotpath-snapshots-<user id>` in the system's folder for temporary files. Made unless it is there, for its owner only. A symbolic
   * link, a folder of another user, or one that others may write to, is refused.
   */
  readonly directory?: string;
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
  /** Writes to a file that is there and empty. Default: V8. */
  readonly write?: (path: string) => void;
}

/** One at a time in the thread. */
let isRunning = false;

/**
 * Writes all that is in the heap to a file. It stops the thread, by seconds for every 100 Mb of heap: a service answers nothing meanwhile. The
 * file holds every string of the process, secrets and what users have sent with them: it is readable by its owner only.
 *
 * @throws InvalidOptionError; the signal's reason; HotpathError codes `NO_ROOM` where memory or disk do not suffice, `SNAPSHOT_RUNNING`,
 *   `SNAPSHOT_DIRECTORY`; the file system's own errors. Nothing is left on disk then.
 */
export async function takeSnapshot(options: SnapshotOptions, parts: SnapshotParts): Promise<Snapshot> {
  checkOptions('options', options);
  checkNames('', options, ['directory', 'signal']);
  const { directory, signal } = options;
  if (directory !== undefined) text('directory', directory);
  signal?.throwIfAborted();
  if (isRunning) {
    throw new HotpathError('a heap snapshot is under way in this thread: wait for its end', {
      code: 'SNAPSHOT_RUNNING',
    });
  }
  isRunning = true;
  try {
    return await take(directory, signal, parts);
  } finally {
    isRunning = false;
  }
}

async function take(
  given: string | undefined,
  signal: AbortSignal | undefined,
  { clock, reader, maxBytes, freeBytes = freeDiskBytes, write = writeHeapSnapshot }: SnapshotParts,
): Promise<Snapshot> {
  checkMemoryRoom(reader, maxBytes);
  const directory = await openPrivateDirectory(given ?? join(tmpdir(), defaultName()), {
    nothing: 'no heap snapshot',
    option: 'directory',
    code: 'SNAPSHOT_DIRECTORY',
  });
  checkDiskRoom(reader, directory, await freeBytes(directory));
  const path = await freePath(directory, clock.now());
  const partial = `${path}.tmp`;
  // `x` neither overwrites nor follows what somebody else has put there; V8 keeps the mode of what is there.
  await (await open(partial, 'wx', 0o600)).close();
  try {
    signal?.throwIfAborted();
    const startedAt = clock.now();
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

/** With the user's id, so that users of one machine do not meet. */
function defaultName(): string {
  return `hotpath-snapshots-${process.getuid?.() ?? 'user'}`;
}

async function freePath(directory: string, at: number): Promise<string> {
  const stamp = new Date(at).toISOString().replace(/[:.]/g, '-');
  const name = `heap-${stamp}-${process.pid}${isMainThread ? '' : `w${threadId}`}`;
  for (let n = 1; ; n++) {
    const path = join(directory, `${name}${n === 1 ? '' : `-${n}`}.heapsnapshot`);
    const isTaken = await access(path).then(
      () => true,
      () => false,
    );
    if (!isTaken) return path;
  }
}
