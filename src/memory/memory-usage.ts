import type { MemoryLimit } from '../core/resource-limits.js';
import type { MemoryLevel, MemorySignal } from './memory-level.js';

/** Use of memory at one time. Mb are 2^20 bytes. */
export interface MemoryUsage {
  /** Of the process, all its threads. */
  readonly rssMb: number;
  /** Of this thread's heap, with what was not collected yet. */
  readonly heapUsedMb: number;
  /** The largest old generation that V8 will make: `--max-old-space-size`. There it ends the process. */
  readonly heapLimitMb: number;
  /** Outside of the heap and held by its objects: buffers. */
  readonly externalMb: number;
  /** Memory that the process may take. */
  readonly limitMb: number;
  /** What the process may still take before it reaches one of the two limits, garbage counted as taken. */
  readonly availableMb: number;
  /** Of the limit that is nearest, 0 to 1 and above. Garbage that V8 is about to collect does not count, where collections are seen. */
  readonly fraction: number;
  /** Which one that is. */
  readonly signal: MemorySignal;
  readonly level: MemoryLevel;
  readonly limitSource: MemoryLimit['source'];
}

/** A look at memory, in bytes. */
export interface MemoryReading {
  readonly at: number;
  readonly heapUsedBytes: number;
  readonly heapCommittedBytes: number;
  readonly heapLimitBytes: number;
  /** Alive after the last major collection; absent while none was seen. */
  readonly heapLiveBytes?: number;
  readonly externalBytes: number;
  /** Freed buffers whose memory is still resident: the allocator keeps it for the next ones. */
  readonly freedBufferBytes?: number;
  /** Read, or estimated from the last reading and what heap and buffers have grown by since. */
  readonly rssBytes: number;
  /** Of the control group whose limit counts: other processes in it press on that limit too. */
  readonly workingSetBytes?: number;
  readonly limitBytes: number;
  readonly limitSource: MemoryLimit['source'];
}

/** Bytes in one Mb. */
export const MB: number = 2 ** 20;
