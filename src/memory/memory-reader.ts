import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { heapLimitBytes } from '../core/heap-limit.js';
import { type LimitReader, systemLimitReader } from '../core/resource-limits.js';
import { type CollectionListener, observeCollections } from './collections.js';

/** The heap of this thread, in bytes. */
export interface HeapFigures {
  /** Objects, dead ones that were not collected yet included. */
  readonly usedBytes: number;
  /** Memory that the heap holds, used or free: what is free of it is filled before the process grows. */
  readonly committedBytes: number;
  /** The largest old generation that V8 will make: there it ends the process. */
  readonly limitBytes: number;
  /** Outside of the heap and held by its objects: array buffers, buffers, native parts. */
  readonly externalBytes: number;
}

/** Where memory is read. */
export interface MemoryReader {
  /** Half a microsecond. */
  heap(): HeapFigures;
  /** The heap without its young generation: right after a major collection, what is alive. A microsecond. */
  oldGenerationBytes(): number;
  /** Bytes of the process in memory. 6 to 30 microseconds: it asks the system. */
  rss(): number;
  readonly limits: LimitReader;
  /** Tells of each garbage collection of this thread, soon after it. Returns the end of it. */
  watchCollections(listener: CollectionListener): () => void;
}

/** The figures of this process and thread. */
export function systemMemoryReader(): MemoryReader {
  return {
    heap: () => {
      const { used_heap_size, total_physical_size, external_memory } = getHeapStatistics();
      return {
        usedBytes: used_heap_size,
        committedBytes: total_physical_size,
        limitBytes: heapLimitBytes(),
        externalBytes: external_memory,
      };
    },
    oldGenerationBytes: () => {
      let sum = 0;
      for (const { space_name, space_used_size } of getHeapSpaceStatistics()) {
        if (!space_name.startsWith('new_')) sum += space_used_size;
      }
      return sum;
    },
    rss: () => process.memoryUsage.rss(),
    limits: systemLimitReader(),
    watchCollections: observeCollections,
  };
}
