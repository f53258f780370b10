import type { MemoryReader } from './memory-reader.js';
import { MB } from './memory-usage.js';

/** Memory at one end of a call, in bytes. */
export interface CallReading {
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Absent where nobody wants it: it is dear. */
  readonly rssBytes: number | undefined;
}

/** Mb that were used after a call, and by how much that is more than before. */
export interface CallDifference {
  readonly heapMb: number;
  readonly externalMb: number;
  readonly rssMb?: number;
  readonly heapAfterMb: number;
  readonly externalAfterMb: number;
  readonly rssAfterMb?: number;
}

export function readForCall(reader: Pick<MemoryReader, 'heap' | 'rss'>, withRss: boolean): CallReading {
  const rssBytes = withRss ? reader.rss() : undefined;
  const { usedBytes, externalBytes } = reader.heap();
  return { heapBytes: usedBytes, externalBytes, rssBytes };
}

/** Bytes of heap and buffers together that are there after a call and were not before. */
export function grownBytes(before: CallReading, after: CallReading): number {
  return after.heapBytes - before.heapBytes + after.externalBytes - before.externalBytes;
}

export function differenceOf(before: CallReading, after: CallReading): CallDifference {
  return {
    heapMb: (after.heapBytes - before.heapBytes) / MB,
    externalMb: (after.externalBytes - before.externalBytes) / MB,
    heapAfterMb: after.heapBytes / MB,
    externalAfterMb: after.externalBytes / MB,
    ...(before.rssBytes !== undefined &&
      after.rssBytes !== undefined && {
        rssMb: (after.rssBytes - before.rssBytes) / MB,
        rssAfterMb: after.rssBytes / MB,
      }),
  };
}
